"""Running what a student hands in on variants of an exercise, in a sandbox, from outside of it.

The process in the sandbox gets exercises and returns numbers. It never gets an expected value:
those are worked out here, from the exercise, when an `Execution` is graded.
"""

import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from math import prod
from pathlib import Path
from typing import Any, Literal, get_args

import numpy

from gradgrade.problems import DocumentError, Exercise
from gradgrade.problems.documents import strict_json
from gradgrade.problems.documents.structures.code import CodeInterface
from gradgrade.problems.scripts import names
from gradgrade.problems.scripts.statements import read_script
from gradgrade.service.code_grading.errors import SandboxUnavailable
from gradgrade.service.code_grading.hand_in.hand_in import HandIn
from gradgrade.service.code_grading.hand_in.reading import NONE, read_hand_in
from gradgrade.service.code_grading.sandbox import replies
from gradgrade.service.code_grading.sandbox.interpreter import NUMPY, TORCH, with_needs
from gradgrade.service.code_grading.sandbox.limits import Limits
from gradgrade.service.code_grading.sandbox.link import LONGEST_NOTICE, Link, Stopped
from gradgrade.service.code_grading.sandbox.outcome import Execution, Failure, Finding
from gradgrade.service.code_grading.sandbox.sandbox import Bubblewrap, Sandbox, Started
from gradgrade.service.code_grading.sandbox.single_sample import cut_to_one_sample

Shape = Literal["solve", "functions", "layers", "torch"]
SHAPES: tuple[Shape, ...] = get_args(Shape)

START_SECONDS = 30.0
GRACE_SECONDS = 2.0
"""Beyond a variant's own time, in which the sandbox should have told that it is over."""

SHORT_ANSWER, BYTES_AN_ENTRY = 1 << 16, 128
"""What an answer may be long: generous to wrong shapes, and no work to read for nothing."""

TORCH_ADDRESS_SPACE = 8 << 30
"""Address space that torch takes up without using it."""
SAME = 1e-9
"""Of the largest entry: below it lie the roundings of sums in another order."""

LONGEST_REASON = 300

_FORBIDDEN = ("setting up uid map", "RTM_NEWADDR", "Creating new namespace failed")


def run(
    student_file: Path | str,
    exercises: Iterable[Exercise],
    *,
    limits: Limits | None = None,
    sandbox: Sandbox | None = None,
    shape: Shape | None = None,
    code: CodeInterface | None = None,
    course_files: Mapping[str, bytes] = NONE,
) -> Generator[Execution, None, None]:
    """Run what a student hands in on exercises, one after another, in one start of a sandbox.

    Args:
        student_file: the file, folder, zip archive or notebook.
        exercises: the variants.
        limits: what it may use up.
        sandbox: bubblewrap's, unless said otherwise.
        shape: how the file must answer; None takes the first shape that it has. Torch is there for
            `torch` alone.
        code: how the file is used, where the exercises have scripts; no shape is looked for.
        course_files: the course's own, by path, laid beside what is handed in; they win.

    Returns:
        What each variant gave, in their order, as soon as it is there. A program that can be asked
        nothing more fails the rest as `not_run`.

    Raises:
        OSError: the file cannot be read.
        CodeGradingError: it is too much, unsafe or has no one main file; or a package of the
            course's is not installed here.
        SandboxUnavailable: there is no working sandbox; nothing was run.
    """
    main, packages = (None, []) if code is None else (code.main, code.packages)
    hand_in = read_hand_in(student_file, main=main, course_files=course_files)
    # Who grades asks for torch, and never what was handed in: it may have eight times the memory.
    shown = (*NUMPY, *with_needs(packages), *(TORCH if shape == "torch" else ()))
    return _executions(
        hand_in, shown, exercises, limits or Limits(), sandbox or Bubblewrap(), shape, code
    )


def _executions(
    hand_in: HandIn,
    packages: tuple[str, ...],
    exercises: Iterable[Exercise],
    limits: Limits,
    sandbox: Sandbox,
    shape: Shape | None,
    code: CodeInterface | None,
) -> Generator[Execution, None, None]:
    with (
        sandbox.start(hand_in, packages, limits) as started,
        closing(Link(started, limits)) as link,
    ):
        program = _Program(link, limits, packages, sandbox.is_confined)
        flooded = program.start(started, hand_in, shape, code)
        yield from program.executions(exercises, flooded)


