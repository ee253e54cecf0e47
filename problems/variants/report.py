"""The report of an exercise: how many draws were rejected and why, and what no gate could hold."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from gradgrade.problems.documents.problem_set import ProblemSet
from gradgrade.problems.gates.rules import Finding, rules
from gradgrade.problems.generate import Search, issue
from gradgrade.problems.templates.template import compile_template

Outcome = tuple[tuple[str, ...], tuple[float, float]]
"""Of a variant: why each draw before it was rejected, and the accuracy that it loses."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What generating variants of an exercise came to.

    Args:
        exercise: its name.
        variants: how many were issued.
        attempts: how many draws that took.
        reasons: how many draws were rejected for each reason, the most frequent first.
        lost_largest: over all entries of all parts of all variants, the largest share of a value
            that honest rounding may lose, u·S/|value|; 1.1e-16 is what writing a double loses.
        lost_median: the median over variants of their entries' median.
        findings: what no gate could hold against the exercise.
    """

    exercise: str
    variants: int
    attempts: int
    reasons: Mapping[str, int]
    lost_largest: float
    lost_median: float
    findings: tuple[Finding, ...]

    @property
    def acceptance(self) -> float:
        """The share of draws that were accepted."""
        return self.variants / self.attempts if self.attempts else 1.0


def report_on(
    problem_set: ProblemSet,
    exercise: str,
    *,
    students: Sequence[str],
    secret: bytes,
    course: str = "",
) -> Report:
    """Generate variants for students and tell what that came to.

    Args:
        problem_set: the set.
        exercise: the exercise's name in it.
        students: for whom; each gets the variant that `generate` returns.
        secret: what keeps variants from being foretold.
        course: the course on a server; empty offline.

    Raises:
        DocumentError: the definition does not hold together.
        ExerciseError: no variant could be issued for one of them.

    >>> from gradgrade.problems.catalogue import load
    >>> found = report_on(load("seeds"), "004-two-two-two", students=["1"], secret=b"0")
    >>> found.attempts, dict(found.reasons)
    (1, {})
    """
    template = compile_template(problem_set, exercise)
    searches = [
        Search(template.key(student=student, secret=secret, course=course)) for student in students
    ]
    outcomes = ((each.search.rejected, each.lost) for each in issue(template, searches))
    return summarize(problem_set, exercise, outcomes)


def summarize(problem_set: ProblemSet, exercise: str, outcomes: Iterable[Outcome]) -> Report:
    """Return the report of variants that were generated before."""
    outcomes = list(outcomes)
    reasons = Counter(reason for rejected, _ in outcomes for reason in rejected)
    return Report(
        exercise=exercise,
        variants=len(outcomes),
        attempts=len(outcomes) + reasons.total(),
        reasons=dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
        lost_largest=max((largest for _, (largest, _) in outcomes), default=0.0),
        lost_median=median(middle for _, (_, middle) in outcomes) if outcomes else 0.0,
        findings=rules(compile_template(problem_set, exercise)).findings,
    )
