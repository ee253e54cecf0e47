"""What Python has and a program has not: what it is called, and what to write instead."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from types import MappingProxyType

INSTEAD: Mapping[type[ast.AST], str] = MappingProxyType(
    {
        ast.BitXor: "^ has no place in a program: a power is written **",
        ast.Mod: "% has no place in a program",
        ast.BitAnd: "& has no place in a program: multiply two masks",
        ast.BitOr: "| has no place in a program",
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


def kind_of(node: ast.AST) -> str:
    """Return what a piece of Python is called.

    >>> kind_of(ast.parse("import os").body[0])
    'an import'
    """
    return _KINDS.get(type(node), f"what Python calls {type(node).__name__}")
