"""An exercise in an assignment of an nbgrader course, in which every student has a variant.

nbgrader releases the same notebook to everybody. So the variants' numbers stand in a file beside
it, by the students' ids, and a student says who they are. Where nbgrader grades, the folder says
so too: whoever worked on somebody else's numbers is told. The expected values of all are in the
hidden tests, which nbgrader keeps to itself.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.documents.strict_json import dumps
from gradgrade.problems.exports.cells import (
    Cell,
    answers_file,
    blank_answers,
    cell,
    notebook,
    pairs,
    right_answers,
    solution_cell,
    tested_cell,
)
from gradgrade.problems.exports.expected import expected_entries
from gradgrade.problems.exports.notebook import DIGITS, described
from gradgrade.problems.solve import solve
from gradgrade.problems.worksheet.copied_givens import kind_of, lines_of_program
from gradgrade.problems.worksheet.question_sheet import structure
from gradgrade.problems.worksheet.worked import Shown, givens_of


def source_files(students: Sequence[str], variants: Sequence[Exercise]) -> Mapping[str, str]:
    """Return the files of an exercise below a course's folder.

    Args:
        students: their ids, as the course's gradebook has them.
        variants: theirs, of one exercise.

    Returns:
        Texts by path. The notebook holds the expected values until nbgrader releases it; the
        variants' file does not.

    Raises:
        OracleError: a quantity is undefined, leaves binary64's range, or cannot be proven.
    """
    first = variants[0]
    folder = f"source/{first.problem_set}"
    return MappingProxyType(
        {
            f"{folder}/{first.name}.ipynb": _notebook(students, variants),
            f"{folder}/{_numbers_file(first)}": dumps(
                {
                    student: {
                        "id": each.id,
                        "given": {given.name: given.array for given in givens_of(each)},
                    }
                    for student, each in zip(students, variants, strict=True)
                }
            ),
        }
    )


def _numbers_file(exercise: Exercise) -> str:
    return f"{exercise.name}.variants.json"


def _notebook(students: Sequence[str], variants: Sequence[Exercise]) -> str:
    first = variants[0]
    solutions = [solve(each, digits=DIGITS) for each in variants]
    expected = [expected_entries(each) for each in solutions]
    right = {part.name: solutions[0][part.name].float64 for part in first.ask}
    cells = [
        described(first, structure(first)),
        solution_cell(
            "student",
            "# Your id on the roster, in quotation marks.\nstudent = None",
            f"student = {students[0]!r}",
        ),
        _givens(first),
        solution_cell("answers", blank_answers(first), right_answers(right)),
    ]
    for part in first.ask:
        by_student = "".join(
            f"    {student!r}: {pairs(entries[part.name])},\n"
            for student, entries in zip(students, expected, strict=True)
        )
        cells.append(
            tested_cell(
                part,
                hidden="folder = Path.cwd().parent.name\n"
                "assert folder == student or folder not in variants, "
                'f"these are the numbers of {student!r}, and {folder!r} has others"\n'
                f"expected = {{\n{by_student}}}[student]",
            )
        )
    return notebook([*cells, answers_file('variants[student]["id"]')])


def _givens(exercise: Exercise) -> Cell:
    lines = [
        "import json",
        "from pathlib import Path",
        "",
        "import numpy as np",
        "",
        f'variants = json.loads(Path("{_numbers_file(exercise)}").read_text("utf-8"))',
        'assert student in variants, f"{student!r} is not on the roster"',
        'given = variants[student]["given"]',
        *lines_of_program(exercise),
        *(_given(exercise, given) for given in givens_of(exercise)),
    ]
    return cell("code", "\n".join(lines), "givens", locked=True)


def _given(exercise: Exercise, given: Shown) -> str:
    """Return the line that reads a given: the file has its numerals as texts, none is rounded."""
    read = f'given["{given.name}"]'
    kind = kind_of(exercise, given.name)
    made = f"np.array({read}, dtype={kind})" if given.is_array else f"{kind}({read})"
    return f"{given.name} = {made}"
