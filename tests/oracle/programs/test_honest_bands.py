"""Honest answers to programs, by several orders and routes, are within their derived bands."""

from dataclasses import replace
from fractions import Fraction

import numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from gradgrade.oracle.accuracy.honest_bands import rounding_ends
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.walking import Rows, given_rows, take, walk
from gradgrade.oracle.errors import Undecided, UndefinedValue
from tests.examples import examples
from tests.independent import numpy_programs
from tests.oracle.drawn import Case
from tests.oracle.judge import REFERENCE, Judge
from tests.oracle.programs.compared import Program
from tests.oracle.programs.random_programs import programs
from tests.oracle.students import worked

STUDENTS = 3
FEWEST_LAYER_NORMS = 20


def refused(
    program: Program,
    *,
    seed: int = 0,
    students: int = STUDENTS,
    knows_routes: bool = True,
    are_decimals: bool = False,
) -> dict[str, float]:
    """What of some honest students' work is outside its band, and how many bands away."""
    derivation = program.derivation
    given = given_rows(derivation, program.givens)
    if are_decimals:
        given = {name: as_written(rows) for name, rows in given.items()}
    known = derivation if knows_routes else without_routes(derivation)
    judge = Judge.of(Case(known, given, are_decimals=are_decimals))
    answers = [worked(derivation, given, seed=seed + each) for each in range(students)]
    answers.append(as_text(program, derivation))
    found: dict[str, float] = {}
    for answer in answers:
        for name, distance in judge.distances(answer):
            if distance > 1:
                found[str(name)] = max(distance, found.get(str(name), 0.0))
    return found


def as_written(rows: Rows) -> Rows:
    """The decimals that doubles were written as."""
    return [[Fraction(repr(float(each))) for each in row] for row in rows]


def without_routes(derivation: Derivation) -> Derivation:
    """The derivation by its first rules alone."""
    return derivation.replacing(*(replace(step, routes=()) for step in derivation.steps))


def as_text(program: Program, derivation: Derivation) -> dict[Name, object]:
    """What numpy makes of the lines as they stand."""
    values = numpy_programs.run(program.text, program.arrays)
    return {
        step.name: numpy.real(values[str(step.name)]).reshape(step.quantity.matrix_shape)
        for step in derivation.steps
        if str(step.name) in values
    }


@settings(max_examples=examples(2000))
@given(programs(), st.integers(0, 2**32))
def test_no_honest_answer_to_a_drawn_program_is_refused(program, seed):
    assert refused(program, seed=seed) == {}


@settings(max_examples=examples(500))
@given(programs(), st.integers(0, 2**32))
def test_nor_is_one_where_numbers_are_decimals_which_code_rounds(program, seed):
    assert refused(program, seed=seed, are_decimals=True) == {}


@settings(max_examples=examples(300))
@given(programs(most_lines=4))
def test_whoever_rounds_by_hand_reaches_the_true_value_too(program):
    derivation = program.derivation
    given = {
        name: as_written(rows) for name, rows in given_rows(derivation, program.givens).items()
    }
    truth = walk(derivation, take(given, REFERENCE), REFERENCE)
    try:
        ends = rounding_ends(derivation, given, decimals=4)
    except (Undecided, UndefinedValue):
        # Rounding may cross a kink, or make a denominator 0; then the draw is refused.
        return
    slack = Fraction(1, 10**4)
    for name, rows in truth.items():
        low, high = ends[name]
        for row, lowest, highest in zip(rows, low, high, strict=True):
            for each, least, most in zip(row, lowest, highest, strict=True):
                assert least - slack <= Fraction(*REFERENCE.ratio(each)) <= most + slack


def layer_norm(offset: float, seed: int) -> Program:
    """A layer norm of inputs far from 0, in which mean(x²) − mean(x)² loses digits."""
    return Program(
        "m = mean(x, axis=-1, keepdims=True)\nv = mean((x - mean(x, axis=-1, keepdims=True))**2, "
        "axis=-1, keepdims=True)\no = g * (x - m) / sqrt(v + 1e-5) + b",
        {"x": (2, 6), "g": (6,), "b": (6,)},
        low=offset - 1,
        high=offset + 1,
        seed=seed,
    )


def test_a_layer_norm_of_inputs_offset_by_50_is_not_refused():
    found = {}
    for seed in range(examples(100)):
        found |= refused(layer_norm(50, seed), seed=seed)
    assert found == {}


def test_without_the_other_form_of_the_variance_it_would_be():
    found = {}
    for seed in range(FEWEST_LAYER_NORMS):
        found |= refused(layer_norm(50, seed), seed=seed, knows_routes=False)
    assert {"v", "o"} <= found.keys()
