"""From Python's expressions to a program's: a subset, walked over `ast`.

Nothing is evaluated here, and nothing of Python's own is reached: what is not listed is refused.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from types import MappingProxyType

from gradgrade.oracle.programs.bounds import MOST_DEPTH
from gradgrade.oracle.programs.faults import Place, ProgramError
from gradgrade.oracle.programs.syntax import (
    Call,
    Constant,
    Expression,
    Index,
    Indexed,
    Listing,
    Several,
    Span,
    Text,
    Truth,
    Variable,
)
from gradgrade.oracle.programs.text.other_functions import (
    MODULES,
    no_attribute,
    no_function,
    no_value,
)
from gradgrade.oracle.programs.text.parsing import NUMERAL
from gradgrade.oracle.programs.text.unsupported import INSTEAD, unsupported

METHODS = frozenset(
    {"cumsum", "dot", "max", "mean", "min", "reshape", "sum", "swapaxes", "transpose", "var"}
)
"""Functions that may be written behind their first operand, as numpy's arrays have them."""

LARGEST = Decimal("1.7976931348623157e308")

_OPERATORS: Mapping[type[ast.AST], str] = MappingProxyType(
    {
        ast.Add: "add",
        ast.Sub: "subtract",
        ast.Mult: "multiply",
        ast.Div: "divide",
        ast.FloorDiv: "floor_divide",
        ast.Pow: "power",
        ast.MatMult: "matmul",
        ast.USub: "negative",
        ast.UAdd: "positive",
        ast.Gt: "greater",
        ast.GtE: "greater_equal",
        ast.Lt: "less",
        ast.LtE: "less_equal",
    }
)
_TAKEN = re.compile(r"__\w*|True|False|None|inf|np|numpy")


