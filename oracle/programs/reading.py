r"""From a program's text to its assignments: a subset of Python's expressions, walked over `ast`.

Nothing is evaluated here, and nothing of Python's own is reached: what is not listed is refused,
with line, column, the line and a caret. What the parser itself gives up at (depth, memory,
numerals) is a fault of the text. Columns count characters, and names are ASCII, since Python takes
look-alikes for letters without a word.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from itertools import chain, count
from types import MappingProxyType

from gradgrade.oracle.primitives.moving import Listed
from gradgrade.oracle.programs.bounds import (
    LONGEST_NUMERAL,
    MOST_CHARACTERS,
    MOST_DEPTH,
    MOST_LINES,
    MOST_NODES,
)
from gradgrade.oracle.programs.faults import Place, ProgramError
from gradgrade.oracle.programs.syntax import (
    Assignment,
    Call,
    Constant,
    ConstantIndex,
    Expression,
    Indexed,
    Listing,
    Several,
    Span,
    Truth,
    Variable,
)

MODULES = frozenset({"np", "numpy"})
"""What may stand before a function's name."""

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

_NUMERAL = re.compile(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_RUNS_INTO_LETTER = re.compile(
    rf"(?<![\w.])(?:{_NUMERAL.pattern})(?![eE][+-]?\d)(?=[A-Za-z_])(?<![eE])"
)
_WORD = re.compile(r"[\w.]+")
_TAKEN = re.compile(r"__\w*|True|False|None|inf|np|numpy")
_TOO_MANY = f"a program has at most {MOST_NODES} operations, those of functions that it calls too"


def read_program(text: str) -> tuple[Assignment, ...]:
    r"""Return the assignments of a program, those of functions that it calls among them.

    Args:
        text: assignments, one a line, and straight-line functions.

    Raises:
        ProgramError: the first fault, with its place.

    >>> [each.name for each in read_program("q = x + y\nf = q * z")]
    ['q', 'f']
    """
    text = text.replace("\r\n", "\n")
    lines = _checked_lines(text)
    statements = _parsed(text, lines)
    reader = _Reader(lines=lines, called=frozenset(_called(statements)))
    functions: dict[str, ast.FunctionDef] = {}
    called: set[str] = set()
    assignments: list[Assignment] = []
    for statement in statements:
        if isinstance(statement, ast.FunctionDef):
            functions[statement.name] = statement
        else:
            defined = MappingProxyType(dict(functions))
            calls = _Calls(reader=reader, functions=defined, called=called)
            for line in calls.lines_of(statement, prefix="", names=MappingProxyType({})):
                # What functions call one another for doubles with each of them.
                if len(assignments) >= MOST_NODES:
                    raise ProgramError(_TOO_MANY, line.place)
                assignments.append(line)
    return tuple(_named_once(assignments))


def _checked_lines(text: str) -> tuple[str, ...]:
    lines = tuple(text.split("\n"))
    if len(text) > MOST_CHARACTERS:
        raise ProgramError(
            f"a program has at most {MOST_CHARACTERS} characters (got {len(text)})",
            Place(1, 1, _visible(lines[0][:80])),
        )
    if len(lines) > MOST_LINES:
        place = Place(MOST_LINES + 1, 1, _visible(lines[MOST_LINES]))
        raise ProgramError(f"a program has at most {MOST_LINES} lines (got {len(lines)})", place)
    for number, line in enumerate(lines, start=1):
        code = line.partition("#")[0]
        for column, character in enumerate(line, start=1):
            # A comment may be in any language; but what is not seen may end it, or turn it round.
            is_seen = character.isprintable() or character == "\t"
            if not is_seen or (column <= len(code) and not character.isascii()):
                place = Place(number, column, _visible(line))
                raise ProgramError(
                    f"{_shown(character)} is not written in a program: names and operators are "
                    "ASCII characters",
                    place,
                )
        for numeral in _NUMERAL.finditer(code):
            if len(numeral[0]) > LONGEST_NUMERAL:
                place = Place(number, numeral.start() + 1, line)
                raise ProgramError(
                    f"a numeral has at most {LONGEST_NUMERAL} characters (got {len(numeral[0])})",
                    place,
                )
        if found := _RUNS_INTO_LETTER.search(code):
            place = Place(number, found.end() + 1, line)
            written = _WORD.match(code, found.start())
            assert written is not None
            raise ProgramError(
                f"{written[0]} is no decimal numeral: write one as 16 or 0.5, and * before a name",
                place,
            )
    return lines


def _visible(line: str) -> str:
    """Return a line as long as it is, a space in the place of what is not seen."""
    return "".join(each if each.isprintable() else " " for each in line)


def _shown(character: str) -> str:
    return (
        f"{character} (U+{ord(character):04X})"
        if character.isprintable()
        else (f"the character U+{ord(character):04X}")
    )


def _parsed(text: str, lines: tuple[str, ...]) -> list[ast.stmt]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return ast.parse(text).body
    except SyntaxError as error:
        number = min(max(error.lineno or 1, 1), len(lines))
        line = lines[number - 1]
        column = min(max(error.offset or 1, 1), len(line) + 1)
        message = str(error.msg)
        raise ProgramError(
            f"this is no expression: {message}", Place(number, column, line)
        ) from None
    except (RecursionError, MemoryError, ValueError, Warning):
        raise ProgramError(
            "the program is nested too deeply or has a numeral that cannot be read",
            Place(1, 1, lines[0]),
        ) from None


def _called(statements: list[ast.stmt]) -> Iterator[str]:
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield node.func.id


def _named_once(assignments: list[Assignment]) -> Iterator[Assignment]:
    met: dict[str, Place] = {}
    for each in assignments:
        if each.name in met:
            raise ProgramError(
                f"{each.name} is assigned twice (first in line {met[each.name].line}): "
                "give the second another name",
                each.place,
            )
        met[each.name] = each.place
        yield each


@dataclass(frozen=True, kw_only=True)
class _Reader:
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
        if _TAKEN.fullmatch(name) or name in self.called:
            raise self.fault(
                f"the name {name} is taken: choose another",
                node,
            )

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
            case ast.Subscript(value=value, slice=index):
                return self._indexed(node, self.expression(value, inner), index, inner)
            case ast.Call():
                return self._function(node, inner)
            case ast.Compare():
                raise self.fault("one comparison at a time: <, <=, > or >=", node)
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in MODULES:
                raise self.fault(f"np.{name} is no value here: write its number", node)
            case ast.BinOp(op=operator) | ast.UnaryOp(op=operator):
                raise self.fault(_INSTEAD[type(operator)], node)
        raise self.fault(f"{_kind(node)} has no place in a program", node)

    def _constant(self, node: ast.Constant) -> Expression:
        if isinstance(node.value, bool):
            return Truth(node.value, self.place(node))
        if node.value is None:
            raise self.fault("None has no place in a program: leave an option out", node)
        if node.value is Ellipsis:
            raise self.fault("... has no place in a program: write a : for each axis", node)
        if not isinstance(node.value, int | float):
            raise self.fault("a text has no value here, and no function takes one", node)
        text = self.text(node)
        if not _NUMERAL.fullmatch(text):
            raise self.fault(f"{text} is no decimal numeral: write it as 16 or 0.5", node)
        try:
            decimal = Decimal(text)
        except InvalidOperation:  # for its exponent, beyond all that decimals have
            decimal = Decimal("Infinity")
        if (decimal and not -400 <= decimal.adjusted() <= 400) or decimal > LARGEST:
            raise self.fault(f"{text} is outside the range of numbers (about 1.8e308)", node)
        is_whole = isinstance(node.value, int)
        return Constant(Fraction(decimal), self.place(node), is_whole=is_whole)

    def _negative(self, node: ast.expr, operand: Expression) -> Expression:
        if isinstance(operand, Constant) and not operand.is_negative_infinity:
            place = self.place(node)
            if operand.value is None:
                return Constant(None, place, is_negative_infinity=True)
            return replace(operand, value=-operand.value, place=place)
        return self._call("negative", node, (operand,))

    def _call(
        self,
        function: str,
        node: ast.expr,
        operands: tuple[Expression, ...],
        options: Mapping[str, Expression] = MappingProxyType({}),
    ) -> Call:
        return Call(function, operands, options, self.place(node), self.text(node))

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
                raise self.fault(
                    f"there is no function {self.text(node.func)}: "
                    "functions stand alone, or behind np.",
                    node.func,
                )
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

    def _indexed(self, node: ast.expr, of: Expression, index: ast.expr, depth: int) -> Indexed:
        members = index.elts if isinstance(index, ast.Tuple) else [index]
        for each in members:
            if _is_new_axis(each):
                raise self.fault(
                    "a new axis has no place in an index: write x.reshape(…) with a 1 there", each
                )
        indices = tuple(self._index(each, depth) for each in members)
        return Indexed(of, indices, self.place(node), self.text(node))

    def _index(self, node: ast.expr, depth: int) -> ConstantIndex | Expression:
        if isinstance(node, ast.Slice):
            ends = (node.lower, node.upper, node.step)
            return Span(*(None if end is None else self._whole(end) for end in ends))
        if isinstance(node, ast.List):
            return Listing(self._listed(node))
        read = self.expression(node, depth)
        if isinstance(read, Constant):
            return self._whole(node)
        return read

    def _listed(self, node: ast.List) -> tuple[Listed, ...]:
        return tuple(
            self._listed(each) if isinstance(each, ast.List) else self._whole(each)
            for each in node.elts
        )

    def _whole(self, node: ast.expr) -> int:
        read = self.expression(node)
        if isinstance(read, Constant) and read.value is not None and read.is_whole:
            return int(read.value)
        raise self.fault(f"{self.text(node)} is no whole number: indices are constants", node)


@dataclass(frozen=True, kw_only=True)
class _Calls:
    """Writes out the functions that a program defines where it calls them.

    Args:
        reader: of the text.
        functions: what is defined before the line, by name.
        called: what the lines of the calls before begin with.
        depth: how many of them are being written out.
    """

    reader: _Reader
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
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                raise reader.fault("a line assigns to one new name: NAME = EXPRESSION", statement)
            case _:
                raise reader.fault(f"{_kind(statement)} has no place in a program", statement)
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
        *body, last = function.body
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


def _parameters(reader: _Reader, function: ast.FunctionDef) -> list[str]:
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
            indices = tuple(
                each if isinstance(each, ConstantIndex) else _renamed(each, names)
                for each in expression.indices
            )
            return replace(expression, of=_renamed(expression.of, names), indices=indices)
    return expression


def _is_new_axis(node: ast.expr) -> bool:
    """Tell whether a member of an index is None, or np.newaxis."""
    match node:
        case ast.Constant(value=None) | ast.Attribute(attr="newaxis") | ast.Name(id="newaxis"):
            return True
    return False


_INSTEAD: Mapping[type[ast.AST], str] = MappingProxyType(
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


def _kind(node: ast.AST) -> str:
    return _KINDS.get(type(node), f"what Python calls {type(node).__name__}")
