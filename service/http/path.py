"""The variables of a path: names of things that may not be there."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import abort


def check_path(path: Mapping[str, str]) -> None:
    """Refuse names that nothing has, before anything is looked up: PostgreSQL takes no null.

    Args:
        path: the variables of a path by their names.

    Raises:
        HTTPException: 404, one has a character that cannot be printed.
    """
    if not all(value.isprintable() for value in path.values()):
        abort(HTTPStatus.NOT_FOUND)
