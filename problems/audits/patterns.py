"""What a call of a script is made of: which quantity stands where, and how it is viewed there.

A view says how the script comes from a quantity to what it writes: `W1.T` is W1 by the view `T`.
Whoever is called with it goes back, so each view has one inverse, which `standin/` takes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VIEWS = frozenset(
    {"T", "column", "row", "first_column", "first_row", "ravel", "labels:0", "labels:1"}
)
"""Transposed; (n,) as (n, 1) and as (1, n); back from those; one-hot as labels along an axis."""


MAKING = "__init__"
"""The name under which an object is made; such a call answers nothing."""


@dataclass(frozen=True, slots=True)
class Viewed:
    """A quantity of the exercise.

    Args:
        name: its name in documents.
        views: how the script comes from it to what stands there, in order.
    """

    name: str
    views: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """What a call returns for a later one, and nobody looks into; `call` is its number."""

    call: int


@dataclass(frozen=True, slots=True)
class Fixed:
    """A value of Python's own, that has to be that."""

    value: Any


@dataclass(frozen=True, slots=True)
class Anything:
    """What says nothing of the exercise: a size, a shape, a seed."""


@dataclass(frozen=True, slots=True)
class Several:
    """A tuple or a list."""

    items: tuple["Pattern", ...]
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Keyed:
    """A dictionary; others may hold more."""

    items: tuple[tuple[Any, "Pattern"], ...]


@dataclass(frozen=True, slots=True)
class Object:
    """An object of the file's, known by its attributes."""

    attributes: tuple["At", ...]


Pattern = Viewed | Kept | Fixed | Anything | Several | Keyed | Object


@dataclass(frozen=True, slots=True)
class At:
    """What stands at a place of an object.

    Args:
        path: to it: attributes as `.W`, entries as they are.
        pattern: what stands there.
    """

    path: tuple[Any, ...]
    pattern: Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a script that is stood in for.

    Args:
        number: of the call in the script.
        line: of the script.
        source: its text.
        owner: the class whose method it is; "" for a function.
        role: which of the script's objects of that class it is called on.
        name: of the function or method.
        positional, named: its arguments.
        reads: what the script has set on the object before.
        returns: what it returns.
        sets: what the script reads from the object afterwards.
    """

    number: int
    line: int
    source: str
    owner: str
    role: int
    name: str
    positional: tuple[Pattern, ...]
    named: tuple[tuple[str, Pattern], ...]
    reads: tuple[At, ...] = ()
    returns: Pattern = field(default_factory=Anything)
    sets: tuple[At, ...] = ()

    @property
    def shown(self) -> str:
        """How people call it: `affine_backward`, `Linear.backward`."""
        return f"{self.owner}.{self.name}" if self.owner else self.name

    @property
    def answers(self) -> tuple[str, ...]:
        """The quantities that it answers, in order."""
        found = [*names_in(self.returns), *(n for at in self.sets for n in names_in(at.pattern))]
        return tuple(dict.fromkeys(found))

    @property
    def takes(self) -> tuple[str, ...]:
        """The quantities that it is given, in order, without those that are kept."""
        patterns = [*self.positional, *(each for _, each in self.named)]
        patterns += [at.pattern for at in self.reads]
        return tuple(dict.fromkeys(name for each in patterns for name in names_in(each)))


def names_in(pattern: Pattern) -> tuple[str, ...]:
    """Return the quantities in a pattern.

    >>> names_in(Several((Viewed("dx"), Keyed((("W1", Viewed("dW1", ("T",))),)))))
    ('dx', 'dW1')
    """
    match pattern:
        case Viewed(name=name):
            return (name,)
        case Several(items=items):
            return tuple(name for each in items for name in names_in(each))
        case Keyed(items=pairs):
            return tuple(name for _, each in pairs for name in names_in(each))
        case Object(attributes=attributes):
            return tuple(name for each in attributes for name in names_in(each.pattern))
    return ()


def as_data(pattern: Pattern) -> Mapping[str, Any]:
    """Return a pattern as JSON holds it, for the process that stands in.

    >>> as_data(Several((Viewed("W1", ("T",)), Fixed("relu"))))
    {'items': [{'name': 'W1', 'views': ['T']}, {'fixed': 'relu'}], 'is_list': False}
    """
    match pattern:
        case Viewed(name=name, views=views):
            return {"name": name, "views": list(views)}
        case Kept(call=call):
            return {"kept": call}
        case Fixed(value=value):
            return {"fixed": value}
        case Several(items=items, is_list=is_list):
            return {"items": list(map(as_data, items)), "is_list": is_list}
        case Keyed(items=pairs):
            return {"keys": [[key, as_data(each)] for key, each in pairs]}
        case Object(attributes=attributes):
            return {"attributes": list(map(_at_data, attributes))}
    return {"anything": True}


def call_data(call: Call) -> Mapping[str, Any]:
    """Return a call as JSON holds it, for the process that stands in."""
    return {
        "number": call.number,
        "owner": call.owner,
        "role": call.role,
        "name": call.name,
        "positional": list(map(as_data, call.positional)),
        "named": {name: as_data(each) for name, each in call.named},
        "reads": list(map(_at_data, call.reads)),
        "returns": as_data(call.returns),
        "sets": list(map(_at_data, call.sets)),
    }


def _at_data(at: At) -> Mapping[str, Any]:
    return {"path": list(at.path), "pattern": as_data(at.pattern)}
