"""Programs against PyTorch's double precision autograd, where PyTorch is installed."""

import pytest

from tests.oracle.programs.compared import by_autograd, differences
from tests.oracle.programs.written import OF_LINES, OF_PRIMITIVES

torch = pytest.importorskip("torch", reason="PyTorch is no dependency; this compares where it is")


@pytest.mark.parametrize("text", OF_PRIMITIVES)
def test_a_primitive_is_what_autograd_makes_of_it(text):
    program = OF_PRIMITIVES[text]
    assert differences(program, expected=by_autograd(program)) == {}


@pytest.mark.parametrize("name", OF_LINES)
def test_a_program_and_every_gradient_is_what_autograd_makes_of_it(name):
    program = OF_LINES[name]
    assert differences(program, expected=by_autograd(program)) == {}
