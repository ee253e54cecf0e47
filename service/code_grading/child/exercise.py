"""The exercise as a student's program gets it."""

from typing import Any

import numpy

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too
Exercise = dict[str, Any]


def with_arrays(document: Exercise) -> Exercise:
    """Return an exercise's document with its givens as numpy arrays of float64.

    What a program takes for indices becomes an array of int64, as numpy needs it. Each call makes
    new arrays, so that nobody can spoil another's. Where the exercise is in decimal arithmetic, a
    given becomes the double next to it.

    >>> with_arrays({"given": {"b1": 0.25, "x": [[1]]}})
    {'given': {'b1': array(0.25), 'x': array([[1.]])}}
    >>> ids = {"shape": [2], "integers": [0, 4]}
    >>> with_arrays({"arrays": {"ids": ids}, "given": {"ids": [3, 0]}})["given"]
    {'ids': array([3, 0])}
    """
    indices = {
        name
        for name, each in document.get("arrays", {}).items()
        if isinstance(each, dict) and each.get("integers") is not None
    }
    given = {
        name: numpy.array(value, dtype=numpy.int64 if name in indices else numpy.float64)
        for name, value in document["given"].items()
    }
    return {**document, "given": given}


def is_row(exercise: Exercise) -> bool:
    """Whether samples are rows."""
    return bool(exercise["convention"] == "row")


def as_rows(exercise: Exercise, name: str) -> Array:
    """Return a copy of a given matrix in row convention, where samples are rows and W is (in, out).

    It is its own inverse's copy: an array of the document's convention comes out in rows.
    """
    return oriented(exercise, exercise["given"][name])


def oriented(exercise: Exercise, matrix: Array) -> Array:
    """Return a copy of a matrix, from the document's convention to rows or back again."""
    array = numpy.array(matrix, dtype=numpy.float64)
    return array if is_row(exercise) or array.ndim < 2 else array.T.copy()


def parameters(exercise: Exercise) -> dict[str, Array]:
    """Return copies of all given parameters: what is given, except inputs, targets and samples."""
    given = exercise["given"]
    return {name: given[name].copy() for name in given if name not in ("x", "y", "samples")}
