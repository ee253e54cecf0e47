"""A test to paste: it fails as long as a student's file is wrong on an exercise.

It holds the right values. The numbers of a smallest network are nobody's exercise.
"""

from collections.abc import Iterator
from keyword import iskeyword
from pathlib import PurePath
from textwrap import indent
from typing import Any

from gradgrade.problems import Exercise
from gradgrade.problems.documents.structures.code import CodeInterface
from gradgrade.problems.documents.tolerance import AUTO
from gradgrade.problems.scripts import names
from gradgrade.problems.scripts.check import used
from gradgrade.problems.scripts.statements import read_script
from gradgrade.problems.solve import Solution, solve

TEST = "def test_the_smallest_failure():"
DOUBLES, SINGLES = (1e-9, 1e-12), (1e-4, 1e-6)
"""How near numbers are compared, relatively and absolutely, by what code computes in."""


MODULE = "student"
"""What a test imports of what is no module itself: a notebook, or a folder of any files."""


def module_of(file: str, *, main: str | None = None) -> str:
    """Return by which name a test imports what a student hands in.

    Args:
        file: what is handed in. The test stands beside a file, and in a folder.
        main: the file that is used of a folder or a zip, where the set names it.

    >>> module_of("week-3/layers.py"), module_of("week-3.ipynb"), module_of("my layers.py")
    ('layers', 'student', 'student')
    >>> module_of("handed-in.zip", main="hw1/layers.py")
    'hw1.layers'
    """
    path = PurePath(PurePath(file).name)
    if main is not None and path.suffix not in (".py", ".ipynb"):
        path = PurePath(main)
    parts = (*path.parent.parts, path.stem)
    is_module = path.suffix == ".py" and all(map(str.isidentifier, parts))
    return ".".join(parts) if is_module and not any(map(iskeyword, parts)) else MODULE


def pasted_test(exercise: Exercise, *, file: str = f"{MODULE}.py") -> str:
    """Return a test of a student's file: of its `solve`, or with the exercise's script."""
    module = module_of(file, main=None if exercise.code is None else exercise.code.main)
    solution = solve(exercise)
    if exercise.code is None:
        lines = [*_of_solve(exercise), *_checks(exercise, solution)]
        head = ["import numpy as np", f"from {module} import solve"]
    else:
        lines = [*_of_script(exercise, exercise.code), *_checks(exercise, solution)]
        found = ", ".join(each.name for each in used(exercise.code, exercise))
        head = ["import numpy as np", f"from {module} import {found}"]
    return "\n".join([*head, "", "", TEST, *(indent(line, "    ") for line in lines)])


def written(value: Any) -> str:
    """Return a document's data as Python."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name!r}: {written(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return value.text if hasattr(value, "text") else repr(value)


def _of_solve(exercise: Exercise) -> Iterator[str]:
    yield "exercise = {"
    for name, value in exercise.to_data().items():
        if name == "given":
            yield f"    {name!r}: {{"
            yield from (f"        {each!r}: {_array(exercise, each)}," for each in exercise.given)
            yield "    },"
        elif name in ("layers", "ask"):
            yield f"    {name!r}: ["
            yield from (f"        {written(each)}," for each in value)
            yield "    ],"
        else:
            yield f"    {name!r}: {written(value)},"
    yield "}"
    yield "answers = solve(exercise)"


def _of_script(exercise: Exercise, code: CodeInterface) -> Iterator[str]:
    statements = read_script(code.script)
    read = {name for each in statements for name in each.reads}
    for name, number in names.numbers_of(exercise, code).items():
        if name in read:
            yield f"{name} = {number!r}"
    columns = names.columns_of(exercise, code)
    for called, name in names.givens_of(exercise, code).items():
        if called in read:
            column = ".reshape(-1, 1)" if name in columns else ""
            yield f"{called} = {_array(exercise, name)}{column}"
    yield from (each.source for each in statements)


def _array(exercise: Exercise, name: str) -> str:
    value = exercise.given[name]
    if not isinstance(value, list):
        return f"float({written(value)})"
    kind = "float" if exercise.picks(name, exercise.samples) is None else "int"
    return f"np.array({written(value)}, dtype={kind})"


def _checks(exercise: Exercise, solution: Solution) -> Iterator[str]:
    code = exercise.code
    columns = frozenset[str]() if code is None else names.columns_of(exercise, code)
    for part in exercise.ask:
        called = f"answers[{part.name!r}]"
        if code is not None:
            called = names.name_in_script(part.name, code)
        right = f"{solution[part.name].float64!r}"
        if part.name in columns:
            right = f"np.array({right}).reshape(-1, 1)"
        relative, absolute = _nearness(exercise, part.tolerance)
        if not part.shape:
            # A number is compared with every entry of an array, so that [0.5] would pass.
            yield f"assert np.ndim({called}) == 0, {part.name!r}"
        yield (
            f"np.testing.assert_allclose({called}, {right}, "
            f"rtol={relative:g}, atol={absolute:g}, err_msg={part.name!r})"
        )


def _nearness(exercise: Exercise, tolerance: Any) -> tuple[float, float]:
    """Return how near a right answer comes: as the exercise states it, or as code computes."""
    relative, absolute = SINGLES if exercise.precision == "binary32" else DOUBLES
    if tolerance == AUTO:
        return relative, absolute
    stated = tolerance.model_dump()
    if "decimals" in stated:
        return 0.0, 10.0 ** -stated["decimals"]
    if "significant" in stated:
        return 10.0 ** (1 - stated["significant"]), 0.0
    return float(stated["relative"].double), float(stated["absolute"].double)
