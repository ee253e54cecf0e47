"""A module's top-level statements, run one by one."""

import __future__

import ast
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

from .clock import Clock

IMPORTS = (ast.Import, ast.ImportFrom)
_OWN_NAMES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

MAIN = "__main__"


class IsImported(Exception):
    """What stands below `if __name__ == "__main__":` is not run."""


LeaveOut = Callable[[ast.stmt, BaseException], None]


def run(
    tree: ast.Module, names: dict[str, Any], path: str, clock: Clock, leave_out: LeaveOut
) -> None:
    """Run statements over a module's names; what fails is left out, and the rest run.

    Args:
        tree: the statements, with their lines in the file.
        names: the module's.
        path: the file's, as tracebacks show it.
        clock: how long one may take. An import has its own statements, or is somebody else's, and
            has all of it.
        leave_out: is told of what failed.
    """
    flags = 0
    for index, statement in enumerate(tree.body):
        flags |= _future(statement)
        if index and _is_text(statement):
            continue  # by itself it would be the module's docstring
        try:
            module = ast.Module(body=[statement], type_ignores=[])
            code = compile(module, path, "exec", flags, dont_inherit=True)
            with nullcontext() if isinstance(statement, IMPORTS) else clock.one_statement():
                exec(code, names)
        except BaseException as error:  # whatever a student's statement raises
            leave_out(statement, error)
        else:
            if _is_of_main(statement):
                leave_out(statement, IsImported(f"the file is imported: __name__ is not {MAIN!r}"))


def bound_names(statement: ast.stmt) -> Iterator[str]:
    r"""Yield the names of a module that a statement binds; `*` where nobody knows.

    >>> sorted(bound_names(ast.parse("if a:\n import b.c, d as e\nelse:\n f, *g = h").body[0]))
    ['b', 'e', 'f', 'g']
    >>> sorted(bound_names(ast.parse("def f(x):\n    y = x").body[0]))
    ['f']
    """
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif not isinstance(node, _OWN_NAMES):
            waiting += ast.iter_child_nodes(node)


def _future(statement: ast.stmt) -> int:
    """Return what a `from __future__ import` changes for all that follows it."""
    if not isinstance(statement, ast.ImportFrom) or statement.module != "__future__":
        return 0
    features = (getattr(__future__, each.name, None) for each in statement.names)
    return sum(each.compiler_flag for each in features if each is not None)


def _is_of_main(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and ast.unparse(statement.test) in (
        f"__name__ == {MAIN!r}",
        f"{MAIN!r} == __name__",
    )


def _is_text(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)
