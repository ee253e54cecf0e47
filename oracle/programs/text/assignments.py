"""Assignments that Python has and a program has not, and what to write instead."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from types import MappingProxyType

LONGEST_QUOTED = 80
"""Characters of an expression that is quoted in what to write instead."""

_SIGNS: Mapping[type[ast.AST], str] = MappingProxyType(
    {
        ast.Add: "+",
        ast.Sub: "-",
        ast.Mult: "*",
        ast.Div: "/",
        ast.Pow: "**",
        ast.MatMult: "@",
    }
)

TextOf = Callable[[ast.expr], str]


def no_assignment(statement: ast.stmt, text_of: TextOf) -> str:
    """Return what is said of a line that assigns to anything but one new name.

    Args:
        statement: the line.
        text_of: the source of an expression.

    >>> no_assignment(ast.parse("s += 1").body[0], ast.unparse)
    'a line assigns to one new name: write s2 = s + 1 and go on with s2'
    >>> no_assignment(ast.parse("x[x < 0] = 0").body[0], ast.unparse)
    'a line assigns to one new name: write x2 = where(x < 0, 0, x) and go on with x2'
    """
    return f"a line assigns to one new name: {_instead(statement, text_of)}"


def _instead(statement: ast.stmt, text_of: TextOf) -> str:
    match statement:
        case ast.AugAssign(target=ast.Name(id=name), op=op, value=value) if type(op) in _SIGNS:
            return _another(name, f"{name} {_SIGNS[type(op)]} {_operand(value, text_of)}")
        case ast.Assign(
            targets=[ast.Subscript(value=ast.Name(id=name), slice=ast.Compare() as mask)],
            value=value,
        ):
            return _another(
                name, f"where({_quoted(mask, text_of)}, {_quoted(value, text_of)}, {name})"
            )
        case ast.Assign(targets=[ast.Subscript()]) | ast.AugAssign(target=ast.Subscript()):
            return "write a whole array, put together by where, concatenate or stack"
        case ast.Assign(targets=[ast.Tuple() | ast.List()]):
            return "write one line for each"
        case ast.Assign(targets=[ast.Name(id=name), *_], value=value):
            return f"write {name} = {_quoted(value, text_of)}, and one line for each other name"
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is not None:
            return f"write {name} = {_quoted(value, text_of)}, without an annotation"
    return "NAME = EXPRESSION"


def _another(name: str, value: str) -> str:
    other = f"{name}_2" if name[-1].isdigit() else f"{name}2"
    return f"write {other} = {value} and go on with {other}"


def _operand(value: ast.expr, text_of: TextOf) -> str:
    """Return an expression as it stands beside an operator."""
    is_whole = isinstance(value, ast.Name | ast.Constant | ast.Call | ast.Subscript | ast.Attribute)
    return _quoted(value, text_of) if is_whole else f"({_quoted(value, text_of)})"


def _quoted(value: ast.expr, text_of: TextOf) -> str:
    text = text_of(value)
    return text if len(text) <= LONGEST_QUOTED else "…"
