"""The document of a set's statistics."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from gradgrade.problems.documents.base import Document, Model, Whole
from gradgrade.problems.documents.verdict import Score


class Figures(Model):
    """What those who handed in reached, and those whose points an instructor stated.

    Means, the median and the share are null where nobody handed in. `histogram` counts students by
    tenths of the full score, full marks in the last; `late` is the share of students whose counted
    attempt was late.
    """

    students: Whole
    submitted: Whole
    attempts: Whole
    mean_attempts: Score | None
    max_score: Score
    mean: Score | None
    median: Score | None
    histogram: list[Whole]
    full_marks: Whole
    late: Score | None


class ErrorCount(Model):
    """A quantity, and how many students had their first error there in some attempt."""

    quantity: str
    students: Whole


class MisconceptionCount(Model):
    """A known mistake, counted once a student and part.

    `named` is how often it explained a part in some attempt, `first` how often it was the most
    likely explanation.
    """

    code: str
    title: str
    first: Whole
    named: Whole


class PartStatistics(Model):
    """A part; its figures are of those whose counted attempt answers it.

    Scores are before what being late costs. `entry_codes` counts the entries of all attempts.
    """

    name: str
    figures: Figures
    misconceptions: list[MisconceptionCount]
    entry_codes: dict[str, Whole]


class DayCount(Model):
    """A day (UTC) on which something was handed in.

    `misconceptions` counts, by code, how often each was the likeliest explanation of a part in an
    attempt of that day.
    """

    day: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    attempts: Whole
    misconceptions: dict[str, Whole]


class ExerciseStatistics(Model):
    """An exercise of the set as it stands now; its parts are those that were ever graded.

    `attempts_to_full_marks` counts the students who had full marks first at their first attempt,
    at their second, and so on.
    """

    name: str
    title: str
    figures: Figures
    first_errors: list[ErrorCount]
    misconceptions: list[MisconceptionCount]
    attempts_to_full_marks: list[Whole] = Field(default_factory=list)
    days: list[DayCount] = Field(default_factory=list)
    parts: list[PartStatistics]


class Statistics(Document):
    """What the students of a set reached, and where and how they went wrong."""

    kind: ClassVar[str] = "statistics"

    schema_: Literal["gradgrade/statistics/1"] = Field(alias="schema")
    problem_set: str
    title: str
    figures: Figures
    misconceptions: list[MisconceptionCount]
    exercises: list[ExerciseStatistics]
