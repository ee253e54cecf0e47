"""Pre-generation: the variants of a whole roster, made before all come at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gradgrade.problems.templates.cost import drawing_work
from gradgrade.problems.templates.template import compile_template
from gradgrade.problems.variants.rosters import chunks
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.audit import log_change
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import Conflict
from gradgrade.service.course.people.roster import read_roster
from gradgrade.service.course.sets.problem_sets import Held, find
from gradgrade.service.course.sets.set_rules import load_rules
from gradgrade.service.course.work.drawn import Drawn, chunk_of, draw, students_without
from gradgrade.service.course.work.variants import keep_variant, pin
from gradgrade.service.jobs import Run
from gradgrade.service.store.identities import StudentId, StudentIdentity, StudentRow

CHUNK = 32
"""How many students' variants are one piece of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pregenerated:
    """What pre-generation came to: how many variants were made, and how many were there."""

    made: int
    held: int


def pregenerate(
    backend: Backend, actor: Actor, name: str, run: Run, *, most: int | None = None
) -> Pregenerated:
    """Pin the variants of everybody on a set's roster.

    Chunks are kept as they come, so that whoever is interrupted can begin again and goes on.

    Args:
        backend: the backend.
        actor: who asks for it.
        name: the set's.
        run: who draws; see `gradgrade.service.jobs.workers`.
        most: how much `drawing_work` the missing ones may be.

    Raises:
        NotFound: there is no such set.
        Conflict: they are more than `most`.
        ExerciseError: no variant can be issued for somebody.
    """
    with backend.store.reading() as connection:
        held = find(connection, actor, name)
        missing = {
            each.name: students_without(connection, held, each.name)
            for each in held.problem_set.exercises
        }
        total = len(read_roster(connection, held.row)) * len(missing)
    count = sum(map(len, missing.values()))
    work = sum(
        drawing_work(compile_template(held.problem_set, exercise)) * len(rows)
        for exercise, rows in missing.items()
    )
    if most is not None and work > most:
        raise Conflict(
            f"{count} variants are missing, which is more work than a request may be ({work}, the "
            f"most is {most}): run `gradgrade pregenerate {name}` on the server"
        )
    rules = load_rules(backend, held, [name for name, rows in missing.items() if rows], run=run)
    pieces = [
        chunk_of(backend, actor, held, exercise, part, rules[exercise])
        for exercise, rows in missing.items()
        for part in chunks(list(rows), CHUNK)
    ]
    for piece, drawn in zip(pieces, run(draw, iter(pieces)), strict=True):
        _keep_all(backend, actor, held, piece.exercise, drawn, missing[piece.exercise])
    with backend.store.writing() as connection:
        log_change(
            connection,
            actor,
            now=backend.clock(),
            action="variants.pregenerated",
            name=name,
            made=count,
        )
    return Pregenerated(made=count, held=total - count)


def _keep_all(
    backend: Backend,
    actor: Actor,
    held: Held,
    exercise: str,
    drawn: Sequence[Drawn],
    rows: Mapping[StudentId, StudentRow],
) -> None:
    with backend.store.writing() as connection:
        refused = [
            each.student
            for each in drawn
            if not keep_variant(
                connection, held, exercise, rows[each.student], each, now=backend.clock()
            )
        ]
    for student in refused:
        # They have one by now, or somebody else has these numbers.
        whose = StudentIdentity(row=rows[student], id=student)
        pin(backend, actor, held, exercise=exercise, student=whose)
