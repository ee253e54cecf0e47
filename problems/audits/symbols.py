"""What stands under the names of a script while it is read: pieces of what calls return."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from gradgrade.problems.audits.patterns import Fixed, Keyed, Several, Viewed

INVERSE: Mapping[str, str] = MappingProxyType(
    {
        "T": "T",
        "column": "first_column",
        "row": "first_row",
        "first_column": "column",
        "first_row": "row",
        "ravel": "ravel",
    }
)
"""The views that lead back."""

UNCHANGED = frozenset({"copy", "astype", "tolist", "item"})
NUMPYS_UNCHANGED = frozenset(
    {"array", "asarray", "copy", "ascontiguousarray", "float64", "float32", "asfortranarray"}
)
FLAT = frozenset({"ravel", "flatten", "squeeze"})
METHODS = UNCHANGED | FLAT | {"argmax", "reshape", "transpose"}
"""What is called on arrays."""

ATTRIBUTES = frozenset({"T", "shape", "size", "ndim", "dtype"})
"""What arrays have, and no object of a student's."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of what a call returns.

    Args:
        call: its number.
        path: to the piece: keys and indices.
        views: how the script views it.
    """

    call: int
    path: tuple[Any, ...] = ()
    views: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an object, as it is after a call of one of its methods.

    Args:
        made: the number of the call that makes the object.
        path: to the part.
        after: the number of the latest call on it; None: there was none.
        views: how the script views it.
        line: where it is read.
    """

    made: int
    path: tuple[Any, ...]
    after: int | None
    views: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Own:
    """A name that the student's file defines."""

    name: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """What is nothing of all this."""

    line: int
    source: str


def unknown(node: ast.AST) -> Unknown:
    """Return what an expression is that cannot be followed."""
    return Unknown(getattr(node, "lineno", 1), ast.unparse(node))


def inverse(views: Sequence[str]) -> tuple[str, ...]:
    """Return the views back.

    >>> inverse(("T", "column"))
    ('first_column', 'T')
    """
    return tuple(INVERSE[each] for each in reversed(views))


def viewed(symbol: Any, *views: str) -> Any:
    """Return an array viewed; what leads back and forth is left out."""
    if not isinstance(symbol, Viewed | Piece | Part):
        return None
    found = list(symbol.views)
    for view in views:
        before = found[-1] if found else ""
        is_flat = view == "ravel" and before in ("column", "row")
        if is_flat or (before and view != "ravel" and INVERSE.get(view) == before):
            found.pop()
        else:
            found.append(view)
    return replace(symbol, views=tuple(found))


def subscripted(symbol: Any, index: ast.expr, constant: Callable[[ast.expr], Any]) -> Any:
    """Return an entry or a view of something; None where it cannot be followed.

    Args:
        symbol: of what.
        index: what stands in the brackets.
        constant: returns the value of an expression of constants, or None.
    """
    view = _view_of(index)
    if view is not None:
        return viewed(symbol, view)
    key = constant(index)
    if not isinstance(key, int | str):
        return None
    match symbol:
        case Several(items=items) if isinstance(key, int) and -len(items) <= key < len(items):
            return items[key]
        case Keyed(items=pairs):
            return dict(pairs).get(key)
        case Viewed() if key == 0:
            return viewed(symbol, "first_row")
        case Piece(views=()) | Part(views=()):
            return replace(symbol, path=(*symbol.path, key))
    return None


_VIEWS: Mapping[str, str] = MappingProxyType(
    {
        ":, None": "column",
        ":, np.newaxis": "column",
        "None, :": "row",
        "np.newaxis, :": "row",
        "None": "row",
        "np.newaxis": "row",
        ":, 0": "first_column",
        "0, :": "first_row",
    }
)


def _view_of(index: ast.expr) -> str | None:
    return _VIEWS.get(ast.unparse(index).strip("()"))


def reshaped(symbol: Any, lengths: Sequence[ast.expr]) -> Any:
    """Return an array as a row or a column; None where it becomes something else."""
    texts = [ast.unparse(each) for each in lengths]
    match texts:
        case [_, "1"]:
            return viewed(symbol, "column")
        case ["1", _]:
            return viewed(symbol, "row")
        case ["-1"]:
            return viewed(symbol, "ravel")
    return None


def labels(symbol: Any, axis: Any) -> Any:
    """Return the labels of one-hot targets."""
    if axis in (0, 1, -1):
        return viewed(symbol, f"labels:{axis % 2}")
    return None


def is_iterable(symbol: Any) -> bool:
    """Whether it can be gone through."""
    return isinstance(symbol, Several | Keyed) or (
        isinstance(symbol, Fixed) and isinstance(symbol.value, str | list | tuple | range)
    )


def entries_of(symbol: Any) -> list[Any]:
    """Return what there is to go through."""
    if isinstance(symbol, Several):
        return list(symbol.items)
    if isinstance(symbol, Keyed):
        return [Fixed(key) for key, _ in symbol.items]
    return [Fixed(each) for each in symbol.value]
