"""The rules by which a set's exercises are drawn: found once, and from then on kept beside the set.

Whoever draws goes by what is kept, in whatever process. Rules belong to a structure, so an edit of
the set that leaves an exercise as it is leaves its rules too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from operator import itemgetter

from sqlalchemy import Connection, select

from gradgrade.problems.gates.rules import Rules, read_rules
from gradgrade.problems.templates.template import compile_template
from gradgrade.problems.variants.set_rules import find_set_rules
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.sets.problem_sets import Held
from gradgrade.service.jobs import Run
from gradgrade.service.store.identities import ProblemSetRow
from gradgrade.service.store.insert import insert_or_replace
from gradgrade.service.store.schema import rules


def load_rules(
    backend: Backend, held: Held, exercises: Iterable[str], *, run: Run = map
) -> dict[str, Rules]:
    """Return the rules of exercises of a set as it stands, by their names.

    Those that are not kept, or were found by another version of the gates, are found and kept.

    Args:
        backend: the backend.
        held: the set.
        exercises: their names.
        run: who finds what is missing; see `gradgrade.service.jobs.workers`.

    Raises:
        DocumentError: a definition does not hold together.
    """
    structures = {name: compile_template(held.problem_set, name).structure for name in exercises}
    with backend.store.reading() as connection:
        kept = _kept(connection, held.row, set(structures.values()))
    missing = [name for name, structure in structures.items() if structure not in kept]
    if missing:
        found = find_set_rules(held.problem_set, missing, run=run)
        new = {structures[name]: each for name, each in found.items()}
        with backend.store.writing() as connection:
            _keep(connection, held.row, new)
        kept |= new
    return {name: kept[structure] for name, structure in structures.items()}


def _kept(
    connection: Connection, problem_set: ProblemSetRow, structures: Collection[bytes]
) -> dict[bytes, Rules]:
    rows = connection.execute(
        select(rules.c.structure, rules.c.document).where(
            rules.c.problem_set_id == problem_set, rules.c.structure.in_(structures)
        )
    )
    read = {bytes(row.structure): read_rules(row.document) for row in rows}
    return {structure: each for structure, each in read.items() if each is not None}


def _keep(connection: Connection, problem_set: ProblemSetRow, found: dict[bytes, Rules]) -> None:
    rows = [
        {"problem_set_id": problem_set, "structure": structure, "document": each.to_json()}
        for structure, each in found.items()
    ]
    # In order, so that of two who keep the same at once neither waits for the other.
    rows.sort(key=itemgetter("structure"))
    connection.execute(insert_or_replace(connection, rules), rows)
