"""Assignments that Python has and a program has not, and what to write instead."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from itertools import pairwise
from types import MappingProxyType

from gradgrade.oracle.programs.text.calls import LONGEST_QUOTED, beside_an_operator
from gradgrade.oracle.programs.text.other_functions import called

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
        case ast.Assign(targets=[ast.Tuple(elts=names) | ast.List(elts=names)], value=value):
            lines = _each(list(map(text_of, names)), value, text_of)
            return f"write one line for each{lines}"
        case ast.Assign(targets=[ast.Name(id=name), *_], value=value):
            return f"write {name} = {_quoted(value, text_of)}, and one line for each other name"
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is not None:
            return f"write {name} = {_quoted(value, text_of)}, without an annotation"
    return "NAME = EXPRESSION"


def _each(names: list[str], value: ast.expr, text_of: TextOf) -> str:
    """Return the lines for several names at once, as far as they can be told."""
    match value:
        case ast.Tuple(elts=values) | ast.List(elts=values) if len(values) == len(names):
            quoted = [_quoted(each, text_of) for each in values]
            return f": {', '.join(map(' = '.join, zip(names, quoted, strict=True)))}"
        case ast.Call():
            call = called(text_of(value))
            if call.of.rpartition(".")[2] in ("split", "chunk") and 2 <= len(call.parts) <= 3:
                return f", with its slice: {_slices(names, *call.parts, **call.options)}"
    return ""


def _slices(names: list[str], x: str, where: str, axis: str = "0", **options: str) -> str:
    """Return the lines that a split comes to, of parts of a length that is called H.

    Args:
        names: of the parts.
        x: what is split.
        where: at which indices, or into how many parts.
        axis: along which axis.
        options: what else is stated; the axis by its other name.
    """
    ends = [each.strip() for each in where.strip("[]()").split(",")]
    is_listed = where[:1] in ("[", "(") and len(ends) == len(names) - 1
    if not is_listed:
        ends = ["H", *(f"{each}*H" for each in range(2, len(names)))]
    # Of the last axis of a matrix where it is counted from behind.
    before = "" if options.get("dim", axis) == "0" else ":, "
    spans = [f"{one}:{other}" for one, other in pairwise(["", *ends, ""])]
    array = beside_an_operator(x)
    lines = [f"{name} = {array}[{before}{span}]" for name, span in zip(names, spans, strict=True)]
    return ", ".join(lines) + ("" if is_listed else ", H the length of a part")


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
