"""The answer sheet: a worked solution as a page."""

from collections.abc import Iterator

from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.worksheet import words
from gradgrade.problems.worksheet.grids import latex_matrix, latex_number
from gradgrade.problems.worksheet.page import (
    Block,
    Equation,
    Heading,
    Items,
    Page,
    Paragraph,
    printable,
)
from gradgrade.problems.worksheet.step_numbers import PUT_IN_DIGITS
from gradgrade.problems.worksheet.worked import Shown, WorkedStep, left_side, right_side, work


def answer_sheet(exercise: Exercise, *, digits: int) -> Page:
    """Return the worked solution of an exercise as a page.

    Args:
        exercise: what to solve.
        digits: significant decimal digits of every result, 1 to 1000.

    Raises:
        ExerciseError: the digits are out of range.
        OracleError: a quantity is undefined, leaves binary64's range, or cannot be proven.
    """
    worked = work(exercise, digits=digits)
    put_in = min(digits, PUT_IN_DIGITS)
    blocks: list[Block] = [
        Paragraph(printable(words.about(exercise))),
        Paragraph(
            f"{words.CONVENTIONS[exercise.convention]} Results have {digits} significant digits; "
            f"computed numbers are put into formulas with {put_in}, but nothing is rounded on "
            "the way."
        ),
        Heading("Given"),
        *given_equations(worked.givens),
    ]
    for part in worked.parts:
        blocks.append(Heading(part.title))
        blocks += (equation for step in part.steps for equation in _step(step))
    norms = tuple(f"Layer {layer}: {norm}" for layer, norm in worked.gradient_norms)
    blocks += [Heading("Norm of the gradient"), Items(norms)] if norms else []
    return Page(f"{printable(words.title(exercise))} – worked solution", tuple(blocks))


def given_equations(givens: tuple[Shown, ...]) -> Iterator[Equation]:
    """Yield what is given, large arrays in parts."""
    for given in givens:
        yield from _values(given, (), label=given.name)


def _step(step: WorkedStep) -> Iterator[Equation]:
    """Yield a step's formula, the numbers in it and its result, a large one in parts."""
    rights = (right_side(step.formula), *([step.numbers] if step.numbers else []))
    left, label = left_side(step.formula), step.made.name
    if len(step.made.grids) == 1 and left == step.made.symbol:
        yield from _values(step.made, rights, label=label)
    else:
        yield Equation(left, rights, label)
        yield from _values(step.made, (), label="")


def _values(shown: Shown, rights: tuple[str, ...], *, label: str) -> Iterator[Equation]:
    for index, grid in enumerate(shown.grids):
        part = rf"\;\text{{({grid.part})}}" if grid.part else ""
        value = latex_matrix(grid.rows) if shown.is_array else latex_number(shown.array)
        yield Equation(shown.symbol + part, (*rights, value), "" if index else label)
