"""Variants of drawn exercises, as students are given them."""

from collections.abc import Iterator
from random import Random

from gradgrade.problems import ExerciseError
from gradgrade.problems.gates.probing import rules_of
from gradgrade.problems.generate import Issued, Search, issue
from gradgrade.problems.templates.template import compile_template
from tests.evidence.draws import KINDS
from tests.strategies import problem_set


def issued(kind: str, index: int, variants: int) -> Iterator[Issued]:
    """Yield variants of the `index`-th exercise of a kind; none where one cannot be issued.

    The draws depend on the kind, the index and nothing else, and are walked in one stack.
    """
    definition = KINDS[kind](Random(f"{kind} {index}"))
    template = compile_template(problem_set(**definition), "exercise")
    keys = (
        template.key(student=str(student), secret=b"evidence", course="")
        for student in range(variants)
    )
    try:
        yield from issue(template, list(map(Search, keys)), rules_of(template))
    except ExerciseError:
        # A gate refuses what cannot tell right from wrong: no student is given it.
        return
