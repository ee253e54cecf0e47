"""Whether students would get variants of a set, tried out before it is published.

What that takes of the processor only trying tells, so another process tries, and is ended where it
takes too much. The rules that it finds are those by which students' variants are drawn.
"""

from __future__ import annotations

from gradgrade.problems import DocumentError, ProblemSet
from gradgrade.problems.gates.probing import rules_of
from gradgrade.problems.gates.rules import Rules
from gradgrade.problems.generate import Search, issue
from gradgrade.problems.templates.cost import cost_of
from gradgrade.problems.templates.template import Template, compile_template
from gradgrade.service.bounds import MOST_COST
from gradgrade.service.contained import Contained, Exhausted

SECRET = b"preview"
"""Sets are tried and previewed by it, so that nothing foretells a student's variant."""


def check_cost(template: Template) -> None:
    """Refuse an exercise that is too large for a server.

    Raises:
        DocumentError: it is.
    """
    cost = cost_of(template)
    if cost > MOST_COST:
        raise DocumentError(
            f"exercise {template.definition.name!r} is too large to be drawn for a student who "
            f"waits: its cost is {cost}, the most is {MOST_COST}; make its layers, batch or "
            "iterations fewer, or give it out by `gradgrade generate`"
        )


def check_issuable(
    problem_set: ProblemSet, *, standing: ProblemSet | None = None
) -> dict[bytes, Rules]:
    """Refuse a set with an exercise of which no student would get a variant.

    Args:
        problem_set: the set.
        standing: the version that was found so before; exercises that are as there are not tried.

    Returns:
        The rules of those that were tried, by their structure.

    Raises:
        DocumentError: the set's exercises do not hold together.
        ExerciseError: one cannot be issued; the message says why, and what to change.

    >>> from gradgrade.problems.catalogue import load
    >>> len(check_issuable(load("seeds"))) == len(load("seeds").exercises)
    True
    """
    found: dict[bytes, Rules] = {}
    for name in _untried(problem_set, standing):
        template = compile_template(problem_set, name)
        found[template.structure] = rules = rules_of(template)
        search = Search(template.key(student="1", secret=SECRET, course=""))
        for _ in issue(template, [search], rules):
            pass
    return found


def check_contained(
    contained: Contained, problem_set: ProblemSet, *, standing: ProblemSet | None = None
) -> dict[bytes, Rules]:
    """Do what `check_issuable` does, so that it takes no more than it may.

    Raises:
        DocumentError: it took more, or the set's exercises do not hold together.
        ExerciseError: an exercise cannot be issued.
    """
    if not _untried(problem_set, standing):
        return {}
    try:
        return contained(check_issuable, problem_set, standing=standing)
    except Exhausted as error:
        raise DocumentError(
            f"exercises: to try out whether students would get variants of them, {error}: make "
            "them smaller, or their set into several"
        ) from None


def _untried(problem_set: ProblemSet, standing: ProblemSet | None) -> list[str]:
    held = () if standing is None else standing.exercises
    return [each.name for each in problem_set.exercises if each not in held]
