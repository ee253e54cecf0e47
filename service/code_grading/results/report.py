"""The neutral report of a grading, from which every format is written.

Its texts are shown to students and read by machines, and parts of them may come from a student's
program. So each is one line of printable characters of bounded length from the moment that the
record is made; what a format itself would obey is escaped by that format's own writer.
"""

from dataclasses import dataclass, replace

from gradgrade.problems.documents.points import as_score, hundredths_of
from gradgrade.problems.documents.text import printable
from gradgrade.problems.documents.verdict import Outcome, PartOutcome

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
class Headline:
    """Why results are not there: one cause, told once, however many it keeps from an answer.

    Args:
        text: for the student, one line.
        kind: a stable word for it.
        place: where in the student's file it is, if that is known.
        printed: what the program printed last, a line each.
    """

    text: str
    kind: str
    place: Place | None = None
    printed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _clean(self, text=self.text, kind=self.kind)
        object.__setattr__(self, "printed", tuple(map(_shown, self.printed)))

    @property
    def lines(self) -> tuple[str, ...]:
        """The cause, and what was printed before it."""
        return (self.text, *(f"printed: {each}" for each in self.printed))


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
        headline: why there is no answer, where there is none for a reason.
    """

    name: str
    outcome: PartOutcome
    points: int | float
    max_points: int | float
    messages: tuple[str, ...] = ()
    misconceptions: tuple[Explanation, ...] = ()
    headline: Headline | None = None

    def __post_init__(self) -> None:
        _clean(self, name=self.name)
        object.__setattr__(self, "messages", tuple(map(_shown, self.messages)))

    @property
    def passed(self) -> bool:
        """Whether all of it is right; what is carried forward has points, and has not passed."""
        return self.outcome == "correct"

    @property
    def was_judged(self) -> bool:
        """Whether anything is said of it; not where another part is malformed."""
        return self.outcome != "not_judged"

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
        notes: what else is told of the whole, a line each.

    Raises:
        ValueError: there is no result, two have one name, or a refused report has points or a
            part that passed.
    """

    name: str
    outcome: Outcome
    results: tuple[Result, ...]
    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _clean(self, name=self.name)
        object.__setattr__(self, "refused", tuple(map(_shown, self.refused)))
        object.__setattr__(self, "notes", tuple(map(_shown, self.notes)))
        if not self.results:
            raise ValueError("a report needs a result")
        if len({each.name for each in self.results}) < len(self.results):
            raise ValueError("two results have one name")
        if self.refused and self.points:
            raise ValueError(f"a refused submission has {self.points} points")
        if self.refused and any(each.passed for each in self.results):
            raise ValueError("a part of a refused submission passed")

    @property
    def points(self) -> int | float:
        """The points earned."""
        return as_score(sum(hundredths_of(each.points) for each in self.results))

    @property
    def max_points(self) -> int | float:
        """The points to be earned."""
        return as_score(sum(hundredths_of(each.max_points) for each in self.results))

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

    @property
    def headlines(self) -> tuple[Headline, ...]:
        """Why results are not there, each cause once."""
        return tuple(dict.fromkeys(each.headline for each in self.results if each.headline))

    @property
    def top(self) -> tuple[str, ...]:
        """What stands above the results, a line each."""
        causes = (line for each in self.headlines for line in each.lines)
        return (*([REFUSED] if self.refused else []), *causes, *self.notes)

    @property
    def texts(self) -> tuple[str, ...]:
        """What is told of each result where nothing stands above them.

        The first that has not passed tells that too; where all have, the first.
        """
        wrong = (at for at, each in enumerate(self.results) if not each.passed)
        first = next(wrong, 0)
        return tuple(
            "\n".join(filter(None, (*self.top, each.text))) if at == first else each.text
            for at, each in enumerate(self.results)
        )

    @property
    def rows(self) -> tuple[Result, ...]:
        """The results, those that one cause keeps from an answer or a judgement put together."""
        together: dict[object, list[Result]] = {}
        for each in self.results:
            is_alone = each.headline is None and each.was_judged
            key = each if is_alone else (each.headline, each.outcome, each.messages)
            together.setdefault(key, []).append(each)
        return tuple(self._put_together(each) for each in together.values())

    def _put_together(self, results: list[Result]) -> Result:
        if len(results) == 1:
            return results[0]
        return replace(
            results[0],
            name=self._name_of(results),
            points=as_score(sum(hundredths_of(each.points) for each in results)),
            max_points=as_score(sum(hundredths_of(each.max_points) for each in results)),
        )

    def _name_of(self, results: list[Result]) -> str:
        if len(results) == len(self.results):
            return "all parts"
        if results[0].headline is None:
            return f"{len(results)} other parts"
        return ", ".join(each.name for each in results)


def _clean(record: object, **texts: str) -> None:
    """Set the texts of a frozen record that is being made."""
    for name, text in texts.items():
        object.__setattr__(record, name, _shown(text))


def _shown(text: str) -> str:
    if len(text) > LONGEST_LINE:
        text = f"{text[: LONGEST_LINE - 1]}…"
    return printable(text)
