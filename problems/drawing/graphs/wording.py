"""A graph in words: for those who cannot see it, and above it where it stands alone."""

from collections.abc import Iterator

from gradgrade.oracle.nested import Shape
from gradgrade.problems.documents.exercise import ProgramExercise
from gradgrade.problems.drawing.scene import Mark, told

MOST_DESCRIBED = 30
"""How many lines are described one by one."""


def title(exercise: ProgramExercise) -> str:
    """Return a graph in few words."""
    if exercise.differentiate is not None:
        return f"The computation graph of {exercise.differentiate}"
    return f"The computation graph of {', '.join(exercise.upstream)}"


def describe(exercise: ProgramExercise, marks: tuple[Mark, ...]) -> str:
    """Return what else a drawing shows, for those who cannot see it."""
    graph = exercise.graph
    givens = ", ".join(_sized(name, each.shape) for name, each in graph.givens.items())
    return " ".join(
        [
            f"From what is given to the result. Given: {givens}.",
            *_lines(exercise),
            *told(marks),
            "Values stand above the edges, gradients below; all given numbers stand among what "
            "is given.",
        ]
    )


def _lines(exercise: ProgramExercise) -> Iterator[str]:
    lines = exercise.graph.lines
    if len(lines) > MOST_DESCRIBED:
        yield f"{len(lines)} lines."
        return
    for node in lines:
        yield f"{_sized(str(node.name), node.operation.shape)} = {node.text};"


def _sized(name: str, shape: Shape) -> str:
    """Return a name with its shape.

    >>> _sized("W", (2, 3)), _sized("x", ())
    ('W (2 by 3)', 'x')
    """
    return f"{name} ({' by '.join(map(str, shape))})" if shape else name
