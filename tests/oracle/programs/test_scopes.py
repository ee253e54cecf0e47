"""What Python does not take, or reads otherwise, is no program."""

import pytest

from gradgrade.oracle.programs.faults import ProgramError
from gradgrade.oracle.programs.reading import read_program

REFUSED = {
    "an option twice": ("f = sum(x, axis=0, axis=0)", "keyword argument repeated: axis"),
    "a parameter twice": ("def g(u, u):\n    return u*2\nz = g(x, x)", "duplicate argument 'u'"),
    "a name that is assigned later": (
        "a = 2*x\ndef g(u):\n    y = a + u\n    a = y*2\n    return a\nz = g(x)",
        "a is read in g before it is assigned there",
    ),
    "a parameter that is called": (
        "def g(exp):\n    return exp(exp)\nz = g(x)",
        "exp is an array in g",
    ),
    "an argument that is the function": (
        "def x(u):\n    return u\nz = x(x)",
        "x is a function that the program defines",
    ),
    "a line that a function hides": (
        "z = x*x\ndef z(u):\n    return u\nf = sum(z)",
        "z is a function that the program defines",
    ),
}
TAKEN = {
    "a name of its own, assigned first": "def g(u):\n    a = u*2\n    return a\nz = g(x)",
    "an array of outside": "c = 2*x\ndef g(u):\n    return u*c\nz = g(x)",
    "a name of outside that is the function's own too": (
        "a = 2*x\ndef g(u):\n    a = u*2\n    return a\nz = g(a)"
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_python_reads_otherwise_is_refused_at_its_place(name):
    text, said = REFUSED[name]
    with pytest.raises(ProgramError, match=said) as refused:
        read_program(text)
    assert refused.value.place.line <= text.count("\n") + 1


@pytest.mark.parametrize("name", TAKEN)
def test_what_python_reads_so_is_taken(name):
    assert read_program(TAKEN[name])[-1].name == "z"
