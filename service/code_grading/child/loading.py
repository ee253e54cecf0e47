"""Importing the student's module, and finding the shape in which it answers."""

from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any, NamedTuple

from .answers import Findings, measured
from .exercise import Exercise, with_arrays
from .failure import Failure
from .importing.loader import load_main
from .importing.submission import Submission
from .notes import cause_of_any
from .scripted import Script, Tell
from .shapes import functions, layer_classes, solving, torch_module


class Shape(NamedTuple):
    """One shape of student code: whether a module has it, and how such a module answers."""

    needs: str
    is_shape_of: Callable[[Any], bool]
    answer: Callable[[Any, Exercise], tuple[Any, Findings]]


def _has(name: str) -> Callable[[Any], bool]:
    return lambda module: callable(getattr(module, name, None))


# In the order in which they are looked for.
SHAPES = (
    ("solve", Shape("a function solve", _has("solve"), solving.answer)),
    ("functions", Shape("a function forward", _has("forward"), functions.answer)),
    ("torch", Shape("a torch module", torch_module.is_in, torch_module.answer)),
    ("layers", Shape("a layer class", layer_classes.are_in, layer_classes.answer)),
)


FUNCTIONS = ("solve", "forward", "build", "Network")
"""Names by which a shape is known; layer classes have any."""


def answering(begin: dict[str, Any]) -> Callable[[dict[str, Any], Tell], None]:
    """Load the student's module, and return what answers requests with it.

    Raises:
        Failure: there is no module, or it has not the shape that is needed.
    """
    seconds = begin["limits"]["import_seconds"]
    module = load_main(Submission.of(begin["submission"], seconds))
    if begin["is_scripted"]:
        return partial(_run_script, module)
    return partial(_answer, shape_of(module, begin["shape"]), module)


def _run_script(module: ModuleType, request: dict[str, Any], tell: Tell) -> None:
    Script(request["script"]).run(module, with_arrays(request["exercise"]), request["uses"], tell)


def _answer(shape: Shape, module: ModuleType, request: dict[str, Any], tell: Tell) -> None:
    answers, found = answer(shape, module, with_arrays(request["exercise"]))
    written, odd = measured(answers, request["exercise"])
    tell({"answers": written, "findings": [*found, *odd]})


def answer(shape: Shape, module: ModuleType, exercise: Exercise) -> tuple[Any, Findings]:
    """Return what a module answers to an exercise.

    Raises:
        Failure: the exercise is a program, and the module has no one function for it.
    """
    if exercise.get("type") == "program" and shape.answer is not solving.answer:
        raise Failure("missing", "the exercise is a program: the file must define a function solve")
    return shape.answer(module, exercise)


def shape_of(module: ModuleType, wanted: str | None) -> Shape:
    """Return the shape that a module has.

    Args:
        module: the student's.
        wanted: the name of the shape that it must have; None takes the first that it has.

    Raises:
        Failure: it has none, or not that one.
    """
    shapes = [shape for name, shape in SHAPES if wanted in (None, name)]
    for shape in shapes:
        if shape.is_shape_of(module):
            return shape
    needed = " nor ".join(shape.needs for shape in shapes)
    cause = cause_of_any(FUNCTIONS, module)
    raise Failure("missing", f"the file does not define {needed}" + (f"; {cause}" if cause else ""))
