"""The rational walk ends where its numbers grow too long to go on with."""

from fractions import Fraction

import pytest

from gradgrade.oracle.arithmetic.rational import Irrational, Rational
from gradgrade.oracle.derivation.walking import given_rows
from gradgrade.oracle.programs.deriving import derive_program
from gradgrade.oracle.programs.graph import ArrayType, graph_of
from gradgrade.oracle.programs.reading import read_program
from gradgrade.oracle.proof.certify import certify
from gradgrade.oracle.proof.rational_values import MOST_BITS, RationalValues


def logistic_map(lines: int) -> str:
    """A program of so many lines, in each of which a number has twice as many digits."""
    first = "a1 = 3.9 * x * (1 - x)"
    others = (f"a{n} = 3.9 * a{n - 1} * (1 - a{n - 1})" for n in range(2, lines + 1))
    return "\n".join([first, *others])


def derived(lines: int):
    """The derivation of such a program, and its only given."""
    graph = graph_of(read_program(logistic_map(lines)), {"x": ArrayType(shape=())})
    return derive_program(graph, differentiate=f"a{lines}"), {"x": Fraction("0.3141")}


@pytest.mark.parametrize("lines", [12, 60])
def test_digits_that_double_with_each_line_end_the_walk(lines):
    derivation, givens = derived(lines)
    found = RationalValues(derivation, given_rows(derivation, givens)).all()
    bits = [
        each.numerator.bit_length() + each.denominator.bit_length()
        for rows in found.values()
        for row in rows
        for each in row
    ]
    texts = {str(name) for name in found}
    assert max(bits) <= MOST_BITS
    assert "a5" in texts
    assert f"a{lines}" not in texts


@pytest.mark.parametrize("asked", ["p", "q", "r", "dx", "dz"])
def test_one_quantity_is_found_as_it_is_among_all(asked):
    graph = graph_of(
        read_program("p = x * z - 1\nq = tanh(p) + x\nr = q * p + x"),
        {"x": ArrayType(shape=(2,)), "z": ArrayType(shape=(2,))},
    )
    derivation = derive_program(graph, upstream=["r"])
    given = given_rows(derivation, {"x": [1, 2], "z": [3, Fraction(1, 7)], "dr": [1, -1]})
    name, found = derivation.results[asked].name, RationalValues(derivation, given).all()
    alone = RationalValues(derivation, given)
    assert alone.of(name) == found.get(name)
    assert (name in found) == (asked == "p")
    assert alone.all() == found


def test_a_program_whose_digits_double_is_certified_all_the_same():
    derivation, givens = derived(12)
    values, x = certify(derivation, givens, digits=50), givens["x"]
    for _ in range(12):
        x = Fraction("3.9") * x * (1 - x)
    assert values["a12"].doubles == float(x)


def test_a_walk_without_a_bound_goes_on():
    long = Fraction(3**20_000)
    assert Rational().multiply([[long]], [[long]]) == [[long * long]]
    bounded = Rational(most_bits=20_000)
    for operation in (bounded.multiply, bounded.add, bounded.subtract, bounded.dot):
        with pytest.raises(Irrational):
            operation([[long]], [[2 * long]])
    with pytest.raises(Irrational):
        bounded.map(lambda _, z: z**64, [[Fraction(3**1000)]])
