"""The tables. What must always hold is a constraint here, whoever writes.

Points are whole hundredths. Times are UTC. Documents are kept as the text that was checked, and a
submission's body as the very bytes that came.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from gradgrade.service.store.roles import ROLES

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """A moment: always in UTC, on databases too that keep no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time whose zone is unknown."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"value={value!r} has no time zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC."""
        if value is None:
            return None
        moment: datetime = value
        if moment.tzinfo is None:
            # `replace` takes five times as long, and there are thousands.
            return datetime.combine(moment.date(), moment.time(), UTC)
        return moment.astimezone(UTC)


# SQLite numbers rows by itself only where the type is INTEGER.
Identity = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    return Column("id", Identity, primary_key=True, autoincrement=True)


def _of(column: str, target: str, *, nullable: bool = False) -> Column[int]:
    return Column(column, Identity, ForeignKey(f"{target}.id"), nullable=nullable)


courses = Table(
    "courses",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
)

problem_sets = Table(
    "problem_sets",
    metadata,
    _id(),
    _of("course_id", "courses"),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("course_id", "name"),
    CheckConstraint("version >= 1", name="version"),
)
"""The sets of a course; the version is the one that new variants are drawn from."""

problem_set_versions = Table(
    "problem_set_versions",
    metadata,
    Column("problem_set_id", Identity, ForeignKey("problem_sets.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("source", Text),
)
"""Every state that a set has had: JSON as `ProblemSet.to_json` writes it.

The source is the text that it was read from, with its comments; null where it came as a document.
"""

rules = Table(
    "rules",
    metadata,
    Column("problem_set_id", Identity, ForeignKey("problem_sets.id"), primary_key=True),
    Column("structure", LargeBinary(32), primary_key=True),
    Column("document", Text, nullable=False),
)
"""What a set's exercises are drawn by: JSON as `gradgrade.problems.gates.rules` writes it.

They go by what an exercise is, not by its name: whatever version of the set has an exercise of this
structure is drawn by them.
"""

students = Table(
    "students",
    metadata,
    _id(),
    _of("course_id", "courses"),
    Column("student", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("course_id", "student"),
    CheckConstraint("student <> ''", name="student"),
)
"""The students of a course; `student` is the id that the instructor gives."""

enrolments = Table(
    "enrolments",
    metadata,
    Column("problem_set_id", Identity, ForeignKey("problem_sets.id"), primary_key=True),
    Column("student_id", Identity, ForeignKey("students.id"), primary_key=True),
    Column("due", Instant),
    Column("late_until", Instant),
    Column("attempts", Integer),
    CheckConstraint("attempts >= 1", name="attempts"),
    Index(None, "student_id"),
)
"""Who works a set, and what differs for them: where a column is null the set's own holds."""

overrides = Table(
    "overrides",
    metadata,
    Column("problem_set_id", Identity, primary_key=True),
    Column("student_id", Identity, primary_key=True),
    Column("exercise", Text, primary_key=True),
    Column("points", Integer, nullable=False),
    Column("comment", Text, nullable=False),
    Column("stated_at", Instant, nullable=False),
    ForeignKeyConstraint(
        ["problem_set_id", "student_id"],
        ["enrolments.problem_set_id", "enrolments.student_id"],
    ),
    CheckConstraint("points >= 0", name="points"),
    CheckConstraint("comment <> ''", name="comment"),
    Index(None, "student_id"),
)
"""Points that an instructor stated for a student's exercise, in place of those graded, and why."""

