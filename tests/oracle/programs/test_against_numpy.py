"""Programs of several lines: every line's value and gradient is what numpy finds of the text."""

import pytest

from gradgrade.oracle.proof.certify import certify
from tests.oracle.programs.compared import Program, differences
from tests.oracle.programs.written import OF_LINES


@pytest.mark.parametrize("name", OF_LINES)
def test_a_program_is_what_numpy_makes_of_its_text(name):
    assert differences(OF_LINES[name]) == {}


NO_GRADIENT = {
    "a condition that chooses and is multiplied": {"k"},
    "conditions made of conditions": {"j", "k"},
    "conditions that conditions choose": {"j", "k"},
}


@pytest.mark.parametrize("name", OF_LINES)
def test_every_line_but_a_condition_has_a_gradient(name):
    program, without = OF_LINES[name], NO_GRADIENT.get(name, set())
    assert {*program.lines} - {*program.upstream} - without <= {*program.gradients}
    assert without.isdisjoint(program.gradients)


@pytest.mark.parametrize("name", OF_LINES)
def test_a_program_is_certified_to_50_digits_and_by_the_witness(name):
    program = OF_LINES[name]
    certify(program.derivation, program.givens, digits=50)


def test_the_witness_holds_what_no_gradient_passes():
    program = Program("c = stop_gradient(x * y)\no = c * x", {"x": (2,), "y": (2,)})
    values = certify(program.derivation, program.givens, digits=50)
    assert "dy" not in values
