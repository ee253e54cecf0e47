"""The rules of a set's exercises, found by whoever works: once for each structure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gradgrade.problems.documents.problem_set import ProblemSet
from gradgrade.problems.gates.probing import rules_of
from gradgrade.problems.gates.rules import Rules
from gradgrade.problems.templates.template import compile_template

Run = Callable[[Callable[["Asked"], Rules], Iterable["Asked"]], Iterable[Rules]]
"""Whoever works, as `map` does: a result for each task, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An exercise whose rules are to be found.

    Args:
        problem_set: the set.
        exercise: the exercise's name in it.
    """

    problem_set: ProblemSet
    exercise: str


def find_set_rules(
    problem_set: ProblemSet, exercises: Iterable[str], *, run: Run = map
) -> dict[str, Rules]:
    """Find the rules of exercises of a set, by their names.

    Args:
        problem_set: the set.
        exercises: the names.
        run: who works.

    Raises:
        DocumentError: a definition does not hold together.

    >>> from gradgrade.problems.catalogue import load
    >>> found = find_set_rules(load("seeds"), ["002-tanh-chain"])
    >>> [each.kind for each in found["002-tanh-chain"].findings][:1]
    ['identical']
    """
    structures = {name: compile_template(problem_set, name).structure for name in exercises}
    first = {structure: name for name, structure in reversed(structures.items())}
    tasks = [Asked(problem_set=problem_set, exercise=name) for name in first.values()]
    found = dict(zip(first, run(_find, tasks), strict=True))
    return {name: found[structure] for name, structure in structures.items()}


def _find(asked: Asked) -> Rules:
    return rules_of(compile_template(asked.problem_set, asked.exercise))
