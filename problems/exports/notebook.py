"""An exercise as a Jupyter assignment, its cells marked for nbgrader.

What a student fetches has no expected value in it: its tests look at shapes and finiteness alone,
and its last cell writes the answers file that `gradgrade grade` takes. The instructor's notebook is
the same one with the worked solution and hidden tests between the marks that nbgrader strips.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from gradgrade.problems.documents.exercise import AskedQuantity, Exercise
from gradgrade.problems.documents.text import one_line
from gradgrade.problems.exports.expected import ExpectedEntry, expected_entries
from gradgrade.problems.solve import solve
from gradgrade.problems.worksheet import words
from gradgrade.problems.worksheet.formats.markdown import write_markdown
from gradgrade.problems.worksheet.formats.text import worked_solution
from gradgrade.problems.worksheet.page import Page, Paragraph
from gradgrade.problems.worksheet.question_sheet import statement
from gradgrade.problems.worksheet.worked import givens_of

DIGITS = 17
SCHEMA_VERSION = 3

Cell = dict[str, Any]


def question_notebook(exercise: Exercise, *, whose: str = "") -> str:
    """Return the assignment that a student fetches; whose it is stands at its top."""
    cells = [
        *_statement(exercise, whose),
        _solution_cell(_blank_answers(exercise)),
        *(_test_cell(part, "") for part in exercise.ask),
        _answers_file(exercise),
    ]
    return _notebook(cells)


def answers_notebook(exercise: Exercise, *, whose: str = "") -> str:
    """Return the instructor's source of the same assignment; it holds the expected values.

    Raises:
        OracleError: a quantity is undefined, leaves binary64's range, or cannot be proven.
    """
    solution = solve(exercise, digits=DIGITS)
    entries = expected_entries(solution)
    worked = "".join(f"# {line}".rstrip() + "\n" for line in _worked(exercise))
    values = {part.name: solution[part.name].float64 for part in exercise.ask}
    answers = f"### BEGIN SOLUTION\n{worked}{_assigned(values)}\n### END SOLUTION"
    cells = [
        *_statement(exercise, whose),
        _solution_cell(answers),
        *(_test_cell(part, _hidden_test(part, entries[part.name])) for part in exercise.ask),
        _answers_file(exercise),
    ]
    return _notebook(cells)


def _statement(exercise: Exercise, whose: str) -> Iterator[Cell]:
    page = Page(
        one_line(words.title(exercise)),
        (Paragraph(one_line(words.about(exercise))), *statement(exercise)),
        one_line(whose),
    )
    asked = "\n".join(f"- `{part.name}`: {words.asked(exercise, part)}" for part in exercise.ask)
    rules = "\n".join(f"- {rule}" for rule in words.rules(exercise))
    text = f"{write_markdown(page)}\n## Asked\n\n{rules}\n\n{asked}\n"
    yield _cell("markdown", text, "description", locked=True)
    givens = "\n".join(_given(given.name, given.array) for given in givens_of(exercise))
    yield _cell("code", f"import json\n\nimport numpy as np\n\n{givens}", "givens", locked=True)


def _given(name: str, array: Any) -> str:
    numbers = _without_quotes(array)
    return f"{name} = np.array({numbers})" if isinstance(array, list) else f"{name} = {numbers}"


def _blank_answers(exercise: Exercise) -> str:
    return _assigned({part.name: None for part in exercise.ask})


def _assigned(values: dict[str, Any]) -> str:
    lines = "".join(f"    {name!r}: {value!r},\n" for name, value in values.items())
    return f"answers = {{\n{lines}}}"


def _worked(exercise: Exercise) -> Sequence[str]:
    return worked_solution(exercise).splitlines()


def _solution_cell(source: str) -> Cell:
    return _cell("code", source, "answers", solution=True)


def _test_cell(part: AskedQuantity, hidden: str) -> Cell:
    shape = tuple(part.shape)
    source = (
        f"submitted = np.asarray(answers[{part.name!r}], dtype=float)\n"
        f"assert submitted.shape == {shape!r}, "
        f'f"{part.name} has shape {{submitted.shape}}; it must be {shape!r}"\n'
        f'assert np.isfinite(submitted).all(), "{part.name} has an entry that is not finite"'
    )
    points = part.points.double
    return _cell("code", source + hidden, f"test-{part.name}", locked=True, points=points)


def _hidden_test(part: AskedQuantity, entries: list[ExpectedEntry]) -> str:
    pairs = ", ".join(f'("{each.value}", "{each.band}")' for each in entries)
    return (
        "\n### BEGIN HIDDEN TESTS\n"
        "from fractions import Fraction\n"
        f"expected = [{pairs}]\n"
        "for entry, (value, band) in zip(submitted.ravel().tolist(), expected, strict=True):\n"
        "    reach = Fraction(band) + Fraction(float(np.spacing(abs(entry)))) / 2\n"
        "    assert abs(Fraction(entry) - Fraction(value)) <= reach, "
        f'"{part.name} has a wrong entry"\n'
        "### END HIDDEN TESTS"
    )


def _answers_file(exercise: Exercise) -> Cell:
    source = (
        "document = {\n"
        '    "schema": "gradgrade/answers/1",\n'
        f'    "exercise": "{exercise.id}",\n'
        '    "answers": {\n'
        "        name: None if value is None else np.asarray(value, dtype=float).tolist()\n"
        "        for name, value in answers.items()\n"
        "    },\n"
        "}\n"
        f'with open("{exercise.id}.answers.json", "w", encoding="utf-8") as file:\n'
        "    json.dump(document, file, allow_nan=False)"
    )
    return _cell("code", source, "answers-file", locked=True)


def _cell(
    kind: str,
    source: str,
    name: str,
    *,
    locked: bool = False,
    solution: bool = False,
    points: float | None = None,
) -> Cell:
    identifier = name.replace("@", "-at-")
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
    cell: Cell = {
        "cell_type": kind,
        "id": identifier,
        "metadata": {"nbgrader": grading},
        "source": source.splitlines(keepends=True),
    }
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _notebook(cells: list[Cell]) -> str:
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _without_quotes(array: Any) -> str:
    if isinstance(array, list):
        return f"[{', '.join(map(_without_quotes, array))}]"
    return str(array)
