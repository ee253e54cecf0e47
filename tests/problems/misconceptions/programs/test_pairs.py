"""Two mistakes at once, of whoever makes both: whatever program they are made in, they have values.

What the one leaves out of a line the other may look for there.
"""

from itertools import product

import pytest

from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.walking import given_rows, take, walk
from gradgrade.oracle.errors import OracleError
from gradgrade.problems.catalogue import load, names
from gradgrade.problems.documents.problem_set import NetworkDefinition
from gradgrade.problems.generate import ungated
from gradgrade.problems.misconceptions import MISCONCEPTIONS, mistakes, pair
from tests.examples import spread
from tests.problems.misconceptions.structures import program
from tests.problems.misconceptions.test_misconceptions import is_in_order

PROGRAMS = [
    (name, each.name)
    for name in names()
    for each in load(name).exercises
    if not isinstance(each, NetworkDefinition)
]
MASK_TWICE = ("mask_left_out", "mask_after_softmax")


@pytest.mark.parametrize(("problem_set", "exercise"), PROGRAMS)
def test_two_mistakes_at_once_are_in_order_and_can_be_walked(problem_set, exercise):
    variant = ungated(load(problem_set), exercise, student="1", secret=b"0")
    derivation, arithmetic = variant.derivation(), Binary64()
    known = take(given_rows(derivation, variant.givens()), arithmetic)
    for first, second in spread(list(product(mistakes(derivation), MISCONCEPTIONS))):
        for both in pair(first, second):
            assert is_in_order(both.derivation), (first.subject, both.second.subject)
            try:
                walk(both.derivation, known, arithmetic)
            except OracleError:
                continue  # a mistake may divide by 0


@pytest.mark.parametrize("codes", [MASK_TWICE, MASK_TWICE[::-1]])
def test_a_mask_that_is_left_out_is_applied_nowhere(codes):
    variant = ungated(load("embeddings-and-attention"), "causal-attention", student="1", secret=b"")
    derivation = variant.derivation()
    (first,) = (each for each in mistakes(derivation) if each.misconception.code == codes[0])
    (second,) = (each for each in MISCONCEPTIONS if each.code == codes[1])
    for both in pair(first, second):
        assert is_in_order(both.derivation)


def test_shares_are_not_exchanged_where_one_array_is_made_of_the_other():
    text = "p = (1 - z) * h\nn = tanh(p)\no = p + z * n"
    derivation = program(text, upstream="o", z=(), h=())
    assert "mixture_exchanged" not in {each.misconception.code for each in mistakes(derivation)}


def test_a_product_of_derivatives_is_made_once():
    derivation = program("f = sin(x) * x**2", x=())
    known = next(each for each in MISCONCEPTIONS if each.code == "product_of_derivatives")
    (once,) = known.mistakes(derivation)
    assert list(pair(once, known)) == []
