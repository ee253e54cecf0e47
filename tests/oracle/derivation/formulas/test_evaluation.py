"""Formulas evaluated and rewritten: letters, conventions, numbers put in by name."""

from fractions import Fraction

import pytest

from gradgrade.oracle.arithmetic.rational import Irrational, Rational
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.formulas.evaluation import evaluate, exact
from gradgrade.oracle.derivation.formulas.expression import (
    ONES,
    Entry,
    Letter,
    Named,
    Negative,
    Number,
    Numeral,
    Numerals,
    Rearranged,
    Total,
    TotalOfEach,
    decimal,
)
from gradgrade.oracle.derivation.formulas.functions import (
    exp,
    hadamard,
    half,
    larger,
    sequence,
    sign,
    smaller,
    sum_of,
    where,
    whole_part,
)
from gradgrade.oracle.derivation.formulas.latex import to_latex
from gradgrade.oracle.derivation.formulas.plain import to_plain
from gradgrade.oracle.derivation.formulas.rewriting import in_rows, put_in, simplified, written_out
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.errors import UndefinedValue

RATIONAL = Rational()
z = Letter("z")
A = Numerals((("1", "2", "3"), ("4", "5", "6")))


def value(formula, convention="column", **letters):
    """What a formula is worth, for rows of numbers for some letters."""
    known = {Letter(letter): RATIONAL.matrix(rows) for letter, rows in letters.items()}
    return evaluate(formula, known, RATIONAL, convention=convention)


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        (Negative(-z), "z"),
        (-(-z - 2 * z), "z + 2 z"),
        (4 * (z / 4), "z"),
        (z / 1, "z"),
        (z / ONES(A), "z"),
        (half * hadamard(z, 2 * z), "z ∘ z"),
        (Number(Fraction(4, 3)) * (Number(Fraction(1, 4)) * Total(z)), "1/3 Σ z"),
        (Number(Fraction(4)) * (1 / Letter("N", 4) * z), "z"),
        (Number(Fraction(3)) * (1 / Letter("N", 4) * z), "3 1/N z"),
        (2 * (z / decimal(Fraction(1, 50))), "z/0.01"),
        (half * (z / 3), "z/6"),
        (hadamard(-z, z), "-z ∘ z"),
        (2 * (-z), "-2 z"),
    ],
)
def test_a_simpler_formula_is_worth_the_same(formula, shown):
    simpler = simplified(formula)
    assert to_plain(simpler) == shown
    rows = [["1/3", "-2", "5"], ["7", "1/2", "-1/5"]]
    assert value(simpler, z=rows) == value(formula, z=rows)


def test_a_sum_over_samples_runs_along_columns_or_rows_as_the_convention_has_them():
    over_samples, over_units = Total(Entry(A, "n"), "n"), Total(Entry(A, "j"), "j")
    assert value(over_samples) == [[6], [15]]
    assert value(over_samples, "row") == [[5, 7, 9]]
    assert value(over_units) == [[5, 7, 9]]
    assert value(over_units, "row") == [[6], [15]]
    assert value(Total(A)) == value(Total(Entry(A, "j,n"), "n,j"), "row") == [[21]]


def test_a_function_of_samples_finds_them_as_columns_in_either_convention():
    ones = Number(Fraction(1), (1, 3))
    assert value(sequence(A, ones)) == [[1, 2, 3], [4, 5, 6], [1, 1, 1]]
    samples_are_rows = Numerals((("1", "4"), ("2", "5"), ("3", "6")))
    in_row_convention = value(sequence(samples_are_rows, ones), "row")
    assert in_row_convention == [[1, 4, 1], [2, 5, 1], [3, 6, 1]]


def test_entries_are_counted_sample_by_sample_in_either_convention():
    assert value(Rearranged(A, (3, 2))) == [[1, 2], [3, 4], [5, 6]]
    samples_are_rows = Numerals((("1", "4"), ("2", "5"), ("3", "6")))
    assert value(Rearranged(samples_are_rows, (3, 2)), "row") == [[1, 3, 5], [2, 4, 6]]


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        (larger(z, 0), [[0, 2]]),
        (smaller(z, 1), [[-3, 1]]),
        (sign(z), [[-1, 1]]),
        (where(z > 0, z, 7), [[7, 2]]),
        (where(z <= 2, z, half * z + 1), [[-3, 2]]),
        (where(z < 2, z, 2), [[-3, 2]]),
        (z**-2, [[Fraction(1, 9), Fraction(1, 4)]]),
        (1 - -z, [[-2, 3]]),
        (2 - z - half, [[Fraction(9, 2), Fraction(-1, 2)]]),
    ],
)
def test_what_formulas_are_worth(formula, found):
    assert value(formula, z=[[-3, 2]]) == found


def test_nothing_is_defined_at_a_jump():
    with pytest.raises(UndefinedValue):
        value(where(z > 0, 1, 0), z=[[0]])


def test_a_formula_that_leaves_the_rationals_says_so():
    with pytest.raises(Irrational):
        value(exp(z), z=[[1]])


def test_only_a_letter_that_is_known_has_a_value():
    assert value(Letter("N", 4) * z, z=[[2]]) == [[8]]
    with pytest.raises(KeyError):
        value(z)


def test_exponents_are_whole_numbers_or_halves():
    assert exact(whole_part(Letter("t", 5) / 2) + 1) == 3
    reference = Reference(digits=30)
    four = reference.matrix([[4]])
    for exponent, expected in ((half, 2), (-half, half.value), (3 * half, 8)):
        assert evaluate(z**exponent, {z: four}, reference) == [[expected]]
    with pytest.raises(TypeError, match="no whole or half power"):
        value(z ** (half * half), z=[[4]])


def test_in_rows_every_product_is_turned_round_and_nothing_else():
    w, a, d = (Named(Name(text, 1)) for text in "Wad")
    formula = w.T @ (d @ a) + hadamard(a, d) - w @ a
    assert to_plain(in_rows(formula)) == "a1 d1 W1ᵀ + a1 ∘ d1 - a1 W1"
    assert in_rows(in_rows(formula)) == formula
    unchanged = hadamard(a, d)
    assert in_rows(unchanged) is unchanged


def test_numbers_are_put_in_by_name_where_two_names_have_one_symbol():
    stated, scheduled = Name("learning_rate"), Name("scheduled_learning_rate")
    formula = Named(stated) - Named(scheduled)
    assert to_latex(formula) == r"\eta - \eta"
    assert to_plain(put_in(formula, {stated: Numeral("1"), scheduled: Numeral("2")})) == "1 - 2"


def test_what_is_put_in_stands_for_whole_quantities():
    weights = Name("W", 1)
    formula = sum_of(Named(weights), Named(weights.gradient), Named(Name("W", 1, 2)))
    put = put_in(formula, {weights: Numeral("3")})
    assert to_plain(put) == "3 + ∂L/∂W1 + W1@2"


def test_a_sum_for_every_weight_matrix_is_written_out():
    w, one, two = Letter("W"), Named(Name("W", 1)), Named(Name("W", 2))
    total = TotalOfEach(w**2, w, (one, two))
    assert to_plain(half * total) == "½ Σ W²"
    assert to_plain(half * written_out(total)) == "½ (Σ W1² + Σ W2²)"
    known = {one.name: RATIONAL.matrix([[1, 2]]), two.name: RATIONAL.matrix([[3]])}
    assert evaluate(total, known, RATIONAL) == [[14]]
