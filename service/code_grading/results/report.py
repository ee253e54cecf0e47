"""The neutral report of a grading, from which every format is written.

Its texts are shown to students and read by machines, and parts of them may come from a student's
program. So each is one line of printable characters of bounded length from the moment that the
record is made; what a format itself would obey is escaped by that format's own writer.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gradgrade.problems.documents.points import as_score
from gradgrade.problems.documents.text import printable
from gradgrade.problems.documents.verdict import Outcome, PartOutcome, Verdict

LONGEST_LINE = 2000
"""Characters; what is longer is cut, and ends in an ellipsis."""

REFUSED = "An answer is malformed, so that the whole earns no points."


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a student's file something went wrong; lines count from 1."""

    file: str
    line: int

    def __post_init__(self) -> None:
        _clean(self, file=self.file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A known mistake that explains what is wrong."""

    title: str
    explanation: str

    def __post_init__(self) -> None:
        _clean(self, title=self.title, explanation=self.explanation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What is found of one part.

    Args:
        name: unique in the report.
        outcome: as in a verdict.
        points: earned.
        max_points: to be earned; both are exact to a hundredth.
        messages: for the student, a line each.
        misconceptions: the known mistakes that explain it.
        place: where in the student's file it went wrong, if that is known.
        seconds: how long it took, if that was measured.
    """

    name: str
    outcome: PartOutcome
    points: int | float
    max_points: int | float
    messages: tuple[str, ...] = ()
    misconceptions: tuple[Explanation, ...] = ()
    place: Place | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        _clean(self, name=self.name)
        object.__setattr__(self, "messages", tuple(map(_shown, self.messages)))

    @property
    def passed(self) -> bool:
        """Whether all of it is right; what is carried forward has points, and has not passed."""
        return self.outcome == "correct"

    @property
    def text(self) -> str:
        """All that the student is told, a line each."""
        known = (f"{each.title}: {each.explanation}" for each in self.misconceptions)
        return "\n".join((*self.messages, *known))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The results of one grading.

    Args:
        name: of what was graded.
        outcome: as in a verdict.
        results: at least one; their points add up to the report's.
        refused: what makes the submission malformed, a line each; then nothing earns points.
        seconds: how long the whole took, if that was measured.

    Raises:
        ValueError: there is no result, two have one name, or a refused report has points.
    """

    name: str
    outcome: Outcome
    results: tuple[Result, ...]
    refused: tuple[str, ...] = ()
    seconds: float | None = None

    def __post_init__(self) -> None:
        _clean(self, name=self.name)
        object.__setattr__(self, "refused", tuple(map(_shown, self.refused)))
        if not self.results:
            raise ValueError("a report needs a result")
        if len({each.name for each in self.results}) < len(self.results):
            raise ValueError("two results have one name")
        if self.refused and self.points:
            raise ValueError(f"a refused submission has {self.points} points")

    @property
    def points(self) -> int | float:
        """The points earned."""
        return as_score(sum(hundredths(each.points) for each in self.results))

    @property
    def max_points(self) -> int | float:
        """The points to be earned."""
        return as_score(sum(hundredths(each.max_points) for each in self.results))

    @property
    def has_full_marks(self) -> bool:
        """Whether every point is earned; where there are none to earn, whether all is right."""
        if not self.max_points:
            return all(each.passed for each in self.results)
        return self.points == self.max_points

    @property
    def share(self) -> float:
        """The earned part of the points, from 0.0 to 1.0."""
        return self.points / self.max_points if self.max_points else float(self.has_full_marks)

    @property
    def summary(self) -> str:
        """The whole in one line."""
        return f"{self.outcome}: {self.points} of {self.max_points} points"


def hundredths(points: int | float) -> int:
    """Return points as a whole number of hundredths; they are exact to a hundredth.

    >>> hundredths(0.29)
    29
    """
    return round(100 * points)


def of_verdict(verdict: Verdict, *, name: str) -> Report:
    """Return the report of one verdict.

    Args:
        verdict: where it is invalid, the submission is refused: no part keeps its points.
        name: of the exercise.
    """
    refused = [part for part in verdict.parts if part.outcome == "invalid"]
    return Report(
        name=name,
        outcome=verdict.outcome,
        results=_results(verdict, ""),
        refused=tuple(f"{part.name}: {part.feedback}" for part in refused),
    )


def of_verdicts(
    verdicts: Mapping[str, Verdict], *, name: str, seconds: float | None = None
) -> Report:
    """Return the report of several verdicts on one submission, as of code on several variants.

    Args:
        verdicts: by labels that tell them apart; the parts of an invalid one earn nothing.
        name: of the exercise.
        seconds: how long the whole took.
    """
    results = tuple(
        result for label, each in verdicts.items() for result in _results(each, f"{label}: ")
    )
    if all(each.outcome == "correct" for each in verdicts.values()):
        outcome: Outcome = "correct"
    else:
        outcome = "partial" if any(each.points for each in results) else "incorrect"
    return Report(name=name, outcome=outcome, results=results, seconds=seconds)


def _results(verdict: Verdict, label: str) -> tuple[Result, ...]:
    counts = verdict.outcome != "invalid"
    return tuple(
        Result(
            name=f"{label}{part.name}",
            outcome=part.outcome,
            points=part.score if counts else 0,
            max_points=part.max_score,
            messages=(part.feedback,),
            misconceptions=tuple(
                Explanation(title=each.title, explanation=each.explanation)
                for each in part.misconceptions
            ),
        )
        for part in verdict.parts
    )


def _clean(record: object, **texts: str) -> None:
    """Set the texts of a frozen record that is being made."""
    for name, text in texts.items():
        object.__setattr__(record, name, _shown(text))


def _shown(text: str) -> str:
    if len(text) > LONGEST_LINE:
        text = f"{text[: LONGEST_LINE - 1]}…"
    return printable(text)
