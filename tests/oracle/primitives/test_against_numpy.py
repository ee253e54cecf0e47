"""Every primitive's value and pull-backs are what numpy finds of the very text by complex steps."""

import pytest

from gradgrade.oracle.primitives.table import PRIMITIVES
from gradgrade.oracle.proof.certify import certify
from tests.examples import spread
from tests.oracle.programs.compared import differences
from tests.oracle.programs.written import OF_PRIMITIVES


@pytest.mark.parametrize("text", OF_PRIMITIVES)
def test_a_primitive_is_what_numpy_makes_of_its_text(text):
    assert differences(OF_PRIMITIVES[text]) == {}


@pytest.mark.parametrize("text", spread(sorted(OF_PRIMITIVES)))
def test_a_primitive_is_certified_to_50_digits_and_by_the_witness(text):
    program = OF_PRIMITIVES[text]
    assert len(certify(program.derivation, program.givens, digits=50)) > 0


OPERATORS = {
    "+": "add",
    "-": "subtract negative",
    "*": "multiply",
    "/": "divide",
    "**": "power",
    "@": "matmul",
    ">": "greater",
    ">=": "greater_equal",
    "<": "less",
    "T": "transpose",
}


def test_every_primitive_is_in_the_table():
    texts = " ".join(OF_PRIMITIVES)
    written = {name for sign, names in OPERATORS.items() if sign in texts for name in names.split()}
    assert {name for name in PRIMITIVES if f"{name}(" not in texts} <= written | {"less_equal"}
