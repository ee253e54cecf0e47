"""The rules by which a set's exercises are drawn: found once, and from then on kept beside the set.

Whoever draws goes by what is kept, in whatever process. Rules belong to a structure, so an edit of
the set that leaves an exercise as it is leaves its rules too.
"""

from __future__ import annotations

from collections.abc import Iterable

from gradgrade.problems.gates.rules import Rules
from gradgrade.problems.templates.template import compile_template
from gradgrade.problems.variants.set_rules import find_set_rules
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.sets.kept_rules import keep_rules, kept_rules
from gradgrade.service.course.sets.problem_sets import Held
from gradgrade.service.jobs import Run


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
        kept = kept_rules(connection, held.row, set(structures.values()))
    missing = [name for name, structure in structures.items() if structure not in kept]
    if missing:
        found = find_set_rules(held.problem_set, missing, run=run)
        new = {structures[name]: each for name, each in found.items()}
        with backend.store.writing() as connection:
            keep_rules(connection, held.row, new)
        kept |= new
    return {name: kept[structure] for name, structure in structures.items()}
