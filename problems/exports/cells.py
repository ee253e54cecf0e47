"""Cells of notebooks as nbgrader marks them: what is solved, what is locked, what is tested.

Between its marks nbgrader strips the solution and the hidden tests from what it releases, and puts
the tests back before it grades.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from gradgrade.problems.documents.exercise import AskedQuantity, Exercise
from gradgrade.problems.exports.expected import ExpectedEntry
from gradgrade.problems.worksheet import words

SCHEMA_VERSION = 3

LONGEST_IDENTIFIER = 64
"""Of a cell, as nbformat has it."""

Cell = dict[str, Any]


def solution_cell(name: str, source: str, solution: str = "") -> Cell:
    """Return a cell to be filled in.

    Args:
        name: of the cell.
        source: what a student finds there.
        solution: what is stripped, and done after it.
    """
    stripped = f"\n### BEGIN SOLUTION\n{solution}\n### END SOLUTION" if solution else ""
    return cell("code", source + stripped, name, solution=True)


def blank_answers(exercise: Exercise) -> str:
    """Return what a student has to define, with the shape of every part."""
    lines = "".join(
        f"    {part.name!r}: None,  # {words.shape(tuple(part.shape))}\n" for part in exercise.ask
    )
    return (
        "# Put your values in the place of None: a number, or an array in the shape beside it.\n"
        f"answers = {{\n{lines}}}"
    )


def right_answers(values: Mapping[str, Any]) -> str:
    """Return the right answers as code."""
    lines = "".join(f"    {name!r}: {value!r},\n" for name, value in values.items())
    return f"answers = {{\n{lines}}}"


def pairs(entries: Sequence[ExpectedEntry]) -> str:
    """Return the entries of a part, and how far off is right, as code."""
    return f"[{', '.join(f'({each.value!r}, {each.band!r})' for each in entries)}]"


def tested_cell(part: AskedQuantity, *, hidden: str | None) -> Cell:
    """Return a test of a part, worth its points.

    What a student sees of it looks at the shape and at what is finite alone.

    Args:
        part: which.
        hidden: what is stripped, if anything: it makes `expected`, a value and how far off is
            right, as texts, for each entry.
    """
    shape = tuple(part.shape)
    source = (
        f"submitted = np.asarray(answers[{part.name!r}], dtype=float)\n"
        f"assert submitted.shape == {shape!r}, "
        f'f"{part.name} has shape {{submitted.shape}}; it must be {shape!r}"\n'
        f'assert np.isfinite(submitted).all(), "{part.name} has an entry that is not finite"'
    )
    stripped = _hidden_test(part, hidden) if hidden else ""
    return cell(
        "code", source + stripped, f"test-{part.name}", locked=True, points=part.points.double
    )


def _hidden_test(part: AskedQuantity, expected: str) -> str:
    return (
        "\n### BEGIN HIDDEN TESTS\n"
        "from fractions import Fraction\n"
        f"{expected}\n"
        "for entry, (value, band) in zip(submitted.ravel().tolist(), expected, strict=True):\n"
        "    reach = Fraction(band) + Fraction(float(np.spacing(abs(entry)))) / 2\n"
        "    assert abs(Fraction(entry) - Fraction(value)) <= reach, "
        f'"{part.name} has a wrong entry"\n'
        "### END HIDDEN TESTS"
    )


def answers_file(exercise_id: str) -> Cell:
    """Return a cell that writes the answers file that `gradgrade grade` takes.

    Args:
        exercise_id: the id of the variant, as code.
    """
    source = (
        "document = {\n"
        '    "schema": "gradgrade/answers/1",\n'
        f'    "exercise": {exercise_id},\n'
        '    "answers": {\n'
        "        name: None if value is None else np.asarray(value, dtype=float).tolist()\n"
        "        for name, value in answers.items()\n"
        "    },\n"
        "}\n"
        f'with open({exercise_id} + ".answers.json", "w", encoding="utf-8") as file:\n'
        "    json.dump(document, file, allow_nan=False)"
    )
    return cell("code", source, "answers-file", locked=True)


def cell(
    kind: str,
    source: str,
    name: str,
    *,
    locked: bool = False,
    solution: bool = False,
    points: float | None = None,
) -> Cell:
    """Return a cell, `code` or `markdown`, with nbgrader's metadata."""
    identifier = _identifier(name)
    grading: dict[str, Any] = {
        "grade": points is not None,
        "grade_id": identifier,
        "locked": locked,
        "schema_version": SCHEMA_VERSION,
        "solution": solution,
        "task": False,
    }
    if points is not None:
        grading["points"] = points
    made: Cell = {
        "cell_type": kind,
        "id": identifier,
        "metadata": {"nbgrader": grading},
        "source": source.splitlines(keepends=True),
    }
    return made | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _identifier(name: str) -> str:
    """Return a name as notebooks take it: letters, digits and - alone, and not too many."""
    written = name.replace("@", "-at-").replace(".", "-dot-")
    if len(written) <= LONGEST_IDENTIFIER:
        return written
    digest = sha256(name.encode()).hexdigest()[:12]
    return f"{written[: LONGEST_IDENTIFIER - 13]}-{digest}"


def notebook(cells: list[Cell]) -> str:
    """Return cells as a notebook; the same ones give the same bytes."""
    document = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
