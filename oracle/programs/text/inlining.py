"""Functions that a program defines, inlined: their lines written out where they are called."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, count
from types import MappingProxyType

from gradgrade.oracle.programs.bounds import MOST_DEPTH
from gradgrade.oracle.programs.syntax import (
    Assignment,
    Call,
    Expression,
    Index,
    Indexed,
    Listing,
    Several,
    Span,
    Variable,
)
from gradgrade.oracle.programs.text.assignments import no_assignment
from gradgrade.oracle.programs.text.expressions import ExpressionReader
from gradgrade.oracle.programs.text.unsupported import unsupported


@dataclass(frozen=True, kw_only=True)
class Inlining:
    """Writes out the functions that a program defines where it calls them.

    Args:
        reader: of the text.
        functions: what is defined before the line, by name.
        called: what the lines of the calls before begin with.
        depth: how many of them are being written out.
    """

    reader: ExpressionReader
    functions: Mapping[str, ast.FunctionDef]
    called: set[str] = field(default_factory=set)
    depth: int = 0

    def lines_of(
        self, statement: ast.stmt, *, prefix: str, names: Mapping[str, str]
    ) -> Iterator[Assignment]:
        """Yield the assignments that a line stands for: of what it calls, then its own.

        Args:
            statement: the line.
            prefix: what its name begins with, `attention.` within a function.
            names: what the function's own names stand for outside of it.
        """
        reader = self.reader
        match statement:
            case ast.Assign(value=ast.Lambda() as function):
                raise reader.fault(unsupported(function), function)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                raise reader.fault(no_assignment(statement, reader.text), statement)
            case _:
                raise reader.fault(unsupported(statement), statement)
        reader.check_name(name, statement)
        own = f"{prefix}{name}"
        called = self._called(value)
        if called is not None:
            yield from self._written_out(called, value, own, names)
            return
        expression = _renamed(reader.expression(value), names)
        self._refuse_calls_inside(value)
        yield Assignment(own, expression, reader.place(statement), reader.text(value))

    def _called(self, value: ast.expr) -> ast.FunctionDef | None:
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            return self.functions.get(value.func.id)
        return None

    def _refuse_calls_inside(self, value: ast.expr) -> None:
        for node in ast.walk(value):
            if isinstance(node, ast.expr) and self._called(node) is not None:
                raise self.reader.fault(
                    "a function that the program defines is called in a line of its own: "
                    "NAME = FUNCTION(…)",
                    node,
                )

    def _written_out(
        self, function: ast.FunctionDef, value: ast.expr, own: str, names: Mapping[str, str]
    ) -> Iterator[Assignment]:
        reader = self.reader
        assert isinstance(value, ast.Call)
        if self.depth >= MOST_DEPTH:
            raise reader.fault("functions call one another too deeply", value)
        parameters = _parameters(reader, function)
        if value.keywords or len(value.args) != len(parameters):
            raise reader.fault(
                f"{function.name} takes {len(parameters)} arguments, by their place "
                f"(got {len(value.args) + len(value.keywords)})",
                value,
            )
        inside: dict[str, str] = {}
        for parameter, argument in zip(parameters, value.args, strict=True):
            read = reader.expression(argument)
            if not isinstance(read, Variable):
                raise reader.fault(
                    "an argument of a function that the program defines is a name: "
                    "give the expression a line of its own",
                    argument,
                )
            inside[parameter] = names.get(read.name, read.name)
        *body, last = _without_docstring(function.body)
        within = replace(self, depth=self.depth + 1)
        prefix = self._prefix(function.name)
        for statement in body:
            names_inside = MappingProxyType(dict(inside))
            yield from within.lines_of(statement, prefix=prefix, names=names_inside)
            name = statement.targets[0].id  # type: ignore[attr-defined]  # lines_of has looked
            inside[name] = f"{prefix}{name}"
        if not isinstance(last, ast.Return) or last.value is None:
            raise reader.fault("a function ends with return EXPRESSION", last)
        called = within._called(last.value)
        if called is not None:
            yield from within._written_out(called, last.value, own, MappingProxyType(inside))
            return
        within._refuse_calls_inside(last.value)
        expression = _renamed(reader.expression(last.value), inside)
        yield Assignment(own, expression, reader.place(value), reader.text(last.value))

    def _prefix(self, function: str) -> str:
        """Return what the lines of a call begin with: `attention.`, then `attention_2.`."""
        numbered = (f"{function}_{number}" for number in count(2))
        prefix = next(
            each
            for each in chain([function], numbered)
            if each not in self.called and (each == function or each not in self.functions)
        )
        self.called.add(prefix)
        return f"{prefix}."


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    match body:
        case [ast.Expr(value=ast.Constant(value=str())), *rest] if rest:
            return rest
    return body


def _parameters(reader: ExpressionReader, function: ast.FunctionDef) -> list[str]:
    arguments = function.args
    plain = not (
        arguments.posonlyargs
        or arguments.kwonlyargs
        or arguments.vararg
        or arguments.kwarg
        or arguments.defaults
        or function.decorator_list
        or function.returns
    )
    if not plain or any(each.annotation for each in arguments.args):
        raise reader.fault("a function is written def NAME(A, B): with plain names", function)
    return [each.arg for each in arguments.args]


def _renamed(expression: Expression, names: Mapping[str, str]) -> Expression:
    """Return an expression with the names of a function's own lines as they are outside of it."""
    match expression:
        case Variable():
            return replace(expression, name=names.get(expression.name, expression.name))
        case Several():
            return replace(
                expression, members=tuple(_renamed(each, names) for each in expression.members)
            )
        case Call():
            return replace(
                expression,
                operands=tuple(_renamed(each, names) for each in expression.operands),
                options={name: _renamed(each, names) for name, each in expression.options.items()},
            )
        case Indexed():
            indices = tuple(_renamed_index(each, names) for each in expression.indices)
            return replace(expression, of=_renamed(expression.of, names), indices=indices)
    return expression


def _renamed_index(index: Index, names: Mapping[str, str]) -> Index:
    match index:
        case Span():
            return Span(*(None if each is None else _renamed(each, names) for each in index.ends))
        case Listing():
            return _renamed_listing(index, names)
    return _renamed(index, names)


def _renamed_listing(listing: Listing, names: Mapping[str, str]) -> Listing:
    return Listing(
        tuple(
            _renamed_listing(each, names) if isinstance(each, Listing) else _renamed(each, names)
            for each in listing.indices
        )
    )