@dataclass(frozen=True, slots=True)
class _Program:
    """A student's program in a running sandbox, with the scripts that it was used by."""

    link: Link
    limits: Limits
    packages: tuple[str, ...]
    is_confined: bool
    scripts: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)

    def start(
        self, started: Started, hand_in: HandIn, shape: Shape | None, code: CodeInterface | None
    ) -> Failure | None:
        """Start the sandbox's own program, before it imports the student's.

        Returns:
            None, or that output came without end: only the student's program has so much, which
            is imported as soon as all has started.

        Raises:
            SandboxUnavailable: it does not start.
        """
        limits = asdict(self.limits)
        if "torch" in self.packages:
            limits["memory_bytes"] += TORCH_ADDRESS_SPACE
        begin = {
            "submission": {
                "top": started.top,
                "main": hand_in.main,
                "files": len(hand_in.files),
                "course_files": list(hand_in.course_files),
            },
            "user": started.user,
            "is_confined": self.is_confined,
            "shape": shape,
            "is_scripted": code is not None,
            "limits": limits,
        }
        try:
            self.link.ask(strict_json.dumps(begin).encode(), seconds=START_SECONDS)
        except Stopped as stopped:
            if stopped.failure.kind == "output_flood":
                return replace(stopped.failure, is_of_loading=True)
            _, told = self.link.printed()
            raise SandboxUnavailable(_why(told) or str(stopped)) from None
        return None

    def executions(
        self, exercises: Iterable[Exercise], failure: Failure | None
    ) -> Iterator[Execution]:
        """Import the student's module and run it on exercises, unless it has failed already."""
        end = time.monotonic() + self.limits.total_seconds
        failure, timeouts = failure or self._loaded(), 0
        for index, exercise in enumerate(exercises):
            if failure is None and time.monotonic() > end:
                failure = _not_run(f"all {self.limits.total_seconds:g} s are used up")
            if failure is not None:
                yield self._execution(exercise, failures=(failure,))
                continue
            execution, is_usable = self._one(exercise, is_first=index == 0)
            yield execution
            timeouts += any(each.kind == "timeout" for each in execution.failures)
            if not is_usable:
                failure = _not_run("the program was stopped at an earlier variant")
            elif timeouts >= self.limits.most_timeouts:
                failure = _not_run(f"{timeouts} earlier variants took too long")

    def _loaded(self) -> Failure | None:
        """Return why the student's module cannot be asked at all."""
        try:
            reply = self.link.receive(seconds=self.limits.import_seconds)
            failure = next(iter(replies.failures_in(reply)), None)
        except Stopped as stopped:
            failure = stopped.failure
        return None if failure is None else replace(failure, is_of_loading=True)

    def _one(self, exercise: Exercise, *, is_first: bool) -> tuple[Execution, bool]:
        """Run one variant; tell too whether the program can be asked again."""
        try:
            reply = self._asked(exercise)
            execution = self._execution(
                exercise,
                failures=replies.failures_in(reply),
                answers=replies.answers_in(reply, exercise),
                findings=replies.findings_in(reply, exercise),
                notes=replies.notes_in(reply),
            )
        except Stopped as stopped:
            return self._execution(exercise, failures=(stopped.failure,)), False
        except DocumentError as error:
            failure = Failure(kind="malformed_reply", message=str(error))
            return self._execution(exercise, failures=(failure,)), True
        is_looked_at = is_first and not execution.failures
        return self._run_again(execution) if is_looked_at else (execution, True)

    def _run_again(self, execution: Execution) -> tuple[Execution, bool]:
        """Look for what is odd by running a variant again, which changes nothing of its answers."""
        found, is_usable = list(execution.findings), True
        try:
            for finding in self._oddities(execution.exercise, execution.answers):
                found.append(finding)
                self.link.printed()  # what it prints when it is run again is nobody's
        except Stopped:
            is_usable = False
        except DocumentError:
            pass  # a malformed reply to a repeat is graded where it is given to a variant
        try:
            self.link.printed()
        except Stopped:
            is_usable = False
        return replace(execution, findings=tuple(found)), is_usable

    def _asked(
        self,
        exercise: Exercise,
        document: Mapping[str, Any] | None = None,
        *,
        calls: int = 1,
        reseed: bool = False,
    ) -> replies.Reply:
        document = exercise.to_data() if document is None else document
        entries = sum(prod(part["shape"]) for part in document["ask"])
        most = min(SHORT_ANSWER + BYTES_AN_ENTRY * entries, self.limits.answer_bytes)
        request = {"exercise": document, "calls": calls, "reseed": reseed, "answer_bytes": most}
        if exercise.code is not None:
            request["script"] = self._statements(exercise.code.script)
            request["uses"] = _uses(exercise, exercise.code, document)
        seconds = self.limits.wall_seconds + GRACE_SECONDS
        most += LONGEST_NOTICE  # what became of the process, after what it told
        return self.link.ask(strict_json.dumps(request).encode(), seconds=seconds, most=most)

    def _statements(self, script: str) -> list[Mapping[str, Any]]:
        """Return a script as the sandbox runs it, read once: most variants have the same."""
        if script not in self.scripts:
            self.scripts[script] = _statements(script)
        return self.scripts[script]

    def _oddities(self, exercise: Exercise, answers: Mapping[str, Any]) -> Iterator[Finding]:
        """Run a variant again: another time, twice in one process, and with a single sample."""
        if not _agree(answers, self._asked(exercise, reseed=True), exercise):
            yield Finding(code="differs_from_run_to_run")
        elif not _agree(answers, self._asked(exercise, calls=2), exercise):
            yield Finding(code="differs_when_repeated")
        # What a batch shows is told of the batch: one sample shows nothing new there.
        single = cut_to_one_sample(exercise) if _is_well_formed(answers, exercise) else None
        if single is not None and not _fits(self._asked(exercise, single), single, answers):
            yield Finding(code="fails_on_batch_of_one")

    def _execution(
        self,
        exercise: Exercise,
        *,
        failures: tuple[Failure, ...] = (),
        answers: Mapping[str, Any] | None = None,
        findings: tuple[Finding, ...] = (),
        notes: tuple[str, ...] = (),
    ) -> Execution:
        try:
            stdout, stderr = self.link.printed()
        except Stopped as stopped:
            failures, answers = (stopped.failure,), None
            stdout, stderr = "", ""
        return Execution(
            exercise=exercise,
            answers=answers or {},
            failures=failures,
            findings=findings,
            stdout=stdout,
            stderr=stderr,
            is_confined=self.is_confined,
            notes=notes,
        )


