"""What sets were written as: text with its comments, kept beside the version that it became."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, select, update

from gradgrade.problems import DocumentError, ProblemSet
from gradgrade.problems.documents.toml.writing import with_fields
from gradgrade.service.store.identities import ProblemSetRow
from gradgrade.service.store.schema import problem_set_versions


def keep_source(
    connection: Connection, row: ProblemSetRow, version: int, source: str | None
) -> None:
    """Keep the text that a version was read from, if there is one."""
    if source is not None:
        changed = update(problem_set_versions).where(_of_version(row, version))
        connection.execute(changed.values(source=source))


def read_source(connection: Connection, row: ProblemSetRow, version: int) -> str | None:
    """Return the text that a version was read from; None: it came as a document."""
    wanted = select(problem_set_versions.c.source).where(_of_version(row, version))
    source: str | None = connection.execute(wanted).scalar_one()
    return source


def as_changed(source: str | None, before: ProblemSet, after: ProblemSet) -> str | None:
    """Return the text of a set whose own fields were changed, with the comments that it had.

    Args:
        source: what the set was read from; None: it is not known.
        before: that set.
        after: the changed one.

    Returns:
        None where no change of fields in the text says what the changed set says.
    """
    if source is None:
        return None
    old, new = (each.model_dump(by_alias=True, exclude_none=True) for each in (before, after))
    fields = {name: new.get(name) for name in {**old, **new} if old.get(name) != new.get(name)}
    try:
        text = with_fields(source, fields)
        return text if ProblemSet.from_toml(text) == after else None
    except DocumentError:
        return None


def _of_version(row: ProblemSetRow, version: int) -> ColumnElement[bool]:
    return (problem_set_versions.c.problem_set_id == row) & (
        problem_set_versions.c.version == version
    )
