"""What to write instead: examples of fields, and where a field belongs that stands elsewhere."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from gradgrade.problems.documents.faults.suggesting import folded, nearest
from gradgrade.problems.documents.faults.tables import (
    Path,
    Table,
    at,
    fields,
    table_at,
    tables,
    type_of,
)
from gradgrade.problems.documents.faults.writing import as_written, kind_of

_DENSE = MappingProxyType({"type": "dense", "units": 2, "activation": "sigmoid"})

EXAMPLES: Mapping[str, Any] = MappingProxyType(
    {
        "schema": "gradgrade/problem-set/1",
        "name": "week-3",
        "title": "Backpropagation, week 3",
        "points": 10,
        "inputs": 3,
        "layers": [_DENSE],
        "type": "dense",
        "units": 4,
        "filters": 2,
        "kernel": [3, 3],
        "size": [2, 2],
        "stride": [1, 1],
        "padding": [0, 0],
        "activation": "sigmoid",
        "loss": {"name": "half_squared_error"},
        "regularization": {"l2": 0.01},
        "freeze": ["b1"],
        "optimizer": {"name": "sgd", "learning_rate": 0.1},
        "learning_rate": 0.1,
        "schedule": {"name": "exponential", "rate": 0.1},
        "iterations": 2,
        "batch": 4,
        "convention": "column",
        "ask": ["loss", "dW1"],
        "parameters": ["W"],
        "tolerance": {"relative": 1e-6},
        "relative": 1e-6,
        "absolute": 0,
        "decimals": 4,
        "significant": 4,
        "rounding": {"decimals": 4},
        "draw": {"weights": {"low": -1, "high": 1, "step": 0.05}},
        "weights": {"low": -1, "high": 1, "step": 0.05},
        "biases": {"low": -1, "high": 1, "step": 0.05},
        "name of loss": "half_squared_error",
        "name of optimizer": "sgd",
        "name of schedule": "exponential",
        "name of ask": "dW1",
        "inputs of draw": {"low": -1, "high": 1, "step": 0.1},
        "targets": {"low": 0, "high": 1, "step": 0.05},
        "low": -1,
        "high": 1,
        "step": 0.05,
        "initialization": "he",
        "given": {"b1": [0.1, 0.2]},
        "attempts": 5,
        "feedback": "diagnosis",
        "solutions": "after_due",
        "practice": True,
        "hints": "formulas",
        "answers": {"loss": 0.24},
    }
)
"""A value for each field that is easily left out or written as something else."""

IN_A_PROGRAM: Mapping[str, str] = MappingProxyType(
    {
        "inputs": "its arrays are given by their shapes, arrays = { x = [4, 3] }",
        "layers": 'its lines say what is computed, program = "h = tanh(x @ W + b)"',
        "loss": 'it is a line of its own, which differentiate names, differentiate = "L"',
        "regularization": "what is penalized stands in its lines, such as L = M + 0.01 * sum(W**2)",
        "freeze": 'what is updated stands in parameters, parameters = ["W"]',
        "batch": "samples are an axis of its arrays, arrays = { x = [4, 3] }",
        "stochastic": "all samples of its arrays are one batch",
    }
)
"""What a program has in place of a network's fields."""

_OF_TWO = frozenset({"kernel", "size", "stride", "padding"})
"""Fields of rows and columns, which are alike where one number is written for both."""

FEW = 8
"""So many fields of a table are all named."""

_ENTRIES: Mapping[str, Any] = MappingProxyType(
    {"layers": _DENSE, "ask": "dW1", "freeze": "b1", "kernel": 3, "size": 2, "stride": 1}
)
"""An entry of each field that is a list."""

_HINTS: Mapping[str, str] = MappingProxyType(
    {
        "attempts": "leave the field out where they are not limited",
        "bias": 'write "per_unit" for a bias of each unit, "none" for no bias',
        "solutions": '"never", "after_due", or "after_full_marks"',
        "practice": "true where students may try other numbers, with the diagnosis; else false",
        "convention": '"column" where samples are columns, "row" where they are rows',
        "arithmetic": '"binary64" for float64, "decimal" for work by hand; '
        'float32 is precision = "binary32"',
    }
)


