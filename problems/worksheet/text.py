"""The worked solution as plain text."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from oracle.certify import CertifiedValue
from oracle.latex import latex
from oracle.nested import build, flatten, shape_of
from problems.documents.exercise import Exercise
from problems.number import Number
from problems.solve import Solution, solve
from problems.worksheet.plain import plain

INDENT = "    "


def worked_solution(exercise: Exercise, *, digits: int = 10) -> str:
    """Return the worked solution: the givens, then each step's formula and its values.

    Args:
        exercise: what to solve.
        digits: significant decimal digits of every entry, 1 to 1000.

    Returns:
        Lines of text, the last one ended too; arrays in the exercise's convention, a row a line.

    Raises:
        ExerciseError: the digits are out of range.
        OracleError: a quantity is undefined, leaves binary64's range, or cannot be proven.

    >>> from problems import generate
    >>> from problems.catalogue import load
    >>> exercise = generate(load("seeds"), "002-tanh-chain", student="1", secret=b"0")
    >>> print(*worked_solution(exercise, digits=5).splitlines()[-6:-4], sep="|")
    b2_new:  b2_new = b2 - η ∂L/∂b2|    0.42779
    """
    solution = solve(exercise, digits=digits)
    blocks = chain(
        [_heading(exercise)], _givens(exercise), _steps(solution), [_gradient_norms(solution)]
    )
    return "\n\n".join(blocks) + "\n"


def _heading(exercise: Exercise) -> str:
    about = f"{exercise.problem_set}/{exercise.name}, {exercise.convention} convention"
    return f"{' '.join(exercise.title.split())}\n({about}, variant {exercise.id})"


def _givens(exercise: Exercise) -> Iterator[str]:
    yield "Given"
    numbers = {name: str(number) for name, number in exercise.scalars().items()}
    for text, quantity in exercise.derivation().given.items():
        if text in numbers:
            yield f"{text}:  {plain(latex(quantity.name))} = {numbers[text]}"
        else:
            yield _block(f"{text}:", exercise.given[text])


def _steps(solution: Solution) -> Iterator[str]:
    enclosure = solution.certified.enclosure
    iteration = None
    for step in solution.derivation.steps:
        if step.name.iteration != iteration:
            iteration = step.name.iteration
            yield f"Iteration {iteration}" if iteration else "Steps"
        array = CertifiedValue(enclosure, step.quantity).digits(solution.digits)
        yield _block(f"{step.name}:  {plain(step.formula)}", array)


def _gradient_norms(solution: Solution) -> str:
    norms = solution.gradient_norms().items()
    return "\n".join(
        ["Norm of the gradient", *(f"{INDENT}layer {layer}:  {norm}" for layer, norm in norms)]
    )


def _block(title: str, array: Any) -> str:
    """Return a title and, below it, an array's entries, right-aligned in rows of its last axis."""
    entries, shape = [_text(entry) for entry in flatten(array)], shape_of(array)
    width = shape[-1] if shape else 1
    rows = build(entries, (len(entries) // width, width))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    aligned = (
        "  ".join(entry.rjust(size) for entry, size in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join([title, *(INDENT + line for line in aligned)])


def _text(entry: Number | str) -> str:
    return entry.text if isinstance(entry, Number) else entry
