"""A course in a real database, written row by row: a set, students, and what they handed in."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from gradgrade.problems import ProblemSet, Verdict
from gradgrade.problems.documents.points import hundredths_of
from gradgrade.problems.documents.verdict import MatchedMisconception, PartVerdict
from gradgrade.service.course.part_summaries import write_parts
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.schema import (
    courses,
    enrolments,
    metadata,
    overrides,
    problem_set_versions,
    problem_sets,
    students,
    submissions,
    variants,
    verdicts,
)
from tests.service.store.databases import new_database
from tests.strategies import definition

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


class Course:
    """A course with one set, and a connection that reads as the service does."""

    def __init__(self, connection: Connection, *, title: str = "Week 3", **points: float) -> None:
        self.connection = connection
        self.id = self._row(courses, name="course", created_at=NOW)
        self.problem_set = self._row(problem_sets, course_id=self.id, name="week-3", version=1)
        self._version(1, title, points)

    def replace(self, *, title: str = "Week 3", **points: float) -> None:
        """Put version 2 of the set."""
        self._version(2, title, points)
        changed = update(problem_sets).where(problem_sets.c.id == self.problem_set)
        self.connection.execute(changed.values(version=2))

    def enrol(self, student: str, name: str = "", email: str = "") -> int:
        """Put a student on the roster."""
        row = self._row(
            students,
            course_id=self.id,
            student=student,
            name=name,
            email=email,
            created_at=NOW,
        )
        self.connection.execute(
            insert(enrolments).values(problem_set_id=self.problem_set, student_id=row)
        )
        return row

    def hand_in(
        self,
        student: int,
        exercise: str,
        points: int,
        *,
        attempt: int | None = 1,
        is_late: bool = False,
        verdict: Verdict | None = None,
    ) -> str:
        """Hand in an attempt whose verdict stands; returns its public id."""
        public_id = secrets.token_hex(8)
        row = self._row(
            submissions,
            public_id=public_id,
            problem_set_id=self.problem_set,
            student_id=student,
            variant_id=self._variant(student, exercise),
            attempt=attempt,
            received_at=NOW,
            body=b"{}",
            is_late=is_late,
            receipt="receipt",
        )
        self.judge(row, points, verdict=verdict)
        return public_id

    def judge(
        self, submission: int, points: int, *, stands: bool = True, verdict: Verdict | None = None
    ) -> None:
        """Add a verdict on a submission; where it stands, none before it does any longer."""
        if stands:
            standing = verdicts.c.submission_id == submission
            self.connection.execute(update(verdicts).where(standing).values(stands=False))
        said = verdict or verdict_on({})
        self._row(
            verdicts,
            submission_id=submission,
            stands=stands,
            grader="1",
            version=1,
            created_at=NOW,
            outcome="partial",
            first_error=said.first_error,
            score=max(points, hundredths_of(said.score)),
            max_score=hundredths_of(said.max_score) if verdict else 100_000,
            points=points,
            document=said.to_json(),
            parts=write_parts(said),
        )

    def override(self, student: int, exercise: str, points: int, comment: str = "ill") -> None:
        """State points in place of those graded."""
        self.connection.execute(
            insert(overrides).values(
                problem_set_id=self.problem_set,
                student_id=student,
                exercise=exercise,
                points=points,
                comment=comment,
                stated_at=NOW,
            )
        )

    def row_of(self, public_id: str) -> int:
        """The row of a submission."""
        wanted = select(submissions.c.id).where(submissions.c.public_id == public_id)
        return int(self.connection.execute(wanted).scalar_one())

    def _variant(self, student: int, exercise: str) -> int:
        known = select(variants.c.id).where(
            variants.c.student_id == student, variants.c.exercise == exercise
        )
        found = self.connection.execute(known).scalar_one_or_none()
        return found or self._row(
            variants,
            problem_set_id=self.problem_set,
            exercise=exercise,
            student_id=student,
            version=1,
            document="{}",
            answer_key="{}",
            pinned_at=NOW,
        )

    def _version(self, version: int, title: str, points: dict[str, float]) -> None:
        exercises = [
            definition(name=name, title=f"About {name}", points=worth)
            for name, worth in points.items()
        ]
        document = {
            "schema": "gradgrade/problem-set/1",
            "name": "week-3",
            "title": title,
            "exercises": exercises,
        }
        self.connection.execute(
            insert(problem_set_versions).values(
                problem_set_id=self.problem_set,
                version=version,
                document=ProblemSet.from_json(json.dumps(document)).to_json(),
                created_at=NOW,
            )
        )

    def _row(self, table: Any, **values: Any) -> int:
        made = self.connection.execute(insert(table).values(**values).returning(table.c.id))
        return int(made.scalar_one())


@contextmanager
def new_course(kind: str, directory: Path, **options: Any) -> Iterator[Course]:
    """Provide a course in a new database of this kind; the keywords are Course's."""
    with new_database(kind, directory) as database:
        store = open_store(database)
        metadata.create_all(store.engine)
        try:
            with store.reading() as connection:
                yield Course(connection, **options)
        finally:
            store.close()


def verdict_on(
    parts: dict[str, tuple[float, Any]],
    *,
    first_error: str | None = None,
    misconceptions: dict[str, list[str]] | None = None,
) -> Verdict:
    """A verdict: of each part its score out of 5 and its entries, and which mistakes explain it."""
    named = misconceptions or {}
    return Verdict(
        schema_="gradgrade/verdict/1",
        exercise="0123456789abcdef",
        grader="1",
        outcome="partial",
        score=sum(score for score, _ in parts.values()),
        max_score=5 * len(parts),
        first_error=first_error,
        parts=[
            PartVerdict(
                name=name,
                outcome="missing" if entries is None else "correct" if score else "incorrect",
                score=score,
                max_score=5,
                entries=entries,
                note="missing" if entries is None else "correct" if score else "wrong_entries",
                feedback="",
                misconceptions=[
                    MatchedMisconception(
                        code=code, title=code.title(), explanation="It is so.", share=0.5
                    )
                    for code in named.get(name, ())
                ],
            )
            for name, (score, entries) in parts.items()
        ],
    )
