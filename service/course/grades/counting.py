"""Verdicts counted: what they say of parts, and which mistakes they name.

Many say the very same of their parts: all that are right, and those of the same mistake. That,
which is most of the work, is counted for all of them at once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from gradgrade.service.course.grades.figures import Reached, summarize
from gradgrade.service.course.grades.statistics_document import (
    DayCount,
    ErrorCount,
    MisconceptionCount,
    PartStatistics,
)
from gradgrade.service.course.part_summaries import PartSummary
from gradgrade.service.store.identities import (
    StudentRow,
    SubmissionId,
    SubmissionRow,
    VariantRow,
)


class Judged(NamedTuple):
    """An attempt with the verdict on it that stands, as both are stored."""

    row: SubmissionRow
    submission: SubmissionId
    student: StudentRow
    is_late: bool
    received_at: datetime
    variant: VariantRow
    first_error: str | None
    score: int
    max_score: int
    parts: str


@dataclass(slots=True)
class Alike:
    """Attempts at an exercise of which verdicts say the same of their parts.

    Args:
        parts: what they say.
        students: who made each attempt, by their rows; who made several is there as often.
        counted: whether those that count are late, by their students.
        last: the row of the last of them.
        likeliest: the likeliest mistake of each part that has some.
    """

    parts: Sequence[PartSummary]
    students: list[StudentRow] = field(default_factory=list)
    counted: dict[StudentRow, bool] = field(default_factory=dict)
    last: int = 0
    likeliest: Sequence[str] = field(init=False)

    def __post_init__(self) -> None:
        self.likeliest = [part.misconceptions[0][0] for part in self.parts if part.misconceptions]

    def add(self, attempt: Judged, *, is_counted: bool) -> None:
        """Add an attempt."""
        self.students.append(attempt.student)
        self.last = attempt.row
        if is_counted:
            self.counted[attempt.student] = attempt.is_late


@dataclass(slots=True)
class PartCount:
    """What the verdicts say of one part; students are kept by their rows.

    A mistake may have another title in another verdict: that of the last is told, by its row.
    """

    max_points: int = 0
    attempts: Counter[StudentRow] = field(default_factory=Counter)
    counted: dict[StudentRow, tuple[int, bool]] = field(default_factory=dict)
    codes: Counter[str] = field(default_factory=Counter)
    titles: dict[str, tuple[int, str]] = field(default_factory=dict)
    first: defaultdict[str, set[StudentRow]] = field(default_factory=lambda: defaultdict(set))
    named: defaultdict[str, set[StudentRow]] = field(default_factory=lambda: defaultdict(set))

    def add(self, part: PartSummary, alike: Alike) -> None:
        """Count what verdicts that are alike say of the part."""
        self.max_points = max(self.max_points, part.max_points)
        points = part.points
        if points is None:
            return
        self.attempts.update(alike.students)
        self.counted.update((student, (points, late)) for student, late in alike.counted.items())
        for code, count in part.codes.items():
            self.codes[code] += count * len(alike.students)
        for rank, (code, title) in enumerate(part.misconceptions):
            self.titles[code] = max(self.titles.get(code, (0, "")), (alike.last, title))
            self.named[code].update(alike.students)
            if rank == 0:
                self.first[code].update(alike.students)

    def misconceptions(self) -> list[MisconceptionCount]:
        """Return the mistakes that were named, the most frequent first."""
        return by_frequency(
            MisconceptionCount(
                code=code,
                title=self.titles[code][1],
                first=len(self.first.get(code, ())),
                named=len(students),
            )
            for code, students in self.named.items()
        )

    def part(self, name: str, *, students: int) -> PartStatistics:
        """Return the statistics of the part, of which there are so many students in all."""
        results = [
            Reached(points, self.attempts[student], is_late)
            for student, (points, is_late) in self.counted.items()
        ]
        return PartStatistics(
            name=name,
            figures=summarize(results, students=students, max_points=self.max_points),
            misconceptions=self.misconceptions(),
            entry_codes=dict(self.codes.most_common()),
        )


@dataclass(slots=True)
class DayTally:
    """What the verdicts on what came in on one day say."""

    attempts: int = 0
    misconceptions: Counter[str] = field(default_factory=Counter)

    def add(self, alike: Alike) -> None:
        """Count a verdict, and of each of its parts the likeliest mistake."""
        self.attempts += 1
        for code in alike.likeliest:
            self.misconceptions[code] += 1


@dataclass(slots=True)
class ExerciseCount:
    """What the verdicts on an exercise say; the parts are in the order of the verdicts."""

    parts: defaultdict[str, PartCount] = field(default_factory=lambda: defaultdict(PartCount))
    errors: defaultdict[str, set[StudentRow]] = field(default_factory=lambda: defaultdict(set))
    attempts: Counter[StudentRow] = field(default_factory=Counter)
    successes: dict[StudentRow, int] = field(default_factory=dict)
    days: defaultdict[date, DayTally] = field(default_factory=lambda: defaultdict(DayTally))

    def add(self, attempt: Judged, alike: Alike) -> None:
        """Count a verdict, its parts apart; a student's come in the order of their attempts."""
        student = attempt.student
        self.attempts[student] += 1
        if attempt.score >= attempt.max_score:
            self.successes.setdefault(student, self.attempts[student])
        if attempt.first_error is not None:
            self.errors[attempt.first_error].add(student)
        self.days[attempt.received_at.date()].add(alike)

    def add_parts(self, alike: Alike) -> None:
        """Count the parts of verdicts that are alike."""
        for part in alike.parts:
            self.parts[part.name].add(part, alike)

    def attempts_to_full_marks(self) -> list[int]:
        """Return how many had full marks first by the attempt: the first, the second, and so on."""
        counts = Counter(self.successes.values())
        return [counts[number] for number in range(1, max(counts, default=0) + 1)]

    def day_counts(self) -> list[DayCount]:
        """Return what was counted of each day, in their order."""
        return [
            DayCount(
                day=day.isoformat(),
                attempts=tally.attempts,
                misconceptions=dict(tally.misconceptions.most_common()),
            )
            for day, tally in sorted(self.days.items())
        ]

    def first_errors(self) -> list[ErrorCount]:
        """Return where students went wrong first, the most frequent first."""
        counts = [
            ErrorCount(quantity=name, students=len(them)) for name, them in self.errors.items()
        ]
        return sorted(counts, key=lambda each: (-each.students, each.quantity))


def by_frequency(counts: Iterable[MisconceptionCount]) -> list[MisconceptionCount]:
    """Return mistakes in the order of how often they were named."""
    return sorted(counts, key=lambda each: (-each.named, -each.first, each.code))


def summed(lists: Iterable[list[MisconceptionCount]]) -> list[MisconceptionCount]:
    """Add counts up, mistake by mistake."""
    first, named, titles = Counter[str](), Counter[str](), dict[str, str]()
    for each in (count for counts in lists for count in counts):
        first[each.code] += each.first
        named[each.code] += each.named
        titles[each.code] = each.title
    return by_frequency(
        MisconceptionCount(code=code, title=titles[code], first=first[code], named=count)
        for code, count in named.items()
    )
