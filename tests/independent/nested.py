"""Nested lists, all equally long along every axis, taken apart and put together."""

from __future__ import annotations

from typing import Any


def leaves(nested: Any) -> list[Any]:
    """All entries of nested lists, the last index running fastest."""
    if not isinstance(nested, list):
        return [nested]
    return [leaf for item in nested for leaf in leaves(item)]


def shape(nested: Any) -> tuple[int, ...]:
    """The lengths of nested lists along every axis."""
    return (len(nested), *shape(nested[0])) if isinstance(nested, list) else ()


def mapped(function: Any, nested: Any) -> Any:
    """The function applied to every entry."""
    if isinstance(nested, list):
        return [mapped(function, item) for item in nested]
    return function(nested)


def transposed(nested: Any, axes: tuple[int, ...]) -> Any:
    """The entries in another order of axes."""
    old = shape(nested)

    def build(place: tuple[int, ...]) -> Any:
        if len(place) < len(axes):
            return [build((*place, i)) for i in range(old[axes[len(place)]])]
        return entry(nested, tuple(place[axes.index(axis)] for axis in range(len(axes))))

    return build(())


def entry(nested: Any, place: tuple[int, ...]) -> Any:
    """The entry at a place."""
    for index in place:
        nested = nested[index]
    return nested
