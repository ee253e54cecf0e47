"""Prepared statements: compiled once, and then run by the driver itself.

SQLAlchemy takes several times as long to run a short statement as SQLite does. On the way of a
submission, and nowhere else, that is worth a module of its own (docs/course-at-scale.md).
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

Statement = Select[Any] | Insert | Update
"""A SELECT; an UPDATE or INSERT, and where that returns nothing it is `inline`."""

Processor = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement as one driver takes it.

    Args:
        text: of the statement.
        parameters: the names of its parameters, in order, and what makes driver's values of ours.
        constants: the values that stand in the statement itself.
        is_positional: whether the driver takes them by place, or by name.
        row: makes a named tuple of a row's values.
        columns: what makes our values of the driver's, for the columns that need it.
    """

    text: str
    parameters: Sequence[tuple[str, Processor | None]]
    constants: Mapping[str, Any]
    is_positional: bool
    row: Callable[[Sequence[Any]], Any]
    columns: Sequence[tuple[int, Processor]]

    def bound(self, values: Mapping[str, Any]) -> Any:
        """Return the parameters as the driver takes them."""
        values = {**self.constants, **values}
        pairs = [
            (name, values[name] if process is None else process(values[name]))
            for name, process in self.parameters
        ]
        return [value for _, value in pairs] if self.is_positional else dict(pairs)

    def read(self, values: Sequence[Any]) -> Any:
        """Return a row of the driver's as a named tuple of our values."""
        if not self.columns:
            return self.row(values)
        ours = list(values)
        for at, process in self.columns:
            ours[at] = process(ours[at])
        return self.row(ours)


def execute(connection: Connection, statement: Statement, values: Mapping[str, Any]) -> Any:
    """Run a statement of at most one row, as `connection.execute(…).one_or_none()` does.

    Args:
        connection: to the database.
        statement: one that is kept, since it is compiled when it is first met; of columns of
            `gradgrade.service.store.schema`.
        values: of its `bindparam`s, by their names.

    Returns:
        The row, a named tuple; None: there is none.

    Raises:
        DBAPIError: as SQLAlchemy raises it.
    """
    dialect = connection.dialect
    prepared = _prepared(statement, dialect)
    driver = connection.connection.driver_connection
    assert driver is not None
    cursor = driver.cursor()
    try:
        cursor.execute(prepared.text, prepared.bound(values))
        rows = cursor.fetchall() if cursor.description else ()
    except dialect.loaded_dbapi.Error as error:
        raise _as_told(connection, prepared, error) from error
    finally:
        cursor.close()
    assert len(rows) <= 1
    return prepared.read(rows[0]) if rows else None


def _as_told(connection: Connection, prepared: _Prepared, error: Exception) -> BaseException:
    """Return a driver's error as SQLAlchemy tells it; a connection that is lost is given up."""
    dialect: Any = connection.dialect
    is_lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
    told = DBAPIError.instance(
        prepared.text,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_lost,
        dialect=dialect,
    )
    if is_lost:
        connection.invalidate(error)
    return told


@lru_cache(maxsize=64)
def _prepared(statement: Statement, dialect: Dialect) -> _Prepared:
    compiled = statement.compile(dialect=dialect)
    columns = list(statement.exported_columns.items())
    parameters = {name: parameter for parameter, name in compiled.bind_names.items()}
    names = list(compiled.positiontup or parameters)
    readers = [_impl(column.type, dialect).result_processor(dialect, None) for _, column in columns]
    return _Prepared(
        text=str(compiled),
        parameters=[
            (name, _impl(parameters[name].type, dialect).bind_processor(dialect)) for name in names
        ],
        constants={
            name: parameter.value
            for name, parameter in parameters.items()
            if not parameter.required
        },
        is_positional=compiled.positional,
        row=partial(tuple.__new__, namedtuple("Row", [str(name) for name, _ in columns])),
        columns=[(at, reader) for at, reader in enumerate(readers) if reader is not None],
    )


def _impl(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return kind.dialect_impl(dialect)
