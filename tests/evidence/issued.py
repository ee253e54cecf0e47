"""Variants of drawn exercises, as students are given them."""

from collections.abc import Iterator
from random import Random

from gradgrade.problems import Exercise, ExerciseError, generate
from tests.evidence.draws import KINDS
from tests.strategies import problem_set


def issued(kind: str, index: int, variants: int) -> Iterator[Exercise]:
    """Yield variants of the `index`-th exercise of a kind; none where none can be issued.

    The draws depend on the kind, the index and nothing else.
    """
    definition = KINDS[kind](Random(f"{kind} {index}"))
    drawn = problem_set(**definition)
    try:
        for student in range(variants):
            yield generate(drawn, "exercise", student=str(student), secret=b"evidence")
    except ExerciseError:
        # A gate refuses what cannot tell right from wrong: no student is given it.
        return
