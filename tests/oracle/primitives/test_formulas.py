"""Every formula of a primitive, of its value and of its pull-backs, is what its rule makes."""

import pytest

from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.formulas.expression import Total
from gradgrade.oracle.derivation.formulas.plain import to_plain
from gradgrade.oracle.derivation.names import Name
from tests.oracle.derivation.formulas.held import hold
from tests.oracle.programs.compared import Program
from tests.oracle.programs.written import OF_LINES, OF_PRIMITIVES


@pytest.mark.parametrize("text", OF_PRIMITIVES)
def test_every_formula_of_a_primitive_is_its_rule(text):
    held_to_their_rules(OF_PRIMITIVES[text].derivation)


@pytest.mark.parametrize("name", OF_LINES)
def test_every_formula_of_a_program_is_its_rule(name):
    held_to_their_rules(OF_LINES[name].derivation)


def held_to_their_rules(derivation: Derivation) -> None:
    found = hold(derivation)
    assert found.not_at_all == {}
    assert found.nearly == {str(step.name) for step in derivation.steps}


def written_gradient(program: Program, name: str) -> str:
    """The formula of a gradient, as it is printed."""
    derivation = program.derivation
    return to_plain(derivation.formula(derivation.by_name[Name(name).gradient]))


@pytest.mark.parametrize("text", ["o = x + y", "o = x * y", "o = x - y", "o = maximum(x, y)"])
def test_the_sum_over_what_was_repeated_is_written(text):
    program = Program(text, {"x": (2, 3), "y": (3,)})
    assert "Σ" in written_gradient(program, "y")
    assert "Σ" not in written_gradient(program, "x")


def test_where_all_is_added_up_it_is_a_sum_over_everything():
    program = Program("o = x * c", {"x": (2, 3), "c": ()})
    step = program.derivation.by_name[Name("c").gradient]
    assert isinstance(program.derivation.formula(step), Total)
