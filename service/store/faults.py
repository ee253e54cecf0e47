"""Faults of a database, told in words of our own, which hold no address and nobody's data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gradgrade.service.store.errors import StoreBusy, StoreError, StoreLocked, StoreUnavailable

# PostgreSQL's codes.
_LOCK_NOT_AVAILABLE = "55P03"
_TOO_MANY_CONNECTIONS, _STATEMENT_TIMEOUT = "53300", "57014"
_DEADLOCK, _SERIALIZATION = "40P01", "40001"
_BUSY_CODES = (_TOO_MANY_CONNECTIONS, _STATEMENT_TIMEOUT, _DEADLOCK, _SERIALIZATION)
_NO_SUCH_TABLE = "42P01"
_READ_ONLY = "25006"


@contextmanager
def told_faults() -> Iterator[None]:
    """Tell of a database that is busy or gone in words of our own, which hold no address."""
    try:
        yield
    except PoolTimeout:
        raise StoreBusy("the database is busy: no connection became free") from None
    except DBAPIError as error:
        told = _as_ours(error)
        if told is None:
            raise
        raise told from None


def _as_ours(error: DBAPIError) -> StoreError | None:
    code, name = (getattr(error.orig, each, None) for each in ("sqlstate", "sqlite_errorname"))
    text = str(error.orig)
    if code == _LOCK_NOT_AVAILABLE:
        return StoreLocked("the database is busy: another request holds what this one changes")
    if "database is locked" in text or code in _BUSY_CODES:
        return StoreBusy("the database is busy")
    if "no such table" in text or code == _NO_SUCH_TABLE:
        return StoreUnavailable("the database has no tables of ours")
    if "readonly database" in text or code == _READ_ONLY:
        return StoreUnavailable("the database can only be read")
    if "is not a database" in text or "is malformed" in text:
        return StoreUnavailable("the database's file is damaged, or is no database")
    if name == "SQLITE_CANTOPEN":
        return StoreUnavailable(
            "the database's file cannot be opened: its folder is not there, or is closed "
            "to us, or it is a folder itself"
        )
    if error.connection_invalidated:
        return StoreUnavailable("the connection to the database was lost")
    # SQLite has one code for every statement that is wrong; that is a fault of ours.
    if not isinstance(error, OperationalError) or name == "SQLITE_ERROR":
        return None
    return StoreUnavailable("the database does not answer, or has no room")
