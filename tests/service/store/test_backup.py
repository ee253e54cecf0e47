import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from gradgrade.service.store.backup import backup, restore
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.errors import StoreError
from gradgrade.service.store.integrity import find_faults
from gradgrade.service.store.migrate import is_current, migrate, revisions
from tests.examples import spread
from tests.service.store.databases import make_tables
from tests.service.store.rows import columns, row_hashes
from tests.service.store.writer import prepare, submit

BACKUPS = 4


@pytest.fixture
def course(store):
    """A store with the rows of a course."""
    make_tables(store)
    prepare(store, revisions()[-1])
    return store


def hashes(store):
    with store.reading() as connection:
        return row_hashes(connection, columns(connection))


def submitted(store):
    with store.reading() as connection:
        query = "SELECT count(*) FROM submissions WHERE public_id LIKE 'writer-%'"
        return connection.execute(text(query)).scalar_one()


@contextmanager
def writing_process(store):
    """Provide how many submissions another process has had acknowledged, as a function."""
    address = store.engine.url.render_as_string(hide_password=False)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.service.store.writer", address],
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    last = [0]

    def acknowledged():
        last[0] = int(process.stdout.readline()) - 1
        return last[0]

    try:
        acknowledged()
        yield acknowledged
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()


def test_a_restored_backup_has_the_same_rows(course, new_store, tmp_path):
    backup(course, tmp_path / "a.backup")
    restored = new_store()
    restore(restored, tmp_path / "a.backup")
    assert hashes(restored) == hashes(course)
    assert find_faults(restored) == []
    assert submit(restored) == 2  # it can be worked on


def test_backups_taken_while_a_process_writes_restore_whole(course, new_store, tmp_path):
    counts = []
    with writing_process(course) as acknowledged:
        for number in range(BACKUPS):
            before = acknowledged()
            backup(course, tmp_path / f"{number}.backup")
            counts.append(before)
    for number, before in enumerate(counts):
        restored = new_store()
        restore(restored, tmp_path / f"{number}.backup")
        assert find_faults(restored) == []
        assert before <= submitted(restored) <= submitted(course)
    assert find_faults(course) == []