@dataclass(frozen=True, kw_only=True)
class ExpressionReader:
    """Turns expressions of `ast` into records.

    Args:
        lines: of the text.
        called: the functions that it calls, which no line may hide.
    """

    lines: tuple[str, ...]
    called: frozenset[str]

    def place(self, node: ast.AST) -> Place:
        """Return where a node stands; the lines are ASCII before any comment."""
        # Nodes of expressions have a place; the type of all nodes does not say so.
        number: int = node.lineno  # type: ignore[attr-defined]
        column: int = node.col_offset  # type: ignore[attr-defined]
        return Place(number, column + 1, self.lines[number - 1])

    def text(self, node: ast.expr) -> str:
        """Return a node's source, in one line and without comments."""
        first, last = node.lineno - 1, node.end_lineno or node.lineno
        lines = [line.partition("#")[0] for line in self.lines[first:last]]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return " ".join(" ".join(lines).split())

    def fault(self, message: str, node: ast.AST) -> ProgramError:
        """Return a fault at a node."""
        return ProgramError(message, self.place(node))

    def check_name(self, name: str, node: ast.AST) -> None:
        """Refuse a name that has a meaning already.

        Raises:
            ProgramError: it has.
        """
        if _TAKEN.fullmatch(name):
            raise self.fault(f"the name {name} is taken: choose another", node)
        if name in self.called:
            raise self.fault(f"{name} is called as a function: give the line another name", node)

    def expression(self, node: ast.expr, depth: int = 0) -> Expression:  # noqa: C901 (a table)
        """Return the record of an expression.

        Raises:
            ProgramError: it is none of the language.
        """
        if depth > MOST_DEPTH:
            raise self.fault(f"a line is nested at most {MOST_DEPTH} deep: name its parts", node)
        inner = depth + 1
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name(id="inf"):
                return Constant(None, self.place(node))
            case ast.Name(id=name):
                return Variable(name, self.place(node))
            case ast.Attribute(value=ast.Name(id=module), attr="inf") if module in MODULES:
                return Constant(None, self.place(node))
            case ast.Attribute(value=value, attr="T"):
                return self._call("transpose", node, (self.expression(value, inner),))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._negative(node, self.expression(operand, inner))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.expression(operand, inner)
            case ast.BinOp(op=operator, left=left, right=right) if type(operator) in _OPERATORS:
                operands = (self.expression(left, inner), self.expression(right, inner))
                return self._call(_OPERATORS[type(operator)], node, operands)
            case ast.Compare(left=left, ops=[operator], comparators=[right]) if (
                type(operator) in _OPERATORS
            ):
                operands = (self.expression(left, inner), self.expression(right, inner))
                return self._call(_OPERATORS[type(operator)], node, operands)
            case ast.Tuple(elts=members) | ast.List(elts=members):
                read = tuple(self.expression(each, inner) for each in members)
                return Several(read, self.place(node))
            case ast.Subscript(value=ast.Attribute(value=ast.Name(id=module), attr=name)) if (
                module in MODULES
            ):
                raise self.fault(no_value(name, self.text(node)), node)
            case ast.Subscript(value=value, slice=index):
                return self._indexed(node, self.expression(value, inner), index, inner)
            case ast.Call():
                return self._function(node, inner)
            case ast.Compare():
                raise self.fault(_no_comparison(node), node)
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in MODULES:
                raise self.fault(no_value(name), node)
            case ast.Attribute(attr=name):
                raise self.fault(no_attribute(name), node)
            case ast.BinOp(op=operator) | ast.UnaryOp(op=operator):
                raise self.fault(INSTEAD[type(operator)], node)
        raise self.fault(unsupported(node), node)

    def _constant(self, node: ast.Constant) -> Expression:
        if isinstance(node.value, bool):
            return Truth(node.value, self.place(node))
        if isinstance(node.value, str):
            return Text(node.value, self.place(node))
        if node.value is None:
            raise self.fault("None has no place in a program: leave an option out", node)
        if node.value is Ellipsis:
            raise self.fault("... has no place in a program: write a : for each axis", node)
        if not isinstance(node.value, int | float):
            raise self.fault("a text in bytes has no place in a program", node)
        text = self.text(node)
        if not NUMERAL.fullmatch(text):
            raise self.fault(f"{text} is no decimal numeral: write it as 16 or 0.5", node)
        try:
            decimal = Decimal(text)
        except InvalidOperation:  # for its exponent, beyond all that decimals have
            decimal = Decimal("Infinity")
        if (decimal and not -400 <= decimal.adjusted() <= 400) or decimal > LARGEST:
            raise self.fault(f"{text} is outside the range of numbers (about 1.8e308)", node)
        is_whole = isinstance(node.value, int)
        return Constant(Fraction(decimal), self.place(node), is_whole=is_whole, text=text)

    def _negative(self, node: ast.expr, operand: Expression) -> Expression:
        if isinstance(operand, Constant) and not operand.is_negative_infinity:
            place = self.place(node)
            if operand.value is None:
                return Constant(None, place, is_negative_infinity=True)
            text = self.text(node)
            return replace(operand, value=-operand.value, place=place, text=text)
        return self._call("negative", node, (operand,))

    def _call(
        self,
        function: str,
        node: ast.expr,
        operands: tuple[Expression, ...],
        options: Mapping[str, Expression] = MappingProxyType({}),
    ) -> Call:
        is_operator = isinstance(node, ast.BinOp | ast.UnaryOp | ast.Compare)
        place, text = self.place(node), self.text(node)
        return Call(function, operands, options, place, text, is_operator=is_operator)

    def _function(self, node: ast.Call, depth: int) -> Expression:
        before: tuple[Expression, ...] = ()
        match node.func:
            case ast.Name(id=name):
                pass
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in MODULES:
                pass
            case ast.Attribute(
                value=ast.Attribute(value=ast.Name(id=module), attr="linalg"), attr="norm" as name
            ) if module in MODULES:
                pass
            case ast.Attribute(value=value, attr=name) if name in METHODS:
                before = (self.expression(value, depth),)
            case _:
                raise self.fault(self._no_function(node), node.func)
        operands = []
        for each in node.args:
            if isinstance(each, ast.Starred):
                raise self.fault("a * before an argument has no place in a program", each)
            operands.append(self.expression(each, depth))
        options: dict[str, Expression] = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                raise self.fault("a ** before an argument has no place in a program", keyword.value)
            options[keyword.arg] = self.expression(keyword.value, depth)
        if name in ("reshape", "transpose") and not before and len(operands) > 2:
            raise self.fault(
                f"numpy takes one argument beside the array: write {name}(x, (2, 3)), "
                f"or x.{name}(2, 3)",
                node.args[2],
            )
        call = self._call(name, node, (*before, *operands), MappingProxyType(options))
        return replace(call, is_bare=isinstance(node.func, ast.Name))

    def _no_function(self, node: ast.Call) -> str:
        """Return what is said of a call of what is no name of a function."""
        match node.func:
            case ast.Attribute() | ast.Call(func=ast.Attribute(), args=[], keywords=[]):
                return no_function(self.text(node))
        return f"{self.text(node.func)} is no function: functions stand alone, or behind np."

    def _indexed(self, node: ast.expr, of: Expression, index: ast.expr, depth: int) -> Indexed:
        members = index.elts if isinstance(index, ast.Tuple) else [index]
        for each in members:
            if _is_new_axis(each):
                raise self.fault(
                    "a new axis has no place in an index: write x.reshape(…) with a 1 there", each
                )
        indices = tuple(self._index(each, depth) for each in members)
        return Indexed(of, indices, self.place(node), self.text(node))

    def _index(self, node: ast.expr, depth: int) -> Index:
        if isinstance(node, ast.Slice):
            ends = (node.lower, node.upper, node.step)
            return Span(*(None if end is None else self.expression(end, depth) for end in ends))
        if isinstance(node, ast.List):
            return self._listed(node, depth)
        read = self.expression(node, depth)
        if isinstance(read, Text):
            raise self.fault("a text is no index", node)
        return read

    def _listed(self, node: ast.List, depth: int) -> Listing:
        if depth > MOST_DEPTH:
            raise self.fault(f"a line is nested at most {MOST_DEPTH} deep: name its parts", node)
        return Listing(
            tuple(
                self._listed(each, depth + 1)
                if isinstance(each, ast.List)
                else self.expression(each, depth)
                for each in node.elts
            )
        )


def _no_comparison(node: ast.Compare) -> str:
    if len(node.ops) > 1:
        return "one comparison at a time: multiply two, (0 < x) * (x < 1)"
    return "comparisons are <, <=, > and >=: write one of them, or let a mask be given"


def _is_new_axis(node: ast.expr) -> bool:
    """Tell whether a member of an index is None, or np.newaxis."""
    match node:
        case ast.Constant(value=None) | ast.Attribute(attr="newaxis") | ast.Name(id="newaxis"):
            return True
    return False
