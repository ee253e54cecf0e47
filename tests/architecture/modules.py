"""The project's modules as text: what they are called, what they import, what they do."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests import ROOT

PACKAGE = "gradgrade"
HOUSES = ("oracle", "problems", "service")


@dataclass(frozen=True)
class Module:
    """A module, read and not imported.

    Args:
        name: its full name.
        text: its source.
        is_package: whether it is a folder's `__init__`.
    """

    name: str
    text: str
    is_package: bool = False

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All of its syntax; the first is the module's own."""
        return tuple(ast.walk(ast.parse(self.text)))

    @cached_property
    def tree(self) -> ast.Module:
        """The root of its syntax."""
        root = self.nodes[0]
        assert isinstance(root, ast.Module)
        return root

    @cached_property
    def imports(self) -> frozenset[str]:
        """The full names of all that it imports, wherever in it; `from a import b` takes a.b."""
        return frozenset(self._names(self.nodes))

    @cached_property
    def imports_at_once(self) -> frozenset[str]:
        """What it imports when it is imported itself: not in a function, not for types alone."""
        return frozenset(self._names(_run_at_once(self.tree.body)))

    def _names(self, nodes: Iterable[ast.AST]) -> Iterator[str]:
        package = self.name.split(".") if self.is_package else self.name.split(".")[:-1]
        for node in nodes:
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                above = package[: len(package) + 1 - node.level] if node.level else []
                module = [*above, *([node.module] if node.module else [])]
                yield from (".".join([*module, alias.name]) for alias in node.names)


def _run_at_once(body: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    for statement in body:
        yield statement
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        is_for_types = isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(
            statement.test
        )
        for block in ("orelse", "finalbody", *(() if is_for_types else ("body",))):
            yield from _run_at_once(getattr(statement, block, ()))
        for handler in getattr(statement, "handlers", ()):
            yield from _run_at_once(handler.body)


def _read(folder: Path, package: str) -> Iterator[Module]:
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join([package, *(parts[:-1] if is_package else parts)])
        yield Module(name, path.read_text("utf-8"), is_package)


MODULES = tuple(module for house in HOUSES for module in _read(ROOT / house, f"{PACKAGE}.{house}"))
"""All that is in the three houses."""

NAMES = frozenset(module.name for module in MODULES)


def is_of(name: str, place: str) -> bool:
    """Whether a name is that of a module or room, or of something in it."""
    return name == place or name.startswith(f"{place}.")


def imported_modules(module: Module) -> frozenset[str]:
    """Return which of the houses' modules a module imports."""
    return frozenset(filter(None, map(_module_of, module.imports))) - {module.name}


def _module_of(name: str) -> str:
    while name and name not in NAMES:
        name = name.rpartition(".")[0]
    return name


def reachable(name: str) -> frozenset[str]:
    """Return all of the houses' modules that a module needs, directly or not."""
    by_name = {module.name: module for module in MODULES}
    found: set[str] = set()
    pending = [name]
    while pending:
        new = imported_modules(by_name[pending.pop()]) - found
        found |= new
        pending += new
    return frozenset(found)
