"""How far everybody is: students by exercises, found by name, in the order that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from gradgrade.service.course.grades.progress import StudentProgress, gather_progress
from gradgrade.service.course.sets.problem_sets import find
from gradgrade.service.web.rendering import page
from gradgrade.service.web.texts import gettext
from gradgrade.service.web.visit import Visit

FIND_FIELD, ORDER_FIELD = "find", "order"


def show_progress(visit: Visit, name: str) -> Response:
    """Answer with a table of students and exercises."""
    wanted = request.args.get(FIND_FIELD, "").strip()
    order = request.args.get(ORDER_FIELD, "")
    with visit.backend.store.snapshot() as connection:
        held = find(connection, visit.actor, name)
        found = gather_progress(connection, held)
    return page(
        "progress.html",
        tab="progress",
        problem_set=held.problem_set,
        progress=found,
        students=chosen(found.students, wanted=wanted, order=order),
        wanted=wanted,
        order=order,
        orders=_orders(),
        find_field=FIND_FIELD,
        order_field=ORDER_FIELD,
    )


def chosen(
    students: Sequence[StudentProgress], *, wanted: str = "", order: str = ""
) -> Sequence[StudentProgress]:
    """Return those students whose name or id holds a text, in an order.

    Args:
        students: ordered by their ids.
        wanted: the text, in any letter case; empty: all are wanted.
        order: a key of `ORDERS`; any other leaves them as they are.
    """
    text = wanted.casefold()
    those = [each for each in students if text in f"{each.name}\n{each.id}".casefold()]
    return sorted(those, key=ORDERS[order]) if order in ORDERS else those


def _called(student: StudentProgress) -> str:
    return (student.name or student.id).casefold()


def _missing(student: StudentProgress) -> int:
    return sum(each.score is None for each in student.exercises.values())


def _points(student: StudentProgress) -> float:
    return sum(each.score or 0 for each in student.exercises.values())


def _behind(student: StudentProgress) -> tuple[int, float]:
    return -_missing(student), _points(student)


ORDERS: Mapping[str, Callable[[StudentProgress], Any]] = MappingProxyType(
    {"name": _called, "missing": _behind, "points": _points}
)
"""What students are sorted by; those who are equal stay in the order of their ids."""


def _orders() -> Mapping[str, str]:
    """Return what each order is called, in the order in which they are offered."""
    return {
        "": gettext("by id"),
        "name": gettext("by name"),
        "missing": gettext("most missing first"),
        "points": gettext("fewest points first"),
    }