def _statements(script: str) -> list[Mapping[str, Any]]:
    """Return a script as the sandbox runs it."""
    return [
        {
            "line": each.line,
            "source": each.source,
            "reads": list(each.reads),
            "binds": sorted(each.binds),
            "makes": sorted(each.makes),
            "passes": sorted(each.passes),
        }
        for each in read_script(script)
    ]


def _uses(
    exercise: Exercise, code: CodeInterface, document: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return what a script calls what a document gives and asks."""
    numbers = dict(names.numbers_of(exercise, code))
    if "batch" in document:
        numbers["N"] = document["batch"]
    return {
        "numbers": numbers,
        "givens": dict(names.givens_of(exercise, code)),
        "asked": dict(names.asked_of(exercise, code)),
        "columns": sorted(names.columns_of(exercise, code)),
    }


def _not_run(why: str) -> Failure:
    return Failure(kind="not_run", message=why)


def _agree(answers: Mapping[str, Any], again: replies.Reply, exercise: Exercise) -> bool:
    """Whether a second run gives the same, but for the rounding of sums in another order."""
    if again.answers is None:
        return False
    others = replies.answers_in(again, exercise)
    return answers.keys() == others.keys() and all(
        _are_close(numpy.array(answers[name]), numpy.array(others[name])) for name in answers
    )


def _are_close(one: Any, other: Any) -> bool:
    if one.shape != other.shape:
        return False
    finite = numpy.abs(one[numpy.isfinite(one)])
    smallest = SAME * finite.max() if finite.size else 0.0
    return bool(numpy.allclose(one, other, rtol=SAME, atol=smallest, equal_nan=True))


def _is_well_formed(answers: Mapping[str, Any], exercise: Exercise) -> bool:
    """Whether all answers that there are have the shapes that are asked for, and are finite."""
    shapes = {part.name: tuple(part.shape) for part in exercise.ask}
    arrays = {name: numpy.array(each) for name, each in answers.items()}
    return all(
        array.shape == shapes[name] and numpy.isfinite(array).all()
        for name, array in arrays.items()
    )


def _fits(reply: replies.Reply, document: Mapping[str, Any], answers: Mapping[str, Any]) -> bool:
    """Whether a reply answers as much as others did, in the shapes that a document asks for."""
    if reply.answers is None:
        return False
    shapes = {part["name"]: list(part["shape"]) for part in document["ask"]}
    found = {name: each for name, each in reply.answers.items() if name in shapes}
    return found.keys() >= answers.keys() and all(
        array.shape == shapes[name] for name, array in found.items()
    )


def _why(told: str) -> str | None:
    """Return what bubblewrap says of why it makes no sandbox, with what can be done about it."""
    line = next((line for line in told.splitlines() if line.startswith("bwrap:")), None)
    if line is None:
        return " ".join(told.split())[-LONGEST_REASON:] or None
    if any(text in line for text in _FORBIDDEN):
        return (
            f"{line}: this machine does not let ordinary users make namespaces; on Ubuntu 24.04 "
            "bubblewrap needs an AppArmor profile that allows userns"
        )
    if "Unknown option" in line:
        return f"{line}: this bubblewrap is too old"
    return line
