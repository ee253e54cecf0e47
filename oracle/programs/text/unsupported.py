"""What Python has and a program has not: what it is called, and what to write instead."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from types import MappingProxyType

INSTEAD: Mapping[type[ast.AST], str] = MappingProxyType(
    {
        ast.BitXor: "^ has no place in a program: a power is written **",
        ast.Mod: "% has no place in a program: write the number that it makes, or use where",
        ast.BitAnd: "& has no place in a program: multiply two masks",
        ast.BitOr: "| has no place in a program: take the maximum of two masks",
        ast.LShift: "<< has no place in a program",
        ast.RShift: ">> has no place in a program",
        ast.Invert: "~ has no place in a program: exchange what where chooses from",
        ast.Not: "not has no place in a program: exchange what where chooses from",
    }
)
"""What is said of the operators that are none of the language."""

_KINDS: Mapping[type[ast.AST], str] = MappingProxyType(
    {
        ast.Import: "an import",
        ast.ImportFrom: "an import",
        ast.For: "a loop",
        ast.While: "a loop",
        ast.If: "an if",
        ast.IfExp: "an if",
        ast.Lambda: "a lambda",
        ast.ListComp: "a comprehension",
        ast.GeneratorExp: "a comprehension",
        ast.DictComp: "a comprehension",
        ast.SetComp: "a comprehension",
        ast.Dict: "a dictionary",
        ast.Set: "a set",
        ast.JoinedStr: "a text",
        ast.ClassDef: "a class",
        ast.Return: "a return outside of a function",
        ast.Expr: "a line that assigns to no name",
        ast.BoolOp: "and, or",
        ast.NamedExpr: "an assignment inside an expression",
        ast.Attribute: "an attribute other than .T",
        ast.FunctionDef: "a function inside a function",
        ast.Delete: "del",
        ast.Global: "global",
        ast.Nonlocal: "nonlocal",
        ast.Assert: "assert",
        ast.Raise: "raise",
        ast.Pass: "pass",
        ast.Try: "try",
        ast.With: "with",
        ast.Starred: "a *",
    }
)


_LINE_BY_LINE = "write its lines one by one, or one line over whole arrays"

_INSTEAD_OF_KINDS: Mapping[type[ast.AST], str] = MappingProxyType(
    {
        **dict.fromkeys((ast.For, ast.While, ast.ListComp, ast.GeneratorExp), _LINE_BY_LINE),
        **dict.fromkeys((ast.If, ast.IfExp), "write where(x > 0, a, b)"),
        **dict.fromkeys((ast.Import, ast.ImportFrom, ast.Assert, ast.Pass), "leave it out"),
        ast.Lambda: "write a function, def NAME(z): and return … below it",
        ast.Return: "write NAME = … in its place",
        ast.Expr: "write NAME = … before it, or leave it out",
        ast.BoolOp: "multiply two masks for and, take their maximum for or",
        ast.FunctionDef: "write it before the other one",
        ast.Starred: "write each argument",
    }
)


def unsupported(node: ast.AST) -> str:
    """Return what is said of a piece of Python that is none of a program.

    >>> unsupported(ast.parse("import os").body[0])
    'an import has no place in a program: leave it out'
    """
    kind = _KINDS.get(type(node), f"what Python calls {type(node).__name__}")
    instead = _INSTEAD_OF_KINDS.get(type(node))
    return f"{kind} has no place in a program" + (f": {instead}" if instead else "")
