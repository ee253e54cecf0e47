"""The givens of an exercise as text to copy into a program: numpy, JSON or MATLAB.

In numpy a program runs behind them: the sizes that it reads stand there too, and the functions.

Numerals stay as the exercise writes them, so nothing is rounded on the way. An array of indices is
one of integers in numpy, every other one of doubles, even where its numerals have no point.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.oracle.programs.text.preamble import names_read, preamble
from gradgrade.problems.documents.exercise import Exercise, ProgramExercise
from gradgrade.problems.worksheet.worked import givens_of


def as_numpy(exercise: Exercise) -> str:
    """Return the givens as assignments in Python, arrays as numpy's.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    >>> as_numpy(exercise).splitlines()[:2]
    ['import numpy as np', 'x = np.array([[0.1], [0.5]])']
    """
    return "\n".join(["import numpy as np", *numpy_lines(exercise)])


def numpy_lines(exercise: Exercise) -> list[str]:
    """Return what comes after the import: what a program reads, then a line for each given."""
    return [*lines_of_program(exercise), *_assignments(exercise)]


def lines_of_program(exercise: Exercise) -> Iterator[str]:
    """Yield what a program reads beside its givens: functions and sizes; nothing of a network."""
    if isinstance(exercise, ProgramExercise):
        yield from preamble(exercise.program)
        read = names_read(exercise.program)
        yield from (f"{name} = {size}" for name, size in exercise.sizes.items() if name in read)


def _assignments(exercise: Exercise) -> list[str]:
    return [
        f"{each.name} = {_numpy(each.array, kind=kind_of(exercise, each.name))}"
        for each in givens_of(exercise)
    ]


def kind_of(exercise: Exercise, name: str) -> str:
    """Return what makes a number of a given: what picks something are integers.

    One number that a program is given is numpy's own, which has the methods of arrays.
    """
    if exercise.picks(name, exercise.samples) is not None:
        return "int"
    is_of_program = isinstance(exercise, ProgramExercise) and name in exercise.given
    return "np.float64" if is_of_program else "float"


def as_json(exercise: Exercise) -> str:
    """Return the givens as one JSON object."""
    return "{\n" + ",\n".join(_lines(exercise, '  "{}": {}', _listed)) + "\n}"


def as_matlab(exercise: Exercise) -> str:
    """Return the givens as assignments in MATLAB."""
    return "\n".join(_lines(exercise, "{} = {};", _matlab))


WAYS: Mapping[str, Callable[[Exercise], str]] = MappingProxyType(
    {"numpy": as_numpy, "JSON": as_json, "MATLAB": as_matlab}
)
"""All ways, by their names."""


def _lines(exercise: Exercise, line: str, write: Callable[[Any], str]) -> list[str]:
    return [line.format(each.name, write(each.array)) for each in givens_of(exercise)]


def _listed(array: Any) -> str:
    return array if isinstance(array, str) else f"[{', '.join(map(_listed, array))}]"


def _numpy(array: Any, *, kind: str) -> str:
    if isinstance(array, str):
        return f"{kind}({array})" if kind == "np.float64" else array
    looks_whole = all(numeral.lstrip("+-").isdigit() for numeral in flatten(array))
    dtype = ", dtype=float" if looks_whole and kind != "int" else ""
    return f"np.array({_listed(array)}{dtype})"


def _matlab(array: Any) -> str:
    shape = shape_of(array)
    if len(shape) > 2:
        # MATLAB counts the first index fastest: the sizes are turned round, and turned back.
        sizes, turned = shape[::-1], range(len(shape), 0, -1)
        entries = " ".join(flatten(array))
        return f"permute(reshape([{entries}], [{_spaced(sizes)}]), [{_spaced(turned)}])"
    if len(shape) == 2:
        return f"[{'; '.join(' '.join(row) for row in array)}]"
    return array if isinstance(array, str) else f"[{' '.join(array)}]"


def _spaced(numbers: Iterable[int]) -> str:
    return " ".join(map(str, numbers))
