import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, inspect, select, text

from gradgrade.problems import catalogue, generate, grade
from gradgrade.problems.generate import numbers_digest
from gradgrade.service.course.part_summaries import write_parts
from gradgrade.service.example_course.answers import answers_to
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.errors import StoreError
from gradgrade.service.store.migrate import REVISIONS, is_current, migrate, revision_of, revisions
from gradgrade.service.store.schema import metadata
from tests.service.store.databases import make_tables, new_database
from tests.service.store.rows import columns, insert_rows, row_hashes, rows_of, tables
from tests.solved import right_answers

SEVERAL = 4


def described(connection):
    """All that a database says of its tables, comparable between two that were made apart."""
    inspector = inspect(connection)
    tables = sorted(set(inspector.get_table_names()) - {"alembic_version"})
    return {
        table: {
            "columns": [
                {**each, "type": str(each["type"]), "default": str(each["default"])[:8]}
                for each in inspector.get_columns(table)
            ],
            "primary key": inspector.get_pk_constraint(table),
            "foreign keys": sorted(map(str, inspector.get_foreign_keys(table))),
            "unique": sorted(map(str, inspector.get_unique_constraints(table))),
            "checks": sorted(str(each) for each in inspector.get_check_constraints(table)),
            "indexes": sorted(
                str({**each, "dialect_options": _plain(each.get("dialect_options", {}))})
                for each in inspector.get_indexes(table)
            ),
        }
        for table in tables
    }


def _plain(options):
    return {name: str(value) for name, value in options.items()}


def test_a_migrated_database_has_the_tables_of_the_schema(new_store):
    migrated, made = new_store(), new_store()
    migrate(migrated)
    with made.writing() as connection:
        metadata.create_all(connection)
        expected = described(connection)
    with migrated.reading() as connection:
        assert described(connection) == expected
        assert set(expected) == set(metadata.tables)


def test_the_tables_of_other_tests_are_those_of_a_migrated_database(new_store):
    migrated, first, second = new_store(), new_store(), new_store()
    migrate(migrated)
    with migrated.reading() as connection:
        expected = described(connection)
    for store in (first, second):
        make_tables(store)
        assert is_current(store)
        with store.reading() as connection:
            assert described(connection) == expected


def test_alembic_finds_no_difference_from_the_schema(store):
    migrate(store)
    with store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE students ADD COLUMN nickname TEXT",
        "DROP INDEX uq_verdicts_standing",
        "CREATE INDEX one_more ON students (email)",
    ],
)
def test_a_difference_from_the_schema_is_found(store, change):
    migrate(store)
    with store.writing() as connection:
        before = described(connection)
        connection.execute(text(change))
        assert described(connection) != before
        assert compare_metadata(MigrationContext.configure(connection), metadata) != []


@pytest.fixture(scope="module")
def rows_of_the_last(tmp_path_factory):
    """Returns columns and hashes of rows that were never migrated, in a kind of database."""

    @cache
    def made(kind):
        with new_database(kind, tmp_path_factory.mktemp("last")) as database:
            store = open_store(database)
            migrate(store)
            with store.writing() as connection:
                insert_rows(connection, revisions()[-1])
                kept = columns(connection)
                hashes = row_hashes(connection, kept)
            store.close()
        return kept, hashes

    return made


@pytest.mark.parametrize("revision", revisions())
def test_rows_of_every_revision_become_those_of_the_last(
    kind, new_store, rows_of_the_last, revision
):
    kept, expected = rows_of_the_last(kind)
    migrated = new_store()
    migrate(migrated, to=revision)
    rows = rows_of(revision)
    with migrated.writing() as connection:
        # Every table of the revision has rows to migrate.
        assert set(rows) == set(columns(connection))
        assert all(rows.values())
        insert_rows(connection, revision)
    migrate(migrated)
    with migrated.reading() as connection:
        assert columns(connection) == kept
        found = row_hashes(connection, kept)
        new = {name: tables(connection)[name] for name in kept.keys() - rows.keys()}
        # A table that is made later begins empty.
        assert not any(connection.execute(select(each)).first() for each in new.values())
    assert {name for name in kept if found[name] != expected[name]} == new.keys()


