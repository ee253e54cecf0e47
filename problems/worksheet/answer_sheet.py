"""The answer sheet: a worked solution as a page."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from gradgrade.oracle.derivation.formulas.expression import Expression, Numeral, Numerals
from gradgrade.oracle.derivation.names import Name
from gradgrade.problems.documents.exercise import Exercise, ProgramExercise
from gradgrade.problems.documents.text import one_line
from gradgrade.problems.drawing.draw import picture
from gradgrade.problems.errors import ExerciseError
from gradgrade.problems.worksheet import words
from gradgrade.problems.worksheet.page import (
    Block,
    Code,
    Drawing,
    Equation,
    Heading,
    Items,
    Page,
    Paragraph,
)
from gradgrade.problems.worksheet.ranges import accepted_ranges
from gradgrade.problems.worksheet.worked import (
    PUT_IN_DIGITS,
    Shown,
    WorkedSolution,
    WorkedStep,
    work,
)

WIDE_ENOUGH = 1000.0
"""How wide a graph is at the most on a sheet; a wider one, which would be too small, is turned."""


def make_answer_sheet(exercise: Exercise, *, digits: int, whose: str = "") -> Page:
    """Return the worked solution of an exercise as a page.

    Args:
        exercise: what to solve.
        digits: significant decimal digits of every result, 1 to 1000.
        whose: the student whose page it is; empty where it is nobody's.

    Raises:
        ExerciseError: the digits are out of range.
        OracleError: a quantity is undefined, leaves binary64's range, or cannot be proven.
    """
    worked = work(exercise, digits=digits)
    put_in = min(digits, PUT_IN_DIGITS)
    blocks: list[Block] = [
        Paragraph(one_line(words.about(exercise))),
        Paragraph(
            f"{words.lies(exercise)}Results have {digits} significant digits; "
            f"computed numbers are put into formulas with {put_in}, but nothing is rounded on "
            "the way."
        ),
        *_ranges(worked),
        *listing(exercise),
        *drawing(exercise, numbers=worked.numbers),
        Heading("Given"),
        *given_equations(worked.givens),
    ]
    for part in worked.parts:
        blocks.append(Heading(part.title))
        blocks += [Paragraph(part.note)] if part.note else []
        blocks += (equation for step in part.steps for equation in _step(step))
    norms = tuple(f"Layer {layer}: {norm}" for layer, norm in worked.gradient_norms)
    blocks += [Heading("Norm of the gradient"), Items(norms)] if norms else []
    return Page(
        f"{one_line(words.title(exercise))} – worked solution", tuple(blocks), one_line(whose)
    )


def _ranges(worked: WorkedSolution) -> Iterator[Block]:
    """Yield what is accepted, part by part, to mark by hand."""
    yield Heading("Accepted")
    try:
        ranges = tuple(accepted_ranges(worked.solution))
    except ExerciseError as error:
        yield Paragraph(one_line(str(error)))
        return
    yield Paragraph("An entry is right from the first number to the second, both included.")
    yield from map(Items, ranges)


def listing(exercise: Exercise) -> tuple[Block, ...]:
    """Return a program, with what its gradients are of; nothing of a network."""
    if not isinstance(exercise, ProgramExercise):
        return ()
    told = Items(tuple(map(one_line, words.differentiated(exercise))))
    return (Heading("The program"), Code(exercise.program), told)


def drawing(
    exercise: Exercise, *, numbers: Mapping[Name, str] = MappingProxyType({})
) -> tuple[Drawing, ...]:
    """Return an exercise's drawing; nothing where it is too large for one.

    Args:
        exercise: what to draw.
        numbers: what else is shown of a graph, in worked solutions.
    """
    drawn = picture(exercise, numbers=numbers)
    if isinstance(exercise, ProgramExercise) and drawn and drawn.width > WIDE_ENOUGH:
        drawn = picture(exercise, numbers=numbers, is_turned=True)
    return () if drawn is None else (Drawing(drawn),)


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
