"""Tests to paste: small inputs on which mistakes show, with the oracle's values for them."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

import numpy

from gradgrade.oracle.errors import OracleError
from gradgrade.problems.audits.audited import Audited, NotDrawn, Reference
from gradgrade.problems.audits.variants import Variant
from gradgrade.problems.errors import ExerciseError
from gradgrade.problems.scripts import names as script_names
from gradgrade.problems.scripts.check import used
from gradgrade.problems.solve import solve

TELLS = 4.0
"""How many bands a mistake has to be off on an input that is shown for it."""

INDENT = "    "


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """A test.

    Args:
        name: of its function.
        text: Python that runs as it stands, where the module can be imported.
    """

    name: str
    text: str


class Inputs:
    """Small draws of an exercise, the smallest first.

    Args:
        audited: the exercise.
    """

    def __init__(self, audited: Audited) -> None:
        self.audited = audited
        free = audited.shapes.free
        unequal = {name: 2 + at for at, name in enumerate(free)}
        fewer = {name: 2 + at % 2 for at, name in enumerate(free)}
        sizes = [fewer, unequal, dict.fromkeys(free, 2), audited.shapes.own]
        self._tried = [(each, seed) for seed in range(2) for each in sizes]
        self._drawn: dict[int, Reference | None] = {}

    def telling(self, variant: Variant) -> int | None:
        """Return the number of the first draw on which a mistake shows; None: on none of them."""
        if variant.state:
            return 0 if self[0] is not None else None
        for at in range(len(self._tried)):
            reference = self[at]
            if reference is not None and self._shows(variant, reference):
                return at
        return None

    def __getitem__(self, at: int) -> Reference | None:
        if at not in self._drawn:
            sizes, seed = self._tried[at]
            try:
                self._drawn[at] = self.audited.reference(sizes, seed)
            except (NotDrawn, ValueError):
                self._drawn[at] = None
        return self._drawn[at]

    def _shows(self, variant: Variant, reference: Reference) -> bool:
        return any(
            distance > TELLS
            for call in self.audited.calls
            for distance in self.audited.distances(variant, call, reference).values()
        )


def pasted(
    audited: Audited, reference: Reference, *, module: str, name: str, state: str = ""
) -> Pasted:
    """Return a test that runs the script on a draw.

    Args:
        audited: the exercise.
        reference: the draw.
        module: the dotted name of the module under test.
        name: of the test.
        state: what it is to tell of what is kept between calls, as `Variant.state`.
    """
    code = audited.exercise.code
    assert code is not None  # as it is audited
    own = [each.name for each in used(code, audited.exercise)]
    lines = [*_givens(audited, reference), *_statements(audited, reference, state)]
    lines += _asserts(audited, reference)
    body = "".join(f"{INDENT}{line}\n" if line else "\n" for line in lines)
    head = f"import numpy as np\nfrom {module} import {', '.join(own)}\n\n\n"
    return Pasted(name=name, text=f"{head}def {name}():\n{body}")


def _givens(audited: Audited, reference: Reference) -> Iterator[str]:
    code = audited.exercise.code
    assert code is not None
    read = {each.id for each in ast.walk(ast.parse(audited.script)) if isinstance(each, ast.Name)}
    for name, length in script_names.sizes_of(reference.exercise).items():
        if name in read:
            yield f"{name} = {length}"
    for name, quantity in audited.names.givens.items():
        if name in read:
            array = reference.known.arrays[quantity]
            if quantity in audited.names.columns:
                array = array[..., None]
            yield f"{name} = {written(array)}"


def _statements(audited: Audited, reference: Reference, state: str) -> Iterator[str]:
    statements = ast.parse(audited.script).body
    texts = [(each, ast.get_source_segment(audited.script, each) or "") for each in statements]
    arrays = reference.known.arrays
    given = [name for name, each in audited.names.givens.items() if arrays[each].ndim]
    passed = [name for name in given if any(_reads(each, name) for each in statements)]
    if state in ("first_cache", "added_up"):
        made = audited.interface.objects
        is_making = [bool(made & set(range(e.lineno, (e.end_lineno or 0) + 1))) for e in statements]
        first = max((at + 1 for at, each in enumerate(is_making) if each), default=0)
        for _, text in texts[:first]:
            yield from text.splitlines()
        yield f"given = {passed[0]}"
        yield "for scale in (2.0, 1.0):"
        yield f"{INDENT}{passed[0]} = scale * given"
        for _, text in texts[first:]:
            yield from (f"{INDENT}{line}" for line in text.splitlines())
        return
    if state == "in_place":
        yield f"before = [each.copy() for each in ({', '.join(passed)},)]"
    for _, text in texts:
        yield from text.splitlines()
    if state == "in_place":
        yield f"for now, then in zip(({', '.join(passed)},), before):"
        yield f"{INDENT}np.testing.assert_array_equal(now, then)"


def _reads(statement: ast.stmt, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(statement))


def _asserts(audited: Audited, reference: Reference) -> Iterator[str]:
    code = audited.exercise.code
    assert code is not None
    values = _proven(reference)
    for name, quantity in script_names.asked_of(audited.exercise, code).items():
        if quantity not in reference.bands:
            continue
        value = numpy.array(values.get(quantity, reference.values[quantity]), dtype=numpy.float64)
        if quantity in audited.names.columns:
            value = value[..., None]
        band = rounded_up(float(reference.bands[quantity].max()))
        shown = written(value, is_array=False)
        yield f"np.testing.assert_allclose({name}, {shown}, rtol=0, atol={band:g})"


def _proven(reference: Reference) -> Mapping[str, Any]:
    try:
        solution = solve(reference.exercise)
    except (OracleError, ExerciseError):
        return {}
    return {part.name: solution[part.name].float64 for part in reference.exercise.ask}


def rounded_up(band: float) -> float:
    """Return a band with one digit, no narrower.

    >>> rounded_up(2.1e-15)
    3e-15
    """
    if not band:
        return 0.0
    digits = -floor(log10(band))
    return float(round(ceil(band * 10**digits - 1e-9) / 10**digits, digits))


def written(array: Any, *, is_array: bool = True) -> str:
    """Return an array as Python writes it, every number to its last bit.

    >>> written(numpy.array([[0.1, -2.0]]))
    'np.array([[0.1, -2.0]])'
    """
    if not array.ndim:
        return repr(float(array))
    return f"np.array({array.tolist()})" if is_array else f"{array.tolist()}"


def tests_of(
    audited: Audited, variants: Sequence[Variant], *, module: str
) -> tuple[list[Pasted], Mapping[str, str]]:
    """Return tests that tell mistakes, and which one tells each: by the mistakes' titles."""
    inputs, tests = Inputs(audited), dict[tuple[int, str], Pasted]()
    telling: dict[str, str] = {}
    for variant in variants:
        at = inputs.telling(variant)
        reference = None if at is None else inputs[at]
        if at is None or reference is None:
            continue
        key = (at, variant.state)
        if key not in tests:
            name = f"test_by_gradgrade_{len(tests) + 1}"
            tests[key] = pasted(audited, reference, module=module, name=name, state=variant.state)
        telling[variant.title] = tests[key].name
    return list(tests.values()), telling
