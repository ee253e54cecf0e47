"""Which columns of a table name a student: by their headings, as the field's systems write them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# The likeliest first: in Canvas's export ID is a number of Canvas's own.
_IDS = (
    "sis user id",
    "sis id",
    "student id",
    "student number",
    "id number",
    "user id number",
    "useridnumber",
    "matriculation number",
    "id",
    "user id",
    "username",
)
_NAMES = ("name", "student name", "full name", "student")
_FIRST_NAMES = ("first name", "given name", "firstname")
_LAST_NAMES = ("surname", "last name", "family name", "lastname")
_ADDRESSES = ("email", "e mail", "email address", "e mail address", "mail", "useremail")
_LOGIN = "sis login id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where a table names a student.

    Args:
        headings: of all its columns, as they are written.
        id: the column of ids.
        names: the columns that make a name, in order.
        email: the column of addresses; None: there is none.
        login: where Canvas has a login, which may be an address.
        canvas_student: where Canvas's own export has names, among them rows that are no student's;
            None: it is not Canvas's.
        canvas_id: where Canvas has its own number, used where nobody has an id of the institution.
    """

    headings: tuple[str, ...]
    id: int
    names: tuple[int, ...] = ()
    email: int | None = None
    login: int | None = None
    canvas_student: int | None = None
    canvas_id: int | None = None

    @property
    def id_heading(self) -> str:
        """How the column of ids is headed."""
        return self.headings[self.id]


def find_columns(headings: Sequence[str]) -> Columns | None:
    """Return where a table with these headings names a student; None: it has no column of ids.

    >>> find_columns(["First name", "Surname", "ID number", "Email address"])
    Columns(headings=('First name', 'Surname', 'ID number', 'Email address'), id=2, names=(0, 1),
    email=3, login=None, canvas_student=None, canvas_id=None)
    >>> find_columns(["First name", "Surname"])
    """
    at: dict[str, int] = {}
    for index, heading in enumerate(headings):
        at.setdefault(_plain(heading), index)
    # What a roster of ours has is meant so, whatever stands beside it.
    identity = headings.index("id") if "id" in headings else _first(at, _IDS)
    if identity is None:
        return None
    whole = _first(at, _NAMES)
    parts = (_first(at, _FIRST_NAMES), _first(at, _LAST_NAMES))
    is_canvas = "student" in at and (_LOGIN in at or "sis user id" in at)
    return Columns(
        headings=tuple(headings),
        id=identity,
        names=tuple(
            each for each in ((whole,) if whole is not None else parts) if each is not None
        ),
        email=_first(at, _ADDRESSES),
        login=at.get(_LOGIN),
        canvas_student=at["student"] if is_canvas else None,
        canvas_id=at.get("id") if is_canvas else None,
    )


def twice(headings: Sequence[str], columns: Columns) -> str | None:
    """Return the heading of ids, if another column has the same one."""
    plain = [_plain(each) for each in headings]
    return columns.id_heading if plain.count(plain[columns.id]) > 1 else None


def _plain(heading: str) -> str:
    return re.sub(r"[\s_.\-]+", " ", heading[:100].casefold()).strip()


def _first(at: Mapping[str, int], names: Sequence[str]) -> int | None:
    return next((at[each] for each in names if each in at), None)
