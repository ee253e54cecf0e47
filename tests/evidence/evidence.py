"""All of the evidence at one size, worked out by a pool of processes."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.evidence.confusion import Case, Named, cases, exercises
from tests.evidence.honest import Honest, honest
from tests.evidence.mutants import Judged, judged
from tests.evidence.outside.grading import Graded, graded
from tests.evidence.slips import Slips, slips

LEAST_FIRST = 0.98
"""In how many of the cases that can be told apart the right misconception must come first."""

MOST_WRONG_NAMES = 0.01
"""In how many of the answers of mistakes outside the catalogue a wrong name may be given."""

Job = tuple[Callable[..., Any], tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much of the evidence is worked out.

    Args:
        honest: by kind, how many exercises are drawn, and how many variants of each.
        mutants: likewise.
        students: for how many students each exercise of the catalogue is issued.
        least_answers: how many correct answers, and how many mutants, there must be.
    """

    honest: Mapping[str, tuple[int, int]]
    mutants: Mapping[str, tuple[int, int]]
    students: int
    least_answers: int

    def jobs(self) -> Iterator[Job]:
        """What can be worked out on its own."""
        for student in range(1, self.students + 1):
            for each in exercises():
                yield from (
                    (function, (*each, str(student))) for function in (cases, slips, graded)
                )
        for function, sizes in ((honest, self.honest), (judged, self.mutants)):
            for kind, (count, variants) in sizes.items():
                yield from ((function, (kind, index, variants)) for index in range(count))


FULL = Size(
    honest={
        "benign": (50, 6),
        "saturated": (40, 6),
        "deep": (15, 8),
        "wide": (5, 6),
        "other layers": (45, 6),
        "single precision": (35, 6),
        "rounded by hand": (35, 6),
        "of all scales": (30, 5),
        "stated tolerances": (20, 5),
    },
    mutants={
        "benign": (10, 2),
        "saturated": (5, 2),
        "other layers": (6, 1),
        "single precision": (5, 1),
        "rounded by hand": (12, 2),
        "of all scales": (40, 1),
        "stated tolerances": (8, 1),
    },
    students=1,
    least_answers=10_000,
)


@dataclass
class Evidence:
    """What was found."""

    honest: Honest = field(default_factory=Honest)
    judged: Judged = field(default_factory=Judged)
    cases: list[Case] = field(default_factory=list)
    slips: Slips = field(default_factory=Slips)
    outside: list[Graded] = field(default_factory=list)

    def add(self, found: Any) -> None:
        """Add what one job found."""
        if isinstance(found, Honest):
            self.honest.add(found)
        elif isinstance(found, Judged):
            self.judged.add(found)
        elif isinstance(found, Slips):
            self.slips.add(found)
        else:
            self.cases += [each for each in found if isinstance(each, Case)]
            self.outside += [each for each in found if isinstance(each, Graded)]

    @property
    def distinguishable(self) -> list[Case]:
        """The cases whose answers show one misconception alone."""
        return [case for case in self.cases if case.is_distinguishable]

    @property
    def share_first(self) -> float:
        """In how many of those the right one is named first."""
        told = self.distinguishable
        return sum(case.is_first for case in told) / max(len(told), 1)

    @property
    def told_outside(self) -> list[Graded]:
        """The answers of mistakes outside the catalogue that were told from right ones."""
        return [each for each in self.outside if each.is_told]

    @property
    def share_wrong_names(self) -> float:
        """In how many of those a name is given that is wrong."""
        told = self.told_outside
        return sum(bool(each.wrong_names) for each in told) / max(len(told), 1)

    def failures(self) -> Iterator[str]:
        """What does not hold, in words."""
        for each in self.honest.refused:
            yield f"a correct answer was refused: {each}"
        for each in self.judged.passed:
            yield f"a mutant passed: {each}"
        for case in self.cases:
            if case.named is Named.ACCEPTED and not case.is_listed:
                yield f"a misconception passed that no gate lists: {case}"
            if case.named is Named.WRONG:
                yield f"others alone were named: {case}"
        if self.share_first < LEAST_FIRST:
            yield f"the right misconception came first in {self.share_first:.1%}"
        for each in self.slips.not_carried:
            yield f"what follows rightly from one slip was not carried forward: {each}"
        if self.share_wrong_names > MOST_WRONG_NAMES:
            yield f"a wrong name was given to {self.share_wrong_names:.1%} of mistakes outside"


class Jobs(Protocol):
    """Whatever says what is to be worked out."""

    def jobs(self) -> Iterator[Job]:
        """What can be worked out on its own."""
        ...


def gather(size: Jobs, tell: Callable[[int, int], None], processes: int) -> Evidence:
    """Work all of it out; the same whatever the number of processes.

    Args:
        size: how much.
        tell: is told of every job that is done, and how many there are.
        processes: how many work at once.
    """
    jobs = list(size.jobs())
    found: dict[int, Any] = {}
    with ProcessPoolExecutor(processes) as pool:
        waiting = {
            pool.submit(function, *arguments): at for at, (function, arguments) in enumerate(jobs)
        }
        for done in as_completed(waiting):
            found[waiting[done]] = done.result()
            tell(len(found), len(jobs))
    evidence = Evidence()
    for at in range(len(jobs)):
        evidence.add(found[at])
    return evidence
