"""A script as statements: what each reads of what was there before, and what it makes."""

import ast
import symtable
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

REFUSED: Mapping[type[ast.AST], str] = MappingProxyType(
    {
        ast.Try: "try: what fails is told to whoever wrote it",
        ast.TryStar: "try: what fails is told to whoever wrote it",
        ast.AsyncFunctionDef: "async",
        ast.AsyncFor: "async",
        ast.AsyncWith: "async",
        ast.Await: "await",
        ast.Global: "global",
        ast.Nonlocal: "nonlocal",
        ast.Assert: "assert: what is right is known here",
    }
)
"""What a script has no use for, and how that is told."""

MOST_STATEMENTS = 200


class ScriptError(ValueError):
    """A script that cannot be used; the message begins with its line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of a script.

    Args:
        line: where it begins, from 1.
        source: its text.
        reads: the names that it looks up, in order, those of Python among them.
        binds: the names that it assigns.
        makes: those, and names whose attributes or entries it assigns.
        passes: the names that stand among the arguments of its calls.
    """

    line: int
    source: str
    reads: tuple[str, ...]
    binds: frozenset[str]
    makes: frozenset[str]
    passes: frozenset[str]

    def waits_for(self, names: frozenset[str] | set[str]) -> bool:
        """Whether it needs one of some names."""
        return not names.isdisjoint(self.reads)


def read_script(text: str) -> tuple[Statement, ...]:
    r"""Return a script's statements in order.

    Raises:
        ScriptError: it is no Python, or holds what no script has a use for.

    >>> first, second = read_script("layer = Linear(3)\nlayer.W, n = W1, len(x)")
    >>> first.reads, sorted(second.binds), sorted(second.makes), sorted(second.passes)
    (('Linear',), ['n'], ['layer', 'n'], ['x'])
    """
    try:
        tree = ast.parse(text)
        compile(tree, "script", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        said = getattr(error, "msg", None) or "it cannot be read"
        raise ScriptError(f"line {line}: {said}") from None
    if not tree.body:
        raise ScriptError("line 1: there is no statement; write one that uses the student's file")
    if len(tree.body) > MOST_STATEMENTS:
        raise ScriptError(f"line 1: over {MOST_STATEMENTS} statements; a script has a few")
    for node in ast.walk(tree):
        _refuse(node)
    return tuple(_statement(text, node) for node in tree.body)


def _refuse(node: ast.AST) -> None:
    line = getattr(node, "lineno", 1)
    if type(node) in REFUSED:
        raise ScriptError(f"line {line}: a script has no {REFUSED[type(node)]}")
    if isinstance(node, ast.ImportFrom) and any(each.name == "*" for each in node.names):
        raise ScriptError(f"line {line}: what is imported by * is not known; write the names")


def _statement(text: str, node: ast.stmt) -> Statement:
    source = ast.get_source_segment(text, node) or ""
    table = symtable.symtable(ast.unparse(node), "script", "exec")
    looked_up = set(_looked_up(table))
    # In the order in which they stand there, which a set has not.
    names = [each.id for each in ast.walk(node) if isinstance(each, ast.Name)]
    binds = {
        each.get_name() for each in table.get_symbols() if each.is_assigned() or each.is_imported()
    }
    bases = {base for each in ast.walk(node) if (base := _base_of_target(each)) is not None}
    return Statement(
        line=node.lineno,
        source=source,
        reads=tuple(name for name in dict.fromkeys(names) if name in looked_up),
        binds=frozenset(binds),
        makes=frozenset(binds | bases),
        passes=frozenset(_passed(node)) & looked_up,
    )


def _looked_up(table: symtable.SymbolTable) -> Iterator[str]:
    """Yield the names that a statement looks up among those of the script."""
    is_top = table.get_type() == "module"
    for each in table.get_symbols():
        if each.is_referenced() and (is_top or each.is_global()):
            yield each.get_name()
    for child in table.get_children():
        yield from _looked_up(child)


def _base_of_target(node: ast.AST) -> str | None:
    """Return the name whose attribute or entry a node assigns."""
    if not isinstance(node, ast.Attribute | ast.Subscript) or not isinstance(node.ctx, ast.Store):
        return None
    inner: ast.AST = node
    while isinstance(inner, ast.Attribute | ast.Subscript):
        inner = inner.value
    return inner.id if isinstance(inner, ast.Name) else None


def _passed(node: ast.AST) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            for argument in (*call.args, *call.keywords):
                yield from (each.id for each in ast.walk(argument) if isinstance(each, ast.Name))
