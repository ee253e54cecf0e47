"""Courses: one by name, made when it is first asked for, and whether anybody can instruct it."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import Connection, insert, select

from gradgrade.service.course.actor import Actor
from gradgrade.service.course.errors import NotFound, Unprocessable
from gradgrade.service.store.identities import CourseRow
from gradgrade.service.store.schema import courses, tokens

_COURSE = re.compile(r"[a-z0-9-]{1,100}")


def open_course(connection: Connection, name: str, *, now: datetime, makes: bool = True) -> Actor:
    """Return who runs commands on the server, an instructor of the course.

    Args:
        connection: to the database.
        name: the course's.
        now: when it is made.
        makes: whether it is made where there is none.

    Raises:
        NotFound: there is none.
        Unprocessable: it is no name of a course.
    """
    if not _COURSE.fullmatch(name):
        raise Unprocessable(f"course: {name!r} is not made of a-z, 0-9 and -")
    found = select(courses.c.id).where(courses.c.name == name)
    course: CourseRow | None = connection.execute(found).scalar_one_or_none()
    if course is None and not makes:
        raise NotFound(f"there is no course {name!r}")
    if course is None:
        made = insert(courses).values(name=name, created_at=now).returning(courses.c.id)
        course = CourseRow(connection.execute(made).scalar_one())
    return Actor(token=None, role="instructor", course=name, course_row=course)


def has_instructor(connection: Connection, actor: Actor) -> bool:
    """Tell whether a course has had a token of an instructor, valid or not."""
    found = select(tokens.c.id).where(
        tokens.c.course_id == actor.course_row, tokens.c.role == "instructor"
    )
    return connection.execute(found.limit(1)).first() is not None
