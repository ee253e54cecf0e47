import pytest
from sqlalchemy import text

from gradgrade.service.store.engine import open_store
from gradgrade.service.store.integrity import find_faults
from gradgrade.service.store.migrate import revisions
from tests.service.store.databases import make_tables
from tests.service.store.writer import prepare


@pytest.fixture
def course(store):
    make_tables(store)
    prepare(store, revisions()[-1])
    return store


def test_a_whole_course_has_no_problems(course):
    assert find_faults(course) == []


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ("UPDATE verdicts SET stands = false WHERE id = 3", "submission sub-2 has 0 standing"),
        ("DELETE FROM verdicts WHERE submission_id = 2", "submission sub-2 has 0 standing"),
        (
            "UPDATE variants SET attempts = 2 WHERE id = 1",
            "variant 1 has 2 attempts, but 1 numbered submissions up to 1",
        ),
        (
            "UPDATE submissions SET attempt = 2 WHERE id = 1",
            "variant 1 has 1 attempts, but 1 numbered submissions up to 2",
        ),
        (
            "UPDATE submissions SET attempt = 1 WHERE id = 2",
            "variant 2 has 0 attempts, but 1 numbered submissions up to 1",
        ),
        (
            "UPDATE overrides SET points = 1001",
            "week-3/one-step: 10.01 points are stated, more than it ever had",
        ),
        (
            "UPDATE overrides SET exercise = 'two-steps', points = 0",
            "week-3/two-steps: 0 points are stated, more than it ever had",
        ),
    ],
)
def test_a_fault_is_told(course, fault, problem):
    with course.writing() as connection:
        connection.execute(text(fault))
    (told,) = find_faults(course)
    assert told.startswith(problem)


def test_two_standing_verdicts_are_told_where_nothing_forbade_them(course):
    with course.writing() as connection:
        connection.execute(text("DROP INDEX uq_verdicts_standing"))
        connection.execute(text("UPDATE verdicts SET stands = true"))
    assert find_faults(course) == ["submission sub-1 has 2 standing verdicts, not 1"]


def test_many_faults_of_a_kind_are_counted(course):
    with course.writing() as connection:
        connection.execute(text("DELETE FROM verdicts"))
        connection.execute(
            text(
                "INSERT INTO submissions SELECT id + 10 * n, public_id || n, problem_set_id, "
                "student_id, variant_id, NULL, received_at, body, is_late, receipt, NULL, NULL, "
                "NULL, NULL FROM submissions, (SELECT DISTINCT id AS n FROM students "
                "UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6) AS numbers"
            )
        )
    told = find_faults(course)
    assert len(told) == 11
    assert told[-1] == "and 4 more of this kind"


def test_an_empty_database_is_not_current(store):
    assert find_faults(store) == ["the tables are not current: run `gradgrade database migrate`"]


@pytest.mark.parametrize("kind", ["SQLite"], indirect=True)
def test_a_row_that_refers_to_nothing_is_told(course):
    with course.reading() as connection:
        connection.execute(text("PRAGMA foreign_keys=OFF"))
        connection.execute(text("DELETE FROM students WHERE id = 2"))
    course.close()
    told = find_faults(course)
    assert "enrolments: row 2 refers to no row of students" in told


@pytest.mark.parametrize("kind", ["SQLite"], indirect=True)
def test_a_damaged_file_is_told(course, tmp_path):
    with course.reading() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    course.close()
    (path,) = tmp_path.glob("*.db")
    content = bytearray(path.read_bytes())
    content[3 * 4096 : 5 * 4096] = b"\xff" * 2 * 4096
    path.write_bytes(content)
    told = find_faults(open_store(str(path)))
    assert told
    assert all(each.startswith("integrity: ") for each in told)


@pytest.mark.parametrize("kind", ["SQLite"], indirect=True)
def test_a_file_that_is_no_database_is_told(tmp_path, kind):
    path = tmp_path / "course.db"
    path.write_bytes(b"nonsense" * 1000)
    assert find_faults(open_store(str(path))) == [
        f"integrity: {path}: the database's file is damaged, or is no database"
    ]