tokens = Table(
    "tokens",
    metadata,
    _id(),
    _of("course_id", "courses"),
    Column("role", Text, nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    _of("student_id", "students", nullable=True),
    _of("problem_set_id", "problem_sets", nullable=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("sign_outs", Integer, nullable=False, server_default="0"),
    CheckConstraint(f"role IN {ROLES!r}", name="role"),
    CheckConstraint("(role = 'student') = (student_id IS NOT NULL)", name="student"),
    CheckConstraint("(role = 'ci') = (problem_set_id IS NOT NULL)", name="problem_set"),
    Index(None, "course_id"),
    Index(None, "student_id"),
)
"""Tokens by the SHA-256 of their text, which is nowhere.

A session is good until its token signs out, however many of them there are; `sign_outs` counts.
"""

variants = Table(
    "variants",
    metadata,
    _id(),
    _of("problem_set_id", "problem_sets"),
    Column("exercise", Text, nullable=False),
    _of("student_id", "students"),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("answer_key", Text, nullable=False),
    Column("fingerprint", LargeBinary(16)),
    Column("pinned_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("numbers", LargeBinary(16)),
    UniqueConstraint("problem_set_id", "exercise", "student_id"),
    UniqueConstraint("problem_set_id", "exercise", "fingerprint"),
    CheckConstraint("attempts >= 0", name="attempts"),
    Index(None, "student_id"),
    Index(None, "numbers"),
)
"""What each student was given, for good; and how many attempts are spent on it.

The answer key is the smallest and largest double accepted for every entry. The fingerprint is null
where no number is drawn, so that all students may have the same; `numbers` is equal wherever the
doubles are, in whatever order.
"""

submissions = Table(
    "submissions",
    metadata,
    _id(),
    Column("public_id", Text, nullable=False, unique=True),
    _of("problem_set_id", "problem_sets"),
    _of("student_id", "students"),
    _of("variant_id", "variants"),
    Column("attempt", Integer),
    Column("received_at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("is_late", Boolean, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("key", Text),
    Column("request", LargeBinary(32)),
    Column("reply", Text),
    Column("told", Text),
    UniqueConstraint("variant_id", "attempt"),
    CheckConstraint("attempt >= 1", name="attempt"),
    CheckConstraint(
        "(key IS NULL) = (request IS NULL) AND (key IS NULL) = (reply IS NULL) "
        "AND (key IS NULL) = (told IS NULL)",
        name="key",
    ),
    Index(None, "problem_set_id", "id"),
    Index("uq_submissions_student_id_key", "student_id", "key", unique=True),
)
"""What was handed in; `attempt` is null for an invalid one, which spends none.

One that came under a key has it, with what was replied but for the verdict, how much of that was
told, and in `request` the digest of where and what it was.
"""

regrades = Table(
    "regrades",
    metadata,
    _id(),
    Column("public_id", Text, nullable=False, unique=True),
    _of("problem_set_id", "problem_sets"),
    _of("token_id", "tokens", nullable=True),
    Column("created_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("never_lower", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("grader", Text, nullable=False),
    Column("last_submission", Identity, nullable=False),
    Column("settled_at", Instant),
    CheckConstraint("state IN ('running', 'applied', 'reversed')", name="state"),
    Index(None, "problem_set_id", "id"),
)
"""Regrades; `last_submission` is the last that was there when it began."""

verdicts = Table(
    "verdicts",
    metadata,
    _id(),
    _of("submission_id", "submissions"),
    _of("regrade_id", "regrades", nullable=True),
    Column("stands", Boolean, nullable=False),
    Column("grader", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("first_error", Text),
    Column("score", Integer, nullable=False),
    Column("max_score", Integer, nullable=False),
    Column("points", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("parts", Text),
    UniqueConstraint("submission_id", "regrade_id"),
    CheckConstraint("outcome IN ('correct', 'partial', 'incorrect', 'invalid')", name="outcome"),
    CheckConstraint("0 <= points AND points <= score AND score <= max_score", name="score"),
    Index(
        "uq_verdicts_standing",
        "submission_id",
        unique=True,
        sqlite_where=Column("stands", Boolean).is_(True),
        postgresql_where=Column("stands", Boolean).is_(True),
    ),
    Index(
        None,
        "regrade_id",
        sqlite_where=Column("regrade_id", Identity).is_not(None),
        postgresql_where=Column("regrade_id", Identity).is_not(None),
    ),
)
"""All verdicts ever given on a submission, of which at most one stands.

`score` is the verdict's, `points` what is left of it after the penalty for being late. `parts` is
what statistics count of the document's parts: JSON as
`gradgrade.service.course.part_summaries` writes it.
"""

regraded_variants = Table(
    "regraded_variants",
    metadata,
    Column("regrade_id", Identity, ForeignKey("regrades.id"), primary_key=True),
    Column("variant_id", Identity, ForeignKey("variants.id"), primary_key=True),
    Column("version_before", Integer, nullable=False),
    Column("document_before", Text, nullable=False),
    Column("answer_key_before", Text, nullable=False),
    Column("document_after", Text, nullable=False),
    Column("answer_key_after", Text, nullable=False),
    Index(None, "variant_id"),
)
"""Variants whose marking a regrade changes: the same numbers under the set's new definition."""

audit_log = Table(
    "audit_log",
    metadata,
    _id(),
    _of("course_id", "courses"),
    _of("token_id", "tokens", nullable=True),
    Column("at", Instant, nullable=False),
    Column("action", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "course_id", "id"),
)
"""Who changed what and when; a null token is the command line."""

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("id = 1", name="only_one"),
)
"""One row that is written to see whether the database can be written."""