def test_a_backup_is_readable_by_its_owner_alone_and_leaves_nothing_beside_it(course, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    before = os.umask(0)
    try:
        backup(course, folder / "a.backup")
    finally:
        os.umask(before)
    assert [path.name for path in folder.iterdir()] == ["a.backup"]
    assert stat.S_IMODE((folder / "a.backup").stat().st_mode) == 0o600


def test_a_backup_that_fails_leaves_what_stood_there(kind, tmp_path):
    addresses = {
        "SQLite": f"sqlite:///{tmp_path}/no-such-folder/course.db",
        "PostgreSQL": "postgresql://postgres@127.0.0.1:1/nothing",
    }
    target = tmp_path / "a.backup"
    target.write_text("the one before")
    with pytest.raises(StoreError):
        backup(open_store(addresses[kind]), target)
    assert target.read_text() == "the one before"
    assert list(tmp_path.glob(".*")) == []


def test_a_backup_takes_the_place_of_an_earlier_one_and_of_nothing_else(course, tmp_path):
    target = tmp_path / "a.backup"
    backup(course, target)
    backup(course, target)
    tokens = tmp_path / "tokens.csv"
    tokens.write_text("id,token\n")
    with pytest.raises(StoreError, match=r"tokens\.csv: is there already and is no backup"):
        backup(course, tokens)
    assert tokens.read_text() == "id,token\n"


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_backup_does_not_take_the_place_of_somebody_elses_database(course, tmp_path, mode):
    other = tmp_path / "places.sqlite"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute(f"PRAGMA journal_mode={mode}")
        connection.execute("CREATE TABLE moz_places (url TEXT)")
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")
        connection.commit()
    before, beside = other.read_bytes(), sorted(tmp_path.iterdir())
    with pytest.raises(StoreError, match=r"places\.sqlite: is there already and is no backup"):
        backup(course, other)
    assert other.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == beside


def test_a_backup_does_not_take_the_place_of_another_courses_database(course, tmp_path):
    other = tmp_path / "other.db"
    another = open_store(str(other))
    migrate(another)
    another.close()
    before = other.read_bytes()
    with pytest.raises(StoreError, match=r"other\.db: is there already and is no backup"):
        backup(course, other)
    assert other.read_bytes() == before


def test_a_backup_takes_the_place_of_one_of_an_earlier_revision(course, tmp_path):
    target = tmp_path / "a.backup"
    earlier = open_store(str(tmp_path / "earlier.db"))
    migrate(earlier, to=revisions()[0])
    backup(earlier, target)
    earlier.close()
    backup(course, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", ["SQLite"])
def test_a_backup_does_not_take_the_place_of_the_database(course, tmp_path):
    database = Path(course.engine.url.database)
    number = database.stat().st_ino
    link = tmp_path / "the-same.db"
    link.hardlink_to(database)
    for place in (database, link):
        with pytest.raises(StoreError, match="is the database itself"):
            backup(course, place)
    assert database.stat().st_ino == number
    assert find_faults(course) == []


def test_a_backup_into_no_folder_is_refused_by_the_name_of_the_file(course, tmp_path):
    target = tmp_path / "no-such-folder" / "a.backup"
    with pytest.raises(FileNotFoundError) as refused:
        backup(course, target)
    assert refused.value.filename == str(target)


def test_a_database_that_is_not_empty_is_not_restored_into(course, new_store, tmp_path):
    backup(course, tmp_path / "a.backup")
    submit(course)
    before = hashes(course)
    with pytest.raises(StoreError, match="not empty"):
        restore(course, tmp_path / "a.backup")
    assert hashes(course) == before


def _truncated(path):
    path.write_bytes(path.read_bytes()[:-2000])


def _nonsense(path):
    path.write_bytes(b"nonsense" * 1000)


def _empty(path):
    path.write_bytes(b"")


@pytest.mark.parametrize("spoil", [_truncated, _nonsense, _empty])
def test_what_is_no_whole_backup_is_refused_and_the_database_stays_empty(
    course, new_store, tmp_path, spoil
):
    backup(course, tmp_path / "a.backup")
    spoil(tmp_path / "a.backup")
    restored = new_store()
    with pytest.raises(StoreError):
        restore(restored, tmp_path / "a.backup")
    with restored.reading() as connection:
        assert inspect(connection).get_table_names() == []


def test_a_backup_of_a_later_version_is_refused_and_the_database_stays_empty(
    course, new_store, tmp_path
):
    with course.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    backup(course, tmp_path / "a.backup")
    restored = new_store()
    with pytest.raises(StoreError, match="revision 9999, of a later gradgrade"):
        restore(restored, tmp_path / "a.backup")
    with restored.reading() as connection:
        assert inspect(connection).get_table_names() == []


def test_a_backup_that_is_not_there_is_told_as_such(store, tmp_path):
    with pytest.raises(FileNotFoundError):
        restore(store, tmp_path / "a.backup")


@pytest.mark.parametrize("revision", spread(revisions()))
def test_a_backup_of_an_earlier_revision_is_migrated_when_it_is_restored(
    store, new_store, tmp_path, revision
):
    migrate(store, to=revision)
    backup(store, tmp_path / "a.backup")
    restored = new_store()
    restore(restored, tmp_path / "a.backup")
    assert is_current(restored)


def test_an_empty_database_is_not_backed_up(store, tmp_path):
    with pytest.raises(StoreError, match="nothing to keep"):
        backup(store, tmp_path / "a.backup")
    assert not (tmp_path / "a.backup").exists()


@pytest.mark.parametrize("kind", ["PostgreSQL"], indirect=True)
@pytest.mark.parametrize(
    "form", ["postgres:s3cr%2Ft@{place}", "postgres@{place}?password=s3cr%2Ft"]
)
def test_a_password_is_in_no_argument_of_a_program(course, tmp_path, monkeypatch, form):
    told = tmp_path / "told"
    program = tmp_path / "pg_dump"
    program.write_text(f'#!/bin/sh\necho "$@" > {told}\necho "$PGPASSWORD" >> {told}\n')
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    place = f"127.0.0.1:5432/{course.engine.url.database}"
    address = "postgresql://" + form.format(place=place)
    database = open_store(address)
    backup(database, tmp_path / "a.backup")
    database.close()
    arguments, password = told.read_text().splitlines()
    assert f"--dbname=postgresql://postgres@{place} " in arguments
    assert "s3cr" not in arguments
    assert password == "s3cr/t"


@pytest.mark.parametrize("kind", ["PostgreSQL"], indirect=True)
def test_a_missing_program_is_named(course, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreError, match="pg_dump is not installed"):
        backup(course, tmp_path / "a.backup")
