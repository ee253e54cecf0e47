"""What is said of texts that are no programs of some givens, held to its form."""

import pytest

from gradgrade.oracle.programs.faults import LONGEST_SHOWN, ProgramError
from gradgrade.oracle.programs.graph import ArrayType, Graph, graph_of
from gradgrade.oracle.programs.reading import read_program

GIVEN = {
    "x": ArrayType(shape=(2, 3)),
    "y": ArrayType(shape=(3,)),
    "c": ArrayType(shape=()),
    "wide": ArrayType(shape=(300, 300)),
    "ids": ArrayType(shape=(4,), integers=(0, 1)),
    "m": ArrayType(shape=(2, 3), mask=True),
    "few": ArrayType(shape=(4,), mask=True),
}


def graph(text: str) -> Graph:
    """A text as a program of some givens."""
    return graph_of(read_program(text), GIVEN, {"N": 4})


def fault(text: str) -> ProgramError:
    """What is said of a text that is no program, held to its form."""
    with pytest.raises(ProgramError) as caught:
        graph(text)
    error = caught.value
    said, shown, caret = str(error).rsplit("\n", 2)
    line, column = error.place.line, error.place.column
    assert said.startswith(f"line {line}, column {column}: ")
    assert "\n" not in said
    if len(error.place.source) <= LONGEST_SHOWN:
        assert caret.index("^") == 4 + column - 1
    assert 1 <= line <= len(text.split("\n"))
    assert 1 <= column <= len(error.place.source) + 1
    assert 4 <= caret.index("^") <= len(shown)
    return error
