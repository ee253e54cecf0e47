"""Backups: taken while the server writes, each one moment of the database.

A backup of SQLite is a database itself; one of PostgreSQL is what `pg_dump` writes.
"""

import errno
import os
import re
import secrets
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import inspect

from gradgrade.service.store.engine import Store
from gradgrade.service.store.errors import StoreError
from gradgrade.service.store.migrate import migrate, revision_of, revisions

MODE = 0o600
"""A backup holds answer keys and what students handed in."""

SQLITE, POSTGRESQL = b"SQLite format 3\0", b"PGDMP"
"""What backups of either kind begin with."""

JOURNAL, ROLLBACK = 18, 1
"""Where in a file of SQLite stands how it is written, and what stands there in a backup; a database
that is in use has a log beside it."""

TABLES = frozenset({"courses", "problem_sets", "submissions", "variants", "verdicts"})
"""By which a database of ours is known, of whatever revision."""


def backup(store: Store, path: Path) -> None:
    """Write a backup; an earlier one that stood there is replaced when it is complete.

    Args:
        store: the database, which may be written meanwhile.
        path: the file, which only its owner can read.

    Raises:
        StoreError: the database is empty or cannot be used, or `pg_dump` is missing or fails; or
            something else than a backup stands there, such as the database itself.
        OSError: the file cannot be written; what stood there is as it was.
    """
    with store.reading() as connection:
        if revision_of(connection) is None:
            raise StoreError("the database has no tables of gradgrade's; there is nothing to keep")
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists():
        _check_replaceable(store, path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
        try:
            (_copy_sqlite if store.is_sqlite else _dump_postgresql)(store, temporary)
            os.fsync(file)
        finally:
            os.close(file)
        os.replace(temporary, path)
    except BaseException as error:
        with suppress(OSError):  # what went wrong first is told
            temporary.unlink()
        if isinstance(error, OSError):
            error.filename = str(path)
        raise


def _check_replaceable(store: Store, path: Path) -> None:
    """Refuse to put a backup in the place of what nobody may have a second time."""
    database = Path(store.engine.url.database or "")
    if store.is_sqlite and database.is_file() and path.samefile(database):
        raise StoreError(f"{path}: is the database itself: write the backup to another file")
    if not path.is_file() or not _is_backup(path):
        raise StoreError(
            f"{path}: is there already and is no backup of gradgrade's, so it is not written over: "
            "write it to another file"
        )


def _is_backup(path: Path) -> bool:
    """Tell whether a file is a backup of a database of ours, of any revision."""
    with path.open("rb") as file:
        head = file.read(JOURNAL + 1)
    if head.startswith(SQLITE):
        return head[JOURNAL:] == bytes([ROLLBACK]) and _tables_in_sqlite(path) >= TABLES
    return head.startswith(POSTGRESQL) and _tables_in_dump(path) >= TABLES


def restore(store: Store, path: Path) -> None:
    """Fill an empty database from a backup, then migrate it.

    Args:
        store: a database without tables; one of SQLite is made where there is none.
        path: a backup of the same kind of database, of this version or an earlier one.

    Raises:
        StoreError: the database is not empty, or the file is no backup for it; the database is as
            it was.
        OSError: the file cannot be read.
    """
    with path.open("rb"):  # that it is missing is told in the usual words
        pass
    _check_revision((_revision_in_sqlite if store.is_sqlite else _revision_in_dump)(path), path)
    with store.reading() as connection:
        if inspect(connection).get_table_names():
            raise StoreError("the database is not empty; a backup is restored into an empty one")
    (_fill_sqlite if store.is_sqlite else _fill_postgresql)(store, path)
    migrate(store)


def _check_revision(revision: str | None, path: Path) -> None:
    if revision is None:
        raise StoreError(f"{path}: is no backup of a database of this kind")
    if revision not in revisions():
        raise StoreError(f"{path}: is at revision {revision}, of a later gradgrade than this")


# SQLite


def _copy_sqlite(store: Store, path: Path) -> None:
    with store.reading() as connection, closing(sqlite3.connect(path)) as target:
        _driver(connection.connection.driver_connection).backup(target)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it


def _fill_sqlite(store: Store, path: Path) -> None:
    with store.reading() as connection, closing(_read_only(path)) as source:
        try:
            source.backup(_driver(connection.connection.driver_connection))
        except sqlite3.Error as error:
            raise StoreError(f"the database cannot be restored: {error}") from None


def _revision_in_sqlite(path: Path) -> str | None:
    with closing(_read_only(path)) as source:
        try:
            sound = source.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            row = source.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.Error:
            return None
    return row[0] if sound and row else None


def _tables_in_sqlite(path: Path) -> set[str]:
    with closing(_read_only(path)) as source:
        try:
            return {name for (name,) in source.execute("SELECT name FROM sqlite_schema")}
        except sqlite3.Error:
            return set()


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _driver(connection: object) -> sqlite3.Connection:
    if not isinstance(connection, sqlite3.Connection):
        raise TypeError(f"{connection!r} is no connection of sqlite3")
    return connection


# PostgreSQL


def _dump_postgresql(store: Store, path: Path) -> None:
    _run(store, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={path}")


def _fill_postgresql(store: Store, path: Path) -> None:
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    _run(store, "pg_restore", *options, str(path.resolve()))


def _revision_in_dump(path: Path) -> str | None:
    options = ("--data-only", "--table=alembic_version", "--file=-")
    try:
        printed = _output(["pg_restore", *options, str(path.resolve())], environment={})
    except StoreError:
        return None
    found = re.search(r"^COPY \S*alembic_version .*\n(\w+)$", printed, re.MULTILINE)
    return found[1] if found else None


def _tables_in_dump(path: Path) -> set[str]:
    try:
        listed = _output(["pg_restore", "--list", str(path.resolve())], environment={})
    except StoreError:
        return set()
    return set(re.findall(r"^\d+; \d+ \d+ TABLE \S+ (\S+) ", listed, re.MULTILINE))


def _run(store: Store, program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL on a database, whose password is in no list of processes."""
    url = store.engine.url
    password = url.password or url.query.get("password")
    address = url.difference_update_query(["password"])._replace(
        drivername="postgresql", password=None
    )
    environment = {"PGPASSWORD": str(password)} if password else {}
    address_option = f"--dbname={address.render_as_string(hide_password=False)}"
    _output([program, address_option, *arguments], environment=environment)


def _output(command: list[str], *, environment: dict[str, str]) -> str:
    program = shutil.which(command[0])
    if program is None:
        raise StoreError(f"{command[0]} is not installed; it comes with PostgreSQL's client")
    done = subprocess.run(
        [program, *command[1:]],
        env={**os.environ, "LC_ALL": "C", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise StoreError(f"{command[0]} failed: {lines[0].removeprefix(f'{command[0]}: ')}")
    return done.stdout
