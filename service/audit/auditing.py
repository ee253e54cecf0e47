"""An audit: the tests are run beside the right module, then beside others, and what passes is told.

What no call of the tests can tell is known from the calls themselves, and is not run.
"""

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import numpy

from gradgrade.problems.audits.audited import Audited
from gradgrade.problems.audits.pasted import tests_of
from gradgrade.problems.audits.reasons import faint_reason, reason_of
from gradgrade.problems.audits.recorded import Calls, grouped, told
from gradgrade.problems.audits.variants import RIGHT, Variant
from gradgrade.service.audit.link import Answering, Desk, Session
from gradgrade.service.audit.report import Audit, Kind, Refused, Survivor, Uncovered
from gradgrade.service.audit.running import Command, Ended, run

RUNS_OF_UNSEEDED = 3
"""How often a variant is run where the tests draw their inputs anew."""

MOST_REASONED = 40
"""Stacks of calls that are looked through for the reason why they do not tell a mistake."""

PYTESTS_CODES = frozenset({0, 1})
"""pytest has run the tests, and some may have failed."""

NO_TESTS = 5

Progress = Callable[[Iterable[Any], str, int | None], Iterable[Any]]


class CannotAudit(ValueError):
    """There is nothing to go by: the right module is never asked, or refused everywhere."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Beside:
    """What the tests do beside the right module.

    Args:
        calls: all that they have called it with.
        runs: how they ended.
        left_out: the tests that failed.
        is_seeded: whether they had the same inputs both times.
    """

    calls: Sequence[Calls]
    runs: Sequence[Ended]
    left_out: tuple[str, ...]
    is_seeded: bool

    @property
    def session(self) -> Session:
        """What the first run has told."""
        return self.runs[0].session

    def never_called(self, audited: Audited) -> tuple[str, ...]:
        """Return the functions and methods of the script that no test calls."""
        called = {each.call.shown for each in self.calls}
        return tuple(dict.fromkeys(e.shown for e in audited.calls if e.shown not in called))


class Auditing:
    """An audit under way.

    Args:
        audited: the exercise.
        command: how the tests are run.
        desk: who answers the modules that stand in.
        runs: how often each variant is run; None: once, or more often where inputs are drawn anew.
        jobs: how many runs go on at once.
    """

    def __init__(
        self, audited: Audited, command: Command, desk: Desk, *, runs: int | None, jobs: int
    ) -> None:
        self.audited = audited
        self.command = command
        self.desk = desk
        self.runs = runs
        self.jobs = jobs
        self._numbers = count(1)
        self._is_over = Event()

    def run(
        self,
        variant: Variant,
        *,
        left_out: tuple[str, ...] = (),
        records: bool = False,
        stops_at_first: bool = False,
    ) -> Ended:
        """Run the tests once beside a variant."""
        ended = run(
            self.command,
            self.desk,
            Session(variant=variant, left_out=left_out, records=records),
            name=f"run-{next(self._numbers)}",
            is_over=self._is_over,
            stops_at_first=stops_at_first,
        )
        if ended.session.fault:
            raise RuntimeError(ended.session.fault)
        return ended

    def end(self) -> None:
        """End every run that is under way."""
        self._is_over.set()

    def beside_right(self) -> Beside:
        """Run the tests beside the right module.

        Raises:
            CannotAudit: there is nothing to go by.
        """
        first = self.run(RIGHT, records=True)
        self._check(first)
        failed = first.failed_tests
        if failed:
            # What tests that are left out have called tells nothing of the others.
            first = self.run(RIGHT, left_out=failed, records=True)
        others = [
            self.run(RIGHT, left_out=failed, records=True)
            for _ in range(max(1, (self.runs or 1) - 1))
        ]
        for each in (first, *others):
            self._check(each)
        # In any order: tests may run in several processes.
        keys = [Counter(e.key for e in ended.session.recorded) for ended in (first, *others)]
        is_seeded = all(each == keys[0] for each in keys)
        counted = [first] if is_seeded else [first, *others]
        recorded = [one for each in counted for one in each.session.recorded]
        distinct = {each.key: (each.number, each.given) for each in recorded}
        later = (name for each in (first, *others) for name in each.failed_tests)
        return Beside(
            calls=tuple(grouped(self.audited, list(distinct.values()))),
            runs=(first, *others),
            left_out=tuple(dict.fromkeys((*failed, *later))),
            is_seeded=is_seeded,
        )

    def _check(self, ended: Ended) -> None:
        session, module = ended.session, self.command.module
        if ended.code is None:
            raise CannotAudit(f"the tests take over {self.command.timeout:g} s: write --timeout")
        shown = f"; it printed:\n{ended.output}" if ended.output.strip() else ""
        if not session.is_imported:
            raise CannotAudit(
                f"the tests never import {module}: write --module with the dotted name that they "
                f"import it by{shown}"
            )
        if not session.answered and not session.outcomes and ended.code != 0:
            raise CannotAudit(f"the tests fail before they call {module}{shown}")
        if not session.answered:
            reasons = "; ".join(f"{name}: {why}" for name, why in session.uncovered)
            why = f" as the exercise has it ({reasons})" if reasons else ""
            raise CannotAudit(f"the tests never call {module}{why}")
        if session.is_pytest:
            passed = [name for name, each in session.outcomes.items() if each == "passed"]
            if ended.code not in PYTESTS_CODES or not passed:
                raise CannotAudit(f"the tests refuse the right module everywhere{shown}")
        elif ended.code != 0:
            raise CannotAudit(f"the tests refuse the right module{shown}")

    def passes(self, variant: Variant, beside: Beside) -> "Passed":
        """Run the tests beside a variant, until it is known whether they let it pass."""
        most = self.runs or (1 if beside.is_seeded else RUNS_OF_UNSEEDED)
        ended = []
        for _ in range(most):
            ended.append(
                self.run(variant, left_out=beside.left_out, stops_at_first=variant.is_mistaken)
            )
            if ended[-1].passed == variant.is_mistaken:
                break
        return Passed(ended)


@dataclass(frozen=True, eq=False)
class Passed:
    """The runs beside a variant; the last one says whether it passes at all."""

    runs: Sequence[Ended]

    @property
    def last(self) -> Ended:
        """The last run."""
        return self.runs[-1]


def audit(
    audited: Audited,
    command: Command,
    *,
    standin: Path | None = None,
    mistakes: Sequence[str] = (),
    honest: bool | None = None,
    runs: int | None = None,
    jobs: int = 2,
    progress: Progress = lambda items, *_: items,
) -> Audit:
    """Audit tests.

    Args:
        audited: the exercise, with its calls.
        command: how the tests are run.
        standin: a file that stands in where the script is not enough.
        mistakes: the codes of those that are tried; all where there is none.
        honest: whether right variants are tried too; None: where all mistakes are.
        runs: how often each variant is run.
        jobs: how many runs go on at once.
        progress: is told of what passes.

    Raises:
        CannotAudit: there is nothing to go by.
        CommandNotFound: the command cannot be started.
    """
    began = time.monotonic()
    text = None if standin is None else {"path": str(standin), "text": standin.read_text("utf-8")}
    with tempfile.TemporaryDirectory(prefix="gradgrade-audit-") as folder:
        answering = Answering(audited, text)
        with Desk(answering, Path(folder) / "socket") as desk:
            auditing = Auditing(audited, command, desk, runs=runs, jobs=jobs)
            beside = auditing.beside_right()
            mistaken = [e for e in audited.mistaken if not mistakes or e.code in mistakes]
            is_whole = not mistakes if honest is None else honest
            right = list(audited.variants.honest()) if is_whole else []
            return _audited(auditing, beside, mistaken, right, began=began, progress=progress)


def _audited(
    auditing: Auditing,
    beside: Beside,
    mistaken: Sequence[Variant],
    honest: Sequence[Variant],
    *,
    began: float,
    progress: Progress,
) -> Audit:
    audited = auditing.audited
    looked = {each: _Looked(audited, beside, each) for each in mistaken}
    found = {each: one for each, one in looked.items() if one.is_of_module}
    mistaken = list(found)
    to_run = [*honest, *(each for each in mistaken if found[each].is_run)]
    passed = _passed(auditing, beside, to_run, progress)
    surviving = [each for each in mistaken if found[each].survives(passed.get(each))]
    tests, telling = tests_of(audited, surviving, module=auditing.command.module)
    session = beside.session
    return Audit(
        exercise=audited.exercise.name,
        module=auditing.command.module,
        tests=len(session.outcomes) if session.is_pytest else None,
        left_out=beside.left_out,
        calls=session.answered,
        never_called=beside.never_called(audited),
        uncovered=tuple(
            Uncovered(called=name, reason=reason, times=times)
            for (name, reason), times in session.uncovered.items()
        ),
        is_seeded=beside.is_seeded,
        mistakes=len(mistaken),
        honest=sum(each.family == "honest" for each in honest),
        survivors=tuple(
            found[each].survivor(passed.get(each), telling.get(each.title, ""))
            for each in surviving
        ),
        refused=tuple(
            _refused(beside, each, passed[each]) for each in honest if not passed[each].last.passed
        ),
        pasted=tests,
        seconds=time.monotonic() - began,
    )


def _passed(
    auditing: Auditing, beside: Beside, to_run: Sequence[Variant], progress: Progress
) -> dict[Variant, Passed]:
    with ThreadPoolExecutor(auditing.jobs) as pool:
        running = pool.map(lambda each: (each, auditing.passes(each, beside)), to_run)
        try:
            return dict(progress(running, "variants", len(to_run)))
        finally:
            # The pool waits for what is under way, where this is interrupted or a run fails.
            auditing.end()


class _Looked:
    """What is known of a mistake before it is run."""

    def __init__(self, audited: Audited, beside: Beside, variant: Variant) -> None:
        self.audited = audited
        self.beside = beside
        self.variant = variant
        self.changed = audited.changed_by(variant)
        numbers = set(self.changed) or {each.number for each in audited.calls}
        self.makers = [each for each in audited.calls if each.number in numbers]
        self.calls = [each for each in beside.calls if each.call.number in numbers]
        self.told = {} if variant.state else told(self.calls, variant)

    @property
    def is_of_module(self) -> bool:
        """Whether the module makes it: what puts its pieces together is the script."""
        shown = {each.shown for each in self.makers}
        return bool(self.calls) or shown.isdisjoint(e.call.shown for e in self.beside.calls)

    @property
    def is_run(self) -> bool:
        """Whether a run can tell it."""
        return bool(self.calls) and bool(self.told or self.variant.state)

    def survives(self, passed: Passed | None) -> bool:
        """Whether the tests let it pass."""
        return passed is None or passed.last.passed

    def survivor(self, passed: Passed | None, test: str) -> Survivor:
        """Return what is told of it."""
        kind, reason, said, remedy = self._why(passed)
        answers = self.told or {name: 0.0 for each in self.changed.values() for name in each}
        return Survivor(
            code=self.variant.code,
            title=self.variant.title,
            family=self.variant.family,
            kind=kind,
            called=tuple(dict.fromkeys(each.shown for each in self.makers)),
            answers=tuple(answers),
            reason=reason,
            said=said,
            remedy=remedy,
            bands=max(self.told.values()) if self.told else None,
            test=test,
        )

    def _why(self, passed: Passed | None) -> tuple[Kind, str, str, str]:
        shown = " and ".join(dict.fromkeys(each.shown for each in self.makers))
        if not self.calls:
            return "never_called", "", f"no test calls {shown}", f"write a test that calls {shown}"
        if passed is None:
            reason = reason_of(self.calls[:MOST_REASONED], self.variant)
            return "not_told", reason.code, reason.said, reason.remedy
        if self.variant.state:
            return self._why_of_state(passed)
        if len(passed.runs) > 1:
            said = f"the tests let it pass in one of {len(passed.runs)} runs"
            return "by_chance", "", said, "seed the inputs, or write some that tell it every time"
        faint = faint_reason(self.calls[:MOST_REASONED], tuple(self.told))
        if faint is not None:
            return "not_told", faint.code, faint.said, faint.remedy
        off = max(self.told.values())
        answers = " and ".join(self.told)
        how = "of another shape" if numpy.isinf(off) else f"off by {off:.0e} bands"
        return (
            "told_and_accepted",
            "",
            f"{answers}: {how}, and compared too loosely, or not at all",
            f"compare every entry of {answers} with the right one, to 1e-12 of the largest",
        )

    def _why_of_state(self, passed: Passed) -> tuple[Kind, str, str, str]:
        if not passed.last.session.bit:
            return (
                "not_told",
                "called_once",
                "no call depends on one before it",
                "call the same function or object twice, with other inputs, and look at the second",
            )
        if self.variant.state == "in_place":
            remedy = "compare the inputs with a copy made before the call"
            return "told_and_accepted", "", "nothing is looked at that it changes", remedy
        return (
            "told_and_accepted",
            "",
            "what the second call answers is compared too loosely, or not at all",
            "compare what a second call with other inputs answers",
        )


def _refused(beside: Beside, variant: Variant, passed: Passed) -> Refused:
    share, band = 0.0, 0.0
    for calls in beside.calls:
        answers = variant.answers(calls.known, calls.targets)
        for name, right in calls.right.items():
            largest = float(numpy.abs(right).max()) or 1.0
            apart = numpy.abs(numpy.asarray(answers[name], dtype=float) - right).max()
            share = max(share, float(apart) / largest)
            finite = numpy.where(numpy.isfinite(calls.bands[name]), calls.bands[name], 0.0)
            band = max(band, float(finite.max()) / largest)
    if variant.family == "note":
        remedy = "the exercise asks for float64; say so to students, or write precision"
    else:
        remedy = f"allow for {band:.0e} of the largest entry at least"
    return Refused(
        code=variant.code,
        title=variant.title,
        is_counted=variant.family == "honest",
        share=share,
        band=band,
        tests=passed.last.failed_tests,
        remedy=remedy,
    )


def default_jobs() -> int:
    """Return how many runs go on at once: as many as there are processors for."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
