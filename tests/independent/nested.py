"""Nested lists, all equally long along every axis, taken apart and put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# A leaf, or a list of such, equally long along every axis.
Nested = Any


def mapped(function: Callable[..., Any], *nested: Nested) -> Nested:
    """The function applied to corresponding leaves of equally shaped nested lists."""
    if isinstance(nested[0], list):
        return [mapped(function, *items) for items in zip(*nested, strict=True)]
    return function(*nested)


def leaves(nested: Nested) -> list[Any]:
    """All leaves, the last index running fastest."""
    if not isinstance(nested, list):
        return [nested]
    return [leaf for item in nested for leaf in leaves(item)]


def shape(nested: Nested) -> tuple[int, ...]:
    """The lengths along every axis."""
    return (len(nested), *shape(nested[0])) if isinstance(nested, list) else ()


def last_axis_first(nested: Nested) -> Nested:
    """The same entries with the last axis moved to the front."""
    if not isinstance(nested[0], list):
        return nested
    return [list(items) for items in zip(*map(last_axis_first, nested), strict=True)]


def first_axis_last(nested: Nested) -> Nested:
    """The same entries with the first axis moved to the end."""
    if not isinstance(nested[0], list):
        return nested
    return [first_axis_last([item[i] for item in nested]) for i in range(len(nested[0]))]


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
