"""A course: sets, students, variants, submissions, verdicts, regrades.

Revision ID: 0001
Revises: –
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "courses",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_courses"),
        sa.UniqueConstraint("name", name="uq_courses_name"),
    )

    op.create_table(
        "heartbeat",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("id = 1", name="ck_heartbeat_only_one"),
        sa.PrimaryKeyConstraint("id", name="pk_heartbeat"),
    )

    op.create_table(
        "problem_sets",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("course_id", IDENTITY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("version >= 1", name="ck_problem_sets_version"),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name="fk_problem_sets_course_id"),
        sa.PrimaryKeyConstraint("id", name="pk_problem_sets"),
        sa.UniqueConstraint("course_id", "name", name="uq_problem_sets_course_id_name"),
    )

    op.create_table(
        "students",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("course_id", IDENTITY, nullable=False),
        sa.Column("student", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("student <> ''", name="ck_students_student"),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name="fk_students_course_id"),
        sa.PrimaryKeyConstraint("id", name="pk_students"),
        sa.UniqueConstraint("course_id", "student", name="uq_students_course_id_student"),
    )

    op.create_table(
        "enrolments",
        sa.Column("problem_set_id", IDENTITY, nullable=False),
        sa.Column("student_id", IDENTITY, nullable=False),
        sa.Column("due", INSTANT),
        sa.Column("late_until", INSTANT),
        sa.Column("attempts", sa.Integer()),
        sa.CheckConstraint("attempts >= 1", name="ck_enrolments_attempts"),
        sa.ForeignKeyConstraint(
            ["problem_set_id"], ["problem_sets.id"], name="fk_enrolments_problem_set_id"
        ),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name="fk_enrolments_student_id"),
        sa.PrimaryKeyConstraint("problem_set_id", "student_id", name="pk_enrolments"),
    )
    op.create_index("ix_enrolments_student_id", "enrolments", ["student_id"])

    op.create_table(
        "problem_set_versions",
        sa.Column("problem_set_id", IDENTITY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["problem_set_id"], ["problem_sets.id"], name="fk_problem_set_versions_problem_set_id"
        ),
        sa.PrimaryKeyConstraint("problem_set_id", "version", name="pk_problem_set_versions"),
    )

    op.create_table(
        "tokens",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("course_id", IDENTITY, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("student_id", IDENTITY),
        sa.Column("problem_set_id", IDENTITY),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT),
        sa.Column("revoked_at", INSTANT),
        sa.CheckConstraint(
            "(role = 'ci') = (problem_set_id IS NOT NULL)", name="ck_tokens_problem_set"
        ),
        sa.CheckConstraint(
            "(role = 'student') = (student_id IS NOT NULL)", name="ck_tokens_student"
        ),
        sa.CheckConstraint(
            "role IN ('instructor', 'assistant', 'student', 'ci')", name="ck_tokens_role"
        ),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name="fk_tokens_course_id"),
        sa.ForeignKeyConstraint(
            ["problem_set_id"], ["problem_sets.id"], name="fk_tokens_problem_set_id"
        ),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name="fk_tokens_student_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("digest", name="uq_tokens_digest"),
    )
    op.create_index("ix_tokens_course_id", "tokens", ["course_id"])
    op.create_index("ix_tokens_student_id", "tokens", ["student_id"])

    op.create_table(
        "variants",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("problem_set_id", IDENTITY, nullable=False),
        sa.Column("exercise", sa.Text(), nullable=False),
        sa.Column("student_id", IDENTITY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("answer_key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=16)),
        sa.Column("pinned_at", INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.CheckConstraint("attempts >= 0", name="ck_variants_attempts"),
        sa.ForeignKeyConstraint(
            ["problem_set_id"], ["problem_sets.id"], name="fk_variants_problem_set_id"
        ),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name="fk_variants_student_id"),
        sa.PrimaryKeyConstraint("id", name="pk_variants"),
        sa.UniqueConstraint(
            "problem_set_id",
            "exercise",
            "fingerprint",
            name="uq_variants_problem_set_id_exercise_fingerprint",
        ),
        sa.UniqueConstraint(
            "problem_set_id",
            "exercise",
            "student_id",
            name="uq_variants_problem_set_id_exercise_student_id",
        ),
    )
    op.create_index("ix_variants_student_id", "variants", ["student_id"])

    op.create_table(
        "audit_log",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("course_id", IDENTITY, nullable=False),
        sa.Column("token_id", IDENTITY),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name="fk_audit_log_course_id"),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name="fk_audit_log_token_id"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
    )
    op.create_index("ix_audit_log_course_id_id", "audit_log", ["course_id", "id"])

    op.create_table(
        "regrades",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("problem_set_id", IDENTITY, nullable=False),
        sa.Column("token_id", IDENTITY),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("never_lower", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("grader", sa.Text(), nullable=False),
        sa.Column("last_submission", IDENTITY, nullable=False),
        sa.Column("settled_at", INSTANT),
        sa.CheckConstraint("state IN ('running', 'applied', 'reversed')", name="ck_regrades_state"),
        sa.ForeignKeyConstraint(
            ["problem_set_id"], ["problem_sets.id"], name="fk_regrades_problem_set_id"
        ),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name="fk_regrades_token_id"),
        sa.PrimaryKeyConstraint("id", name="pk_regrades"),
        sa.UniqueConstraint("public_id", name="uq_regrades_public_id"),
    )
    op.create_index("ix_regrades_problem_set_id_id", "regrades", ["problem_set_id", "id"])

    op.create_table(
        "submissions",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("problem_set_id", IDENTITY, nullable=False),
        sa.Column("student_id", IDENTITY, nullable=False),
        sa.Column("variant_id", IDENTITY, nullable=False),
        sa.Column("attempt", sa.Integer()),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.CheckConstraint("attempt >= 1", name="ck_submissions_attempt"),
        sa.ForeignKeyConstraint(
            ["problem_set_id"], ["problem_sets.id"], name="fk_submissions_problem_set_id"
        ),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name="fk_submissions_student_id"),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name="fk_submissions_variant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
        sa.UniqueConstraint("public_id", name="uq_submissions_public_id"),
        sa.UniqueConstraint("variant_id", "attempt", name="uq_submissions_variant_id_attempt"),
    )
    op.create_index("ix_submissions_problem_set_id_id", "submissions", ["problem_set_id", "id"])
    op.create_index("ix_submissions_student_id_id", "submissions", ["student_id", "id"])

    op.create_table(
        "idempotency_keys",
        sa.Column("student_id", IDENTITY, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request", sa.LargeBinary(length=32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("submission_id", IDENTITY, nullable=False),
        sa.ForeignKeyConstraint(
            ["student_id"], ["students.id"], name="fk_idempotency_keys_student_id"
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name="fk_idempotency_keys_submission_id"
        ),
        sa.PrimaryKeyConstraint("student_id", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_submission_id", "idempotency_keys", ["submission_id"])

    op.create_table(
        "regraded_variants",
        sa.Column("regrade_id", IDENTITY, nullable=False),
        sa.Column("variant_id", IDENTITY, nullable=False),
        sa.Column("version_before", sa.Integer(), nullable=False),
        sa.Column("document_before", sa.Text(), nullable=False),
        sa.Column("answer_key_before", sa.Text(), nullable=False),
        sa.Column("document_after", sa.Text(), nullable=False),
        sa.Column("answer_key_after", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["regrade_id"], ["regrades.id"], name="fk_regraded_variants_regrade_id"
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name="fk_regraded_variants_variant_id"
        ),
        sa.PrimaryKeyConstraint("regrade_id", "variant_id", name="pk_regraded_variants"),
    )
    op.create_index("ix_regraded_variants_variant_id", "regraded_variants", ["variant_id"])

    op.create_table(
        "verdicts",
        sa.Column("id", IDENTITY, autoincrement=True, nullable=False),
        sa.Column("submission_id", IDENTITY, nullable=False),
        sa.Column("regrade_id", IDENTITY),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.Column("grader", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("first_error", sa.Text()),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("max_score", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('correct', 'partial', 'incorrect', 'invalid')", name="ck_verdicts_outcome"
        ),
        sa.CheckConstraint(
            "0 <= points AND points <= score AND score <= max_score", name="ck_verdicts_score"
        ),
        sa.ForeignKeyConstraint(["regrade_id"], ["regrades.id"], name="fk_verdicts_regrade_id"),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name="fk_verdicts_submission_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_verdicts"),
        sa.UniqueConstraint(
            "submission_id", "regrade_id", name="uq_verdicts_submission_id_regrade_id"
        ),
    )
    op.create_index("ix_verdicts_regrade_id", "verdicts", ["regrade_id"])
    op.create_index(
        "uq_verdicts_standing",
        "verdicts",
        ["submission_id"],
        unique=True,
        sqlite_where=sa.text("stands IS 1"),
        postgresql_where=sa.text("stands IS true"),
    )
