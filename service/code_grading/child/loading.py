"""Importing the student's module, and finding the shape in which it answers."""

import codecs
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any, NamedTuple

from .answers import Findings, measured
from .exercise import Exercise, with_arrays
from .failure import Failure
from .scripted import Script, Tell
from .shapes import functions, layer_classes, solving, torch_module

NAME = "student"


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


def answering(begin: dict[str, Any]) -> Callable[[dict[str, Any], Tell], None]:
    """Load the student's module, and return what answers requests with it.

    Raises:
        Failure: there is no module, or it has not the shape that is needed.
    """
    module = load(begin["submission"])
    if begin["script"] is not None:
        return partial(_run_script, Script(begin["script"]), module)
    return partial(_answer, shape_of(module, begin["shape"]), module)


def _run_script(script: Script, module: ModuleType, request: dict[str, Any], tell: Tell) -> None:
    script.run(module, with_arrays(request["exercise"]), request["uses"], tell)


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


class _Loader(importlib.machinery.SourceFileLoader):
    """Reads UTF-16 too, which Python does not, and editors on Windows write."""

    def get_data(self, path: str) -> bytes:
        data = super().get_data(path)
        is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return data.decode("utf-16").encode() if is_utf16 else data


def load(submission: dict[str, Any]) -> ModuleType:
    """Return the student's main module, executed.

    Args:
        submission: `top`, the folder with what is handed in, and `main`, the path of the main file.
    """
    top, main = submission["top"], submission["main"]
    sys.path.append(top)
    name = main.removesuffix(".py").replace("/", ".")
    taken = {*sys.modules, *sys.stdlib_module_names}
    if name in taken or not all(map(str.isidentifier, name.split("."))):
        name = NAME
    loader = _Loader(name, f"{top}/{main}")
    spec = importlib.util.spec_from_file_location(name, f"{top}/{main}", loader=loader)
    if spec is None:
        raise Failure("missing", "the file is no Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader.exec_module(module)
    return module


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
    raise Failure("missing", f"the file does not define {needed}")
