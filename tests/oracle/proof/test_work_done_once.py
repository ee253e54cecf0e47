"""What the proof does once only, and that a wrong value is rejected all the same."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from flint import arb

from gradgrade.oracle.arithmetic.ball import Ball
from gradgrade.oracle.arithmetic.rational import Rational
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.derivation.walking import given_rows
from gradgrade.oracle.errors import NotCertified
from gradgrade.oracle.proof import finer
from gradgrade.oracle.proof.certify import certify
from gradgrade.oracle.proof.enclose import Enclosure, bits_of, enclose
from gradgrade.oracle.proof.finer import MOST_KEPT_BITS, Finer
from gradgrade.oracle.proof.rational_values import MOST_NUMBERS
from gradgrade.oracle.proof.witness import MOST_ENTRIES_ALONE, check_gradients
from tests.oracle.programs.compared import Program
from tests.oracle.proof.proven import one_unit, proven, weighted_sum
from tests.strategies import dense, written_exercise


@pytest.fixture
def tried(monkeypatch):
    """The precisions that are tried, in turn."""
    found = list[int]()

    class Noted(Ball):
        def __init__(self, *, bits: int) -> None:
            found.append(bits)
            super().__init__(bits=bits)

    monkeypatch.setattr("gradgrade.oracle.proof.enclose.Ball", Noted)
    return found


def test_no_precision_is_tried_twice_where_nothing_is_rational(tried):
    large, rest = Fraction(10**40, 3), [0] * MOST_NUMBERS
    values = proven(one_unit(inputs=2 + len(rest)), weighted_sum(large, 1 - large, *rest))
    assert values["z1"].doubles == [[1.0]]
    assert tried == sorted(set(tried))
    assert len(tried) > 1


def test_no_precision_is_tried_twice_where_what_is_0_is_so_in_balls_too(tried):
    # What is left of 1 beside tanh(40) is too little for the first precision; 0 * w is 0 there.
    program = Program("t = tanh(z)\no = 1 - t + 0 * w", {"z": (), "w": ()})
    values = certify(program.derivation, {"z": 40, "w": 3, "do": 1}, digits=50)
    assert values["o"].digits(3) == "3.61E-35"
    assert tried == sorted(set(tried))
    assert len(tried) > 1


def test_what_loses_as_many_digits_as_one_of_many_entries_may_is_told_at_the_first_try(tried):
    # The difference has 30 bits fewer than what it is computed of, and is no fraction.
    program = Program("o = sin(z) - sin(w)", {"z": (), "w": ()})
    certify(program.derivation, {"z": 1, "w": 1 - 2.0**-30, "do": 1}, digits=50)
    assert len(tried) == 1


def test_fractions_are_worked_out_of_what_is_asked_alone():
    # o is a bit short at first, and of that alone it is asked whether it is rational.
    program = Program("t = tanh(z)\no = 1 - t\np = w * w", {"z": (), "w": ()}, upstream=("o", "p"))
    walked = Counter[str]()

    def counted(step: Step) -> Step:
        def rule(arithmetic: Any, *read: Any) -> Any:
            walked[str(step.name)] += isinstance(arithmetic, Rational)
            return step.rule(arithmetic, *read)

        return replace(step, rule=rule)

    derivation = program.derivation.replacing(*map(counted, program.derivation.steps))
    values = certify(derivation, {"z": 40, "w": 3, "do": 1, "dp": 1}, digits=50)
    assert values["o"].digits(3) == "3.61E-35"
    assert walked["t"] == 1
    assert walked["p"] == walked["dw"] == 0


def test_beside_an_entry_that_is_known_otherwise_the_others_are_still_asked_together():
    # What a third and its negative leave is 0, which no ball settles.
    program = Program("s = x + y\no = s * y", {"x": (2,), "y": (2,)})
    third = Fraction(1, 3)
    givens = {"x": [third, 1], "y": [-third, 2], "do": [1, 1]}
    given = given_rows(program.derivation, givens)
    enclosure = enclose(program.derivation, given, bits=bits_of(50))
    exceptions = {str(name): dict(found) for name, found in enclosure.exceptions.items()}
    assert exceptions["s"] == {(0, 0): 0}
    together = set(map(str, enclosure.joined.places))
    assert "s" not in together
    assert "ds" in together


@pytest.mark.parametrize(("most_kept", "is_once"), [(MOST_KEPT_BITS, True), (0, False)])
def test_what_values_near_a_tie_need_is_enclosed_once_unless_it_is_too_large_to_keep(
    most_kept, is_once, monkeypatch
):
    walked = Counter[int]()

    def noted(*what: Any, bits: int, precision: int) -> Enclosure:
        walked[precision] += 1
        return enclose(*what, bits=bits, precision=precision)

    monkeypatch.setattr(finer, "enclose", noted)
    monkeypatch.setattr(finer, "MOST_KEPT_BITS", most_kept)
    # Half a step of doubles above 1, less what keeps a saturated unit off 1.
    program = Program("t = tanh(z)\no = t + h\np = 3 * t - 2 + h", {"z": (), "h": ()})
    givens = {"z": 500, "h": Fraction(1, 2**53), "do": 1}
    values = certify(program.derivation, givens, digits=50)
    assert (values["o"].doubles, values["p"].doubles) == (1.0, 1.0)
    assert {count == 1 for count in walked.values()} == {is_once}


def test_narrower_balls_are_kept_unless_they_fill_the_memory(monkeypatch):
    program = Program("t = tanh(z)\no = 1 - t", {"z": ()})
    given = given_rows(program.derivation, {"z": 500, "do": 1})
    own = enclose(program.derivation, given, bits=bits_of(50))
    precision = 2 * own.ball.bits
    filled = precision * len(program.derivation.steps)
    for most, is_kept in ((filled, True), (filled - 1, False)):
        monkeypatch.setattr(finer, "MOST_KEPT_BITS", most)
        narrower = Finer(own)
        first = narrower.at(precision)
        assert first.ball.bits == precision
        assert (narrower.at(precision) is first) == is_kept
        assert (narrower.at(precision - 1) is first) == is_kept


def test_the_witness_walks_the_point_once_and_for_each_direction_what_moves_along_it():
    exercise = written_exercise([dense(3, "tanh"), dense(1)], batch=1)
    derivation, walked = exercise.derivation(), Counter[Name]()

    def counted(step: Step) -> Step:
        def rule(*read: Any) -> Any:
            walked[step.name] += 1
            return step.rule(*read)

        return replace(step, rule=rule)

    derivation = derivation.replacing(*map(counted, derivation.steps))
    enclosure = enclose(derivation, given_rows(derivation, exercise.givens()), bits=bits_of(50))
    walked.clear()
    check_gradients(enclosure, full=False)
    of_first, of_second, of_all = 3 * 2 + 3 + 2, 3 + 1, 1
    assert walked[Name("z", 1)] == walked[Name("a", 1)] == 1 + of_first
    assert walked[Name("z", 2)] == walked[Name("loss")] == 1 + of_first + of_second
    # Each entry is moved alone on the first variant; all at once on those after it.
    walked.clear()
    check_gradients(enclosure, full=False)
    assert {walked[Name(*each)] for each in (("z", 1), ("z", 2), ("loss",))} == {1 + of_all}
    assert walked[Name("z", 1).gradient] == 0


def test_lines_are_moved_along_one_direction_with_what_is_given_after_the_first_variant():
    program = Program("b = 2 * a\nc = b**2\no = sum(c)", {"a": (2,)})
    walked = Counter[Name]()

    def counted(step: Step) -> Step:
        def rule(*read: Any) -> Any:
            walked[step.name] += 1
            return step.rule(*read)

        return replace(step, rule=rule)

    derivation = program.derivation.replacing(*map(counted, program.derivation.steps))
    enclosure = enclose(derivation, given_rows(derivation, program.givens), bits=bits_of(50))
    check_gradients(enclosure, full=False)
    walked.clear()
    check_gradients(enclosure, full=False)
    point, direction = 1, 1
    assert {walked[Name(each)] for each in ("b", "c", "o")} == {point + direction}


@pytest.mark.parametrize("wrong", ["a", "b", "c"])
@pytest.mark.parametrize("size", [2, MOST_ENTRIES_ALONE + 1])
def test_a_wrong_gradient_of_a_line_or_a_given_is_rejected_after_the_first_variant_too(wrong, size):
    program = Program("b = 2 * a\nc = b**2\no = sum(c)", {"a": (size,)})
    derivation = program.derivation
    enclosure = enclose(derivation, given_rows(derivation, program.givens), bits=bits_of(50))
    check_gradients(enclosure, full=False)
    name = Name(wrong).gradient
    with enclosure.ball.active():
        off = {**enclosure.matrices, name: enclosure.matrices[name] * (1 + arb((1, -70)))}
    with pytest.raises(NotCertified, match=r"^the witness disagrees about (the gradients|da)"):
        check_gradients(replace(enclosure, matrices=off), full=False)


def test_what_only_has_another_name_is_still_compared_where_the_reference_has_another_value():
    program = Program("b = 2 * a\no = b", {"a": (2,)})
    step = program.derivation.by_name[Name("o")]

    def moved_in_the_reference(arithmetic: Any, matrix: Any) -> Any:
        if isinstance(arithmetic, Reference):
            return arithmetic.multiply(matrix, arithmetic.matrix([[1 + Fraction(1, 10**9)]]))
        return matrix

    wrong = program.derivation.replacing(replace(step, rule=moved_in_the_reference))
    assert certify(program.derivation, program.givens, digits=50)
    with pytest.raises(NotCertified, match=r"^the reference disagrees about o$"):
        certify(wrong, program.givens, digits=50)