def test_a_changed_row_changes_its_tables_hash(store):
    migrate(store)
    with store.writing() as connection:
        insert_rows(connection, revisions()[-1])
        kept = columns(connection)
        before = row_hashes(connection, kept)
        connection.execute(text("UPDATE verdicts SET points = points - 1 WHERE id = 2"))
        after = row_hashes(connection, kept)
    assert {name for name in kept if before[name] != after[name]} == {"verdicts"}


def test_a_migrated_database_is_current_and_an_empty_one_is_not(store):
    assert not is_current(store)
    migrate(store)
    assert is_current(store)
    migrate(store)
    assert is_current(store)


def test_a_database_of_a_later_version_is_refused_and_stays_as_it_was(store):
    migrate(store)
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert not is_current(store)
    with pytest.raises(StoreError, match=r"revision 9999, of a later gradgrade"):
        migrate(store)
    with store.reading() as connection:
        assert revision_of(connection) == "9999"


def test_a_database_of_something_else_is_refused(store):
    with store.writing() as connection:
        connection.execute(text("CREATE TABLE verdicts (id INTEGER PRIMARY KEY)"))
    with pytest.raises(StoreError, match="tables already"):
        migrate(store)
    with store.reading() as connection:
        assert inspect(connection).get_table_names() == ["verdicts"]


def test_a_migration_that_fails_leaves_nothing(store):
    def fail(_connection, statement, *_):
        if "CREATE TABLE verdicts" in str(statement):
            raise RuntimeError("cut off")

    event.listen(store.engine, "after_execute", fail)
    with pytest.raises(RuntimeError, match="cut off"):
        migrate(store)
    event.remove(store.engine, "after_execute", fail)
    with store.reading() as connection:
        assert inspect(connection).get_table_names() == []


PROGRAM = """
import sys
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.migrate import is_current, migrate
store = open_store(sys.argv[1])
sys.stdin.readline()
migrate(store)
assert is_current(store)
"""


def test_several_processes_migrate_one_database_at_once(store):
    address = store.engine.url.render_as_string(hide_password=False)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, address],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        for _ in range(SEVERAL)
    ]
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    errors = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * SEVERAL, errors
    assert is_current(store)


def test_revisions_are_one_line_without_a_way_back():
    package, folder = REVISIONS.split(":")
    directory = Path(sys.modules[package].__file__).parent / folder / "versions"
    names = sorted(path.name for path in directory.glob("*.py"))
    assert [name[:4] for name in names] == revisions()
    assert not any("schema" in path.read_text() for path in directory.glob("*.py"))


def test_the_numbers_that_a_migration_reads_are_those_of_the_exercise():
    migration = import_module(f"{REVISIONS.replace(':', '.')}.versions.0004_numbers")
    for name in ("seeds", "convolution-and-sequences"):
        definitions = catalogue.load(name)
        for each in definitions.exercises[:3]:
            made = generate(definitions, each.name, student="1", secret=b"0")
            assert migration.numbers_of(made.to_json()) == numbers_digest(made)


def test_what_a_migration_counts_of_a_verdict_is_what_is_counted_when_one_is_given():
    migration = import_module(f"{REVISIONS.replace(':', '.')}.versions.0007_parts")
    definitions = catalogue.load("first-steps")
    for each in definitions.exercises[:3]:
        exercise = generate(definitions, each.name, student="1", secret=b"0")
        usual = [answers_to(exercise, kind, 0.5) for kind in ("right", "mistaken", "unfinished")]
        malformed = {next(iter(right_answers(exercise))): [[[[1]]]]}
        for answers in (*usual, malformed):
            verdict = grade(exercise, answers)
            assert migration.parts_of(verdict.line) == write_parts(verdict)