def example(path: Path, value: Any = None, *, toml: bool) -> str:
    """Return a field with a value that may stand there, or an entry of a list; empty where unknown.

    Args:
        path: to the field.
        value: what was written, which the example is meant for where that can be told.
        toml: whether it is written in TOML, else in JSON.

    >>> example(("layers", 0, "units"), toml=True), example(("ask", 0), toml=False)
    ('units = 4', '"dW1"')
    >>> example(("loss",), toml=False)
    '"loss": {"name": "half_squared_error"}'
    >>> example(("layers", 0, "padding"), 1, toml=True)
    'padding = [1, 1]'
    """
    if path and path[0] == "exercises" and len(path) == 1:
        return "[[exercises]], with its fields in the lines below" if toml else ""
    name, *above = [part for part in reversed(path) if isinstance(part, str)] or [""]
    if path and isinstance(path[-1], int):
        return as_written(_ENTRIES[name], toml=toml) if name in _ENTRIES else ""
    name = next((key for each in above if (key := f"{name} of {each}") in EXAMPLES), name)
    if name not in EXAMPLES:
        return ""
    meant = _for_both(value) if name in _OF_TWO else None
    field, shown = name.partition(" ")[0], as_written(meant or EXAMPLES[name], toml=toml)
    return f"{field} = {shown}" if toml else f'"{field}": {shown}'


def _for_both(value: Any) -> list[int] | None:
    """Return a whole number above 0, or a list of one, for rows and columns; None of others."""
    only = value[0] if isinstance(value, list) and len(value) == 1 else value
    return [int(str(only))] * 2 if re.fullmatch("[1-9][0-9]{0,8}", str(only)) else None


def hint(path: Path, value: Any) -> str:
    """Return what else helps whoever wrote this value in this place; empty where nothing does."""
    return _HINTS.get(str(path[-1]), "") if path and kind_of(value) != "a list" else ""


def needed_table(value: Any, path: Path, *, toml: bool) -> str:
    """Return what is said where a table belongs and something else stands."""
    shown, instead = as_written(value, toml=toml), example(path, toml=toml)
    such = f": write it as {instead}" if instead else ""
    return f"{shown} is {kind_of(value)}, and a table belongs here{such}"


def slug(text: str) -> str:
    """Return the name that is nearest to a text among those that a set may have.

    >>> slug("Week 3: ReLU")
    'week-3-relu'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:100]


def anywhere(name: str, root: Table) -> frozenset[str]:
    """Return the fields of any table that a name may be a slip of."""
    found = (nearest(name, fields(table)) for _, table in tables(root))
    return frozenset(each for each in found if each is not None)


def misplaced(name: str, meant: str | None, root: Table, above: Path, data: Any) -> str:
    """Return what is said of a field that its table does not have.

    Args:
        name: the field.
        meant: the nearest of those that the table has.
        root: the document's model.
        above: the way to the table.
        data: the document.
    """
    if meant is not None and folded(meant) == folded(name):
        return f"there is no such field; did you mean {meant}?"
    way = tuple(part for part in above if isinstance(part, str))
    # A word for what is still missing here, rather than one that belongs elsewhere.
    if meant is not None and meant not in (at(data, above) or {}):
        return f"there is no such field; did you mean {meant}?"
    here = table_at(root, above, data)
    if here is not None and type_of(here) == "program" and name in IN_A_PROGRAM:
        return f"a program has no {name}: {IN_A_PROGRAM[name]}"
    elsewhere = [(home, list(fields(table))) for home, table in tables(root) if home != way]
    if homes := [home for home, names in elsewhere if name in names]:
        is_table = isinstance(at(data, (*above, name)), Mapping)
        home = _nearest_way(homes, way)
        return f"there is no such field here; it belongs {_where(home, name if is_table else '')}"
    if meant is not None:
        return f"there is no such field; did you mean {meant}?"
    likened = {home: found for home, names in elsewhere if (found := nearest(name, names))}
    if not likened:
        names = [] if here is None else list(fields(here))
        known = f"there are {', '.join(names)}" if len(names) <= FEW else "leave it out"
        return f"there is no such field; {known}"
    home = _nearest_way(list(likened), way)
    return f"there is no such field; did you mean {likened[home]}, which belongs {_where(home)}"


def _nearest_way(homes: list[tuple[str, ...]], way: tuple[str, ...]) -> tuple[str, ...]:
    """Return the one that shares most with a way, the shortest of these."""
    return max(homes, key=lambda home: (_shared(home, way), -len(home)))


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def _where(home: tuple[str, ...], table: str = "") -> str:
    """Return where a field belongs, by the way to the table; a table of its own is begun there."""
    if home == ("exercises",) and table:
        return f"to an exercise: begin it with [exercises.{table}], below [[exercises]]"
    if not home:
        return "to the whole set: at the top, before the first exercise"
    if home == ("exercises",):
        return "to the exercise itself: beside its name, before any table of its own"
    if home[-1] == "layers":
        return f"into a layer: layers = [{as_written(_DENSE, toml=True)}]"
    shown = example(home, toml=True)
    name = ".".join(part for part in home if part != "exercises")
    return f"into {name}" + (f": {shown}" if shown else "")
