"""Variants made ahead: when a student fetches theirs, those of the next on the roster are drawn.

They are kept by the process and are nobody's before they are fetched: what is kept is what would be
drawn, and an edit of the set is for all who have not fetched yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from gradgrade.problems import ExerciseError
from gradgrade.problems.templates.cost import drawing_work
from gradgrade.service.bounds import MOST_WORK_AHEAD
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.sets.problem_sets import Held, template_of
from gradgrade.service.course.sets.set_rules import load_rules
from gradgrade.service.course.work.drawn import Drawn, chunk_of, drawn_in, students_without
from gradgrade.service.store.identities import StudentId, StudentIdentity


def take_ahead(
    backend: Backend, actor: Actor, held: Held, exercise: str, student: StudentId
) -> Drawn | None:
    """Return a student's variant that was made ahead, once; None where it was not.

    Raises:
        NotFound: the set has no such exercise.
    """
    found: Drawn | None = backend.ahead.take(_key(backend, actor, held, exercise, student))
    return found


def make_more(
    backend: Backend, actor: Actor, held: Held, exercise: str, *, after: StudentIdentity
) -> None:
    """Have the variants of those made ahead who stand after a student; nobody waits for it."""
    if backend.most_ahead:
        backend.background.ask(partial(_make, backend, actor, held, exercise, after))


def _make(
    backend: Backend, actor: Actor, held: Held, exercise: str, after: StudentIdentity
) -> Iterator[None]:
    """Make what is missing, a variant a step; nothing while less than half of it is."""
    following = _following(backend, held, exercise, after)
    keys = {student: _key(backend, actor, held, exercise, student) for student in following}
    missing = {student: key for student, key in keys.items() if key not in backend.ahead}
    if not missing or 2 * len(missing) < len(following):
        return
    rules = load_rules(backend, held, (exercise,))[exercise]
    chunk = chunk_of(backend, actor, held, exercise, list(missing), rules)
    try:
        for drawn in drawn_in(chunk):
            backend.ahead.get(missing[drawn.student], partial(_same, drawn))
            yield
    except ExerciseError:
        return  # who has none is told so when they ask


def _same(drawn: Drawn) -> Drawn:
    return drawn


def _following(
    backend: Backend, held: Held, exercise: str, after: StudentIdentity
) -> Sequence[StudentId]:
    """Return who has no variant and stands next on the roster, from its begin on after its end."""
    with backend.store.reading() as connection:
        rows = students_without(connection, held, exercise)
    later = [student for student, row in rows.items() if row > after.row]
    earlier = [student for student, row in rows.items() if row < after.row]
    affordable = MOST_WORK_AHEAD // drawing_work(template_of(held, exercise))
    return (later + earlier)[: max(1, min(backend.most_ahead, affordable))]


def _key(backend: Backend, actor: Actor, held: Held, exercise: str, student: StudentId) -> bytes:
    template = template_of(held, exercise)
    return template.key(student=student, secret=backend.secret, course=actor.course)
