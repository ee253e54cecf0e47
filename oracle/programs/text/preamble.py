"""What stands before a program's text so that Python runs it: names of numpy's, and functions.

A program calls numpy's functions with or without `np.`, and some that numpy does not have.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from gradgrade.oracle.primitives.table import PRIMITIVES
from gradgrade.oracle.programs.text.other_functions import MODULES


def preamble(text: str) -> Iterator[str]:
    r"""Yield what Python executes before a program, where `np` is numpy already.

    Args:
        text: a program that is not refused.

    >>> print("\n".join(preamble("q = relu(x)\nf = sum(tanh(q)) + np.mean(q)")))
    from numpy import sum, tanh
    <BLANKLINE>
    def relu(x):
        return np.maximum(x, 0)
    <BLANKLINE>
    """
    modules = {node.id for node in ast.walk(_parsed(text)) if isinstance(node, ast.Name)} & MODULES
    yield from (f"import {each}" for each in sorted(modules - {"np"}))
    if of_numpy := _bare(text) - definitions(text).keys():
        yield f"from numpy import {', '.join(sorted(of_numpy))}"
    yield from (f"\n{each}" for each in definitions(text).values())
    behind = _behind_a_module(text) & definitions(text).keys()
    yield from (f"np.{name} = {name}" for name in sorted(behind))


def definitions(text: str) -> Mapping[str, str]:
    """Return what defines each function that a program calls and numpy does not have.

    >>> list(definitions("p = softmax(relu(x))"))
    ['relu', 'softmax']
    """
    called = sorted(_bare(text) | _behind_a_module(text))
    found = {name: PRIMITIVES[name].definition for name in called if name in PRIMITIVES}
    return {name: definition for name, definition in found.items() if definition}


def names_read(text: str) -> frozenset[str]:
    """Return the names that a program reads: of givens, sizes, lines and functions."""
    names = (node for node in ast.walk(_parsed(text)) if isinstance(node, ast.Name))
    return frozenset(node.id for node in names if isinstance(node.ctx, ast.Load))


def functions_defined(text: str) -> frozenset[str]:
    """Return the names of the functions that a program defines itself."""
    defined = (node for node in ast.walk(_parsed(text)) if isinstance(node, ast.FunctionDef))
    return frozenset(node.name for node in defined)


def _bare(text: str) -> set[str]:
    """Return the functions that a text calls by their names alone, and `inf` if it reads it."""
    calls = (node.func for node in ast.walk(_parsed(text)) if isinstance(node, ast.Call))
    called = {each.id for each in calls if isinstance(each, ast.Name)}
    return (called - functions_defined(text)) | (names_read(text) & {"inf"})


def _behind_a_module(text: str) -> set[str]:
    return {
        node.attr
        for node in ast.walk(_parsed(text))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in MODULES
    }


def _parsed(text: str) -> ast.Module:
    return ast.parse(text.replace("\r\n", "\n"))
