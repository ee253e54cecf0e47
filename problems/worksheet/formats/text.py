"""The worked solution as plain text."""

from collections.abc import Iterator
from itertools import chain

from gradgrade.oracle.derivation.formulas.plain import to_plain
from gradgrade.oracle.nested import build, flatten, shape_of
from gradgrade.problems.documents.exercise import Exercise, NetworkExercise, ProgramExercise
from gradgrade.problems.documents.text import one_line
from gradgrade.problems.worksheet import words
from gradgrade.problems.worksheet.worked import (
    Shown,
    WorkedPart,
    WorkedSolution,
    WorkedStep,
    work,
)

INDENT = "    "


def worked_solution(exercise: Exercise, *, digits: int = 10) -> str:
    r"""Return the worked solution: the givens, then each step's formula, numbers and values.

    Args:
        exercise: what to solve.
        digits: significant decimal digits of every entry, 1 to 1000.

    Returns:
        Lines of text, the last one ended too; arrays in the exercise's convention, a row a line.

    Raises:
        ExerciseError: the digits are out of range.
        OracleError: a quantity is undefined, leaves binary64's range, or cannot be proven.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "002-tanh-chain", student="1", secret=b"0")
    >>> text = worked_solution(exercise, digits=5)
    >>> print(text[text.index("z1:") :].partition("\n\n")[0])
    z1:  z1 = W1 x + b1
            = [0.6] [0.5] + [0.1]
        0.40000
    """
    worked = work(exercise, digits=digits)
    blocks = chain(
        [_heading(exercise), *_listing(exercise), "Given"],
        map(_given, worked.givens),
        *map(_part, worked.parts),
        _gradient_norms(worked),
    )
    return "\n\n".join(blocks) + "\n"


def _heading(exercise: Exercise) -> str:
    about = f"{exercise.problem_set}/{exercise.name}"
    if isinstance(exercise, NetworkExercise):
        about += f", {exercise.convention} convention"
    return f"{one_line(words.title(exercise))}\n({about}, variant {exercise.id})"


def _listing(exercise: Exercise) -> Iterator[str]:
    """Yield a program and what its gradients are of; nothing of a network."""
    if isinstance(exercise, ProgramExercise):
        lines = exercise.program.rstrip().splitlines()
        yield "\n".join(["The program", "", *(f"{INDENT}{line}" for line in lines)])
        yield "\n".join(map(one_line, words.differentiated(exercise)))


def _given(given: Shown) -> str:
    if given.is_array:
        return "\n".join([f"{given.name}:", *_rows(given)])
    return f"{given.name}:  {to_plain(given.symbol)} = {given.array}"


def _part(part: WorkedPart) -> Iterator[str]:
    yield f"{part.title}\n{part.note}" if part.note else part.title
    yield from map(_step, part.steps)


def _step(step: WorkedStep) -> str:
    left = f"{step.made.name}:  {to_plain(step.made.symbol)} "
    numbers = [f"{' ' * len(left)}= {to_plain(step.numbers)}"] if step.numbers else []
    return "\n".join([f"{left}= {to_plain(step.formula)}", *numbers, *_rows(step.made)])


def _gradient_norms(worked: WorkedSolution) -> Iterator[str]:
    norms = [f"{INDENT}layer {layer}:  {norm}" for layer, norm in worked.gradient_norms]
    if norms:
        yield "\n".join(["Norm of the gradient", *norms])


def _rows(shown: Shown) -> Iterator[str]:
    """Yield an array's entries, right-aligned in rows of its last axis."""
    entries, shape = flatten(shown.array), shape_of(shown.array)
    width = shape[-1] if shape else 1
    rows = build(entries, (len(entries) // width, width))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        aligned = (entry.rjust(size) for entry, size in zip(row, widths, strict=True))
        yield INDENT + "  ".join(aligned)
