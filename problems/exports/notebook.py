"""An exercise as a Jupyter assignment, its cells marked for nbgrader.

What a student fetches has no expected value in it: its tests look at shapes and finiteness alone,
and its last cell writes the answers file that `gradgrade grade` takes. The instructor's notebook is
the same one with the worked solution and hidden tests between the marks that nbgrader strips.
"""

from collections.abc import Iterator, Sequence

from gradgrade.problems.documents.exercise import AskedQuantity, Exercise
from gradgrade.problems.documents.text import one_line
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
from gradgrade.problems.solve import solve
from gradgrade.problems.worksheet import words
from gradgrade.problems.worksheet.copied_givens import numpy_lines
from gradgrade.problems.worksheet.definitions import definition
from gradgrade.problems.worksheet.formats.markdown import escaped, write_markdown
from gradgrade.problems.worksheet.formats.text import worked_solution
from gradgrade.problems.worksheet.page import Block, Page, Paragraph
from gradgrade.problems.worksheet.question_sheet import statement

DIGITS = 17


def question_notebook(exercise: Exercise, *, whose: str = "") -> str:
    """Return the assignment that a student fetches; whose it is stands at its top."""
    cells = [
        *_statement(exercise, whose),
        solution_cell("answers", blank_answers(exercise)),
        *(tested_cell(part, hidden=None) for part in exercise.ask),
        answers_file(f'"{exercise.id}"'),
    ]
    return notebook(cells)


def answers_notebook(exercise: Exercise, *, whose: str = "") -> str:
    """Return the instructor's source of the same assignment; it holds the expected values.

    Raises:
        OracleError: a quantity is undefined, leaves binary64's range, or cannot be proven.
    """
    solution = solve(exercise, digits=DIGITS)
    entries = expected_entries(solution)
    worked = "".join(f"# {line}".rstrip() + "\n" for line in _worked(exercise))
    values = {part.name: solution[part.name].float64 for part in exercise.ask}
    cells = [
        *_statement(exercise, whose),
        solution_cell("answers", blank_answers(exercise), f"{worked}{right_answers(values)}"),
        *(
            tested_cell(part, hidden=f"expected = {pairs(entries[part.name])}")
            for part in exercise.ask
        ),
        answers_file(f'"{exercise.id}"'),
    ]
    return notebook(cells)


def _statement(exercise: Exercise, whose: str) -> Iterator[Cell]:
    about = Paragraph(one_line(words.about(exercise)))
    yield described(exercise, (about, *statement(exercise)), whose=whose)
    givens = "\n".join(numpy_lines(exercise))
    yield cell("code", f"import json\n\nimport numpy as np\n\n{givens}", "givens", locked=True)


def described(exercise: Exercise, blocks: tuple[Block, ...], *, whose: str = "") -> Cell:
    """Return the cell that says in words what is given and what is asked."""
    page = Page(one_line(words.title(exercise)), blocks, one_line(whose))
    asked = "\n".join(f"- `{part.name}`: {_asked(exercise, part)}" for part in exercise.ask)
    rules = "\n".join(f"- {rule}" for rule in words.rules(exercise))
    text = f"{write_markdown(page)}\n## Asked\n\n{rules}\n\n{asked}\n"
    return cell("markdown", text, "description", locked=True)


def _asked(exercise: Exercise, part: AskedQuantity) -> str:
    defined = escaped(one_line(definition(exercise, part)))
    return ". ".join(filter(None, [words.asked(exercise, part), defined]))


def _worked(exercise: Exercise) -> Sequence[str]:
    return worked_solution(exercise).splitlines()
