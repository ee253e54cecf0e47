"""The answer sheet: a worked solution as a page."""

from collections.abc import Iterator

from gradgrade.oracle.derivation.formulas.expression import Expression, Numeral, Numerals
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.worksheet import words
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
from gradgrade.problems.worksheet.worked import Shown, WorkedStep, work


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
    rights = (step.formula, *([step.numbers] if step.numbers else []))
    if len(step.made.grids) == 1:
        yield from _values(step.made, rights, label=step.made.name)
    else:
        yield Equation(step.made.symbol, rights, step.made.name)
        yield from _values(step.made, (), label="")


def _values(shown: Shown, rights: tuple[Expression, ...], *, label: str) -> Iterator[Equation]:
    for index, grid in enumerate(shown.grids):
        value = Numerals(grid.rows) if shown.is_array else Numeral(shown.array)
        yield Equation(shown.symbol, (*rights, value), "" if index else label, grid.part)
