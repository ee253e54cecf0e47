"""Every primitive, and programs of several lines, as self-differentiating scalars find them."""

import mpmath
import pytest
from hypothesis import assume, given, settings

from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.walking import evaluate
from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.oracle.programs.deriving import derive_program
from gradgrade.oracle.programs.graph import graph_of
from gradgrade.oracle.programs.reading import read_program
from tests.examples import examples
from tests.independent import scalar_programs
from tests.independent.autodiff import NotDifferentiableError
from tests.oracle.programs.compared import Program
from tests.oracle.programs.random_programs import programs
from tests.oracle.programs.written import OF_LINES, OF_PRIMITIVES

DIGITS = 60
AGREEING = 45
"""Digits, of the largest entry of an array."""


def disagreements(program: Program) -> dict[str, str]:
    """What the derivation and scalars find differently of a program."""
    context = mpmath.MPContext()
    context.dps = DIGITS
    by = program.gradients
    found = scalar_programs.run(context, program.text, program.arrays, program.weights, by)
    # As Python reads them, the text's numerals stand for doubles.
    graph = graph_of(read_program(program.text), program.types, rounds_numerals=True)
    derivation = derive_program(graph, upstream=program.upstream)
    ours = evaluate(derivation, program.givens, Reference(digits=DIGITS))
    wanted = [*program.lines, *(f"d{name}" for name in by)]
    return {
        name: f"{ours[name]}, not {found[name]}"
        for name in wanted
        if not _agree(context, ours[name], found[name])
    }


def _agree(context: mpmath.MPContext, ours: object, others: object) -> bool:
    one, other = ([context.mpf(each) for each in flatten(of)] for of in (ours, others))
    scale = max([abs(each) for each in other] + [context.mpf("1e-3")])
    most = scale * context.mpf(10) ** -AGREEING
    close = (abs(x - y) <= most for x, y in zip(one, other, strict=True))
    return shape_of(ours) == shape_of(others) and all(close)


@pytest.mark.parametrize("name", OF_PRIMITIVES)
def test_a_primitive_is_what_scalars_make_of_it(name):
    assert disagreements(OF_PRIMITIVES[name]) == {}


@pytest.mark.parametrize("name", OF_LINES)
def test_a_program_is_what_scalars_make_of_it(name):
    assert disagreements(OF_LINES[name]) == {}


@settings(max_examples=examples(5000))
@given(programs())
def test_a_drawn_program_is_what_scalars_make_of_it(program):
    try:
        found = disagreements(program)
    except NotDifferentiableError:
        assume(False)
    assert found == {}
