"""A script read as calls: what each is given of the exercise, and what it answers.

The script is gone through once, with pieces of what calls return under its names. What is bound to
the name of a quantity says which it is; what is passed on to a later call alone is kept, whatever
it is. An expression that leads to neither is refused where something needed depends on it.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from gradgrade.problems.audits import symbols
from gradgrade.problems.audits.patterns import (
    MAKING,
    Anything,
    At,
    Call,
    Fixed,
    Kept,
    Keyed,
    Object,
    Pattern,
    Several,
    Viewed,
)
from gradgrade.problems.audits.symbols import Own, Part, Piece, Unknown, unknown, viewed
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.scripts import names as script_names
from gradgrade.problems.scripts.names import NUMPY, PYTHONS
from gradgrade.problems.scripts.statements import ScriptError


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the names of a script stand for.

    Args:
        givens: the arrays and numbers that lie under its names.
        sizes: names of sizes.
        quantities: what a name stands for that the script binds; what is asked comes first.
        asked: those of them that have to be bound.
        columns: the quantities that the script has as columns.
    """

    givens: Mapping[str, str]
    sizes: frozenset[str]
    quantities: Mapping[str, str]
    asked: frozenset[str]
    columns: frozenset[str]

    def viewed(self, name: str) -> Viewed:
        """Return a quantity as the script has it."""
        return Viewed(name, ("column",) if name in self.columns else ())


@dataclass(slots=True)
class _Call:
    number: int
    node: ast.Call
    on: int | None  # the call that makes the object
    name: str
    positional: list[Any]
    named: list[tuple[str, Any]]
    reads: list[tuple[tuple[Any, ...], Any]] = field(default_factory=list)


def names_of(exercise: Exercise) -> Names:
    """Return what the names of an exercise's script stand for.

    Raises:
        ValueError: it has no script.
    """
    code = exercise.code
    if code is None:
        raise ValueError(f"{exercise.name} has no script")
    scalars = {script_names.name_in_script(name, code): name for name in exercise.scalars()}
    asked = script_names.asked_of(exercise, code)
    known = {
        script_names.name_in_script(each, code): each for each in exercise.derivation().results
    }
    return Names(
        givens={**scalars, **script_names.givens_of(exercise, code)},
        sizes=frozenset(script_names.sizes_of(exercise)),
        quantities={**known, **asked},
        asked=frozenset(asked.values()),
        columns=script_names.columns_of(exercise, code),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """A script as it was read.

    Args:
        calls: those that are stood in for, in order.
        objects: the lines on which objects are made.
    """

    calls: tuple[Call, ...]
    objects: frozenset[int]


def read_interface(script: str, names: Names) -> Interface:
    """Return the calls of a script that are stood in for, and where it makes objects.

    Raises:
        ScriptError: something asked comes of what cannot be followed.
    """
    reading = _Reading(names)
    for statement in ast.parse(script).body:
        reading.take(statement)
    objects = frozenset(reading.calls[made].node.lineno for made in reading.made)
    return Interface(calls=tuple(_Resolving(reading).calls()), objects=objects)


class _Reading:
    """The script gone through: every call, and what of it is bound to a quantity."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.under: dict[str, Any] = {name: names.viewed(q) for name, q in names.givens.items()}
        self.under |= {name: Anything() for name in names.sizes}
        self.calls: list[_Call] = []
        self.made: dict[int, str] = {}  # the class of each object, by the call that makes it
        self.sets: dict[int, list[tuple[tuple[Any, ...], Any]]] = {}
        self.latest: dict[int, int] = {}  # call on each object
        self.lengths: dict[tuple[int, tuple[Any, ...]], int] = {}
        self.bound: dict[tuple[int, tuple[Any, ...]], Viewed] = {}
        self.read_after: dict[tuple[int, tuple[Any, ...]], Viewed] = {}
        self._binds: list[str] = []

    # Statements

    def take(self, node: ast.stmt) -> None:
        """Take a statement, and bind to quantities what it assigns under their names."""
        self._binds = []
        self._statement(node)
        for name in dict.fromkeys(self._binds):
            if name in self.names.quantities:
                self._bind(self.names.quantities[name], self.under[name], node)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                symbol = self.value(value)
                for target in targets:
                    self._assign(target, symbol)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, self.value(value))
            case ast.Expr(value=value):
                self.value(value)
            case ast.For(orelse=[]):
                self._loop(node)
            case ast.Import() | ast.ImportFrom() | ast.Pass():
                pass
            case _:
                for each in ast.walk(node):
                    if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                        self._assign(each, unknown(node))

    def _loop(self, node: ast.For) -> None:
        found = self.value(node.iter)
        if not symbols.is_iterable(found):
            raise ScriptError(_cannot(unknown(node.iter)))
        for each in symbols.entries_of(found):
            self._assign(node.target, each)
            for inner in node.body:
                self._statement(inner)

    def _assign(self, target: ast.expr, symbol: Any) -> None:
        match target:
            case ast.Name(id=name):
                self.under[name] = symbol
                self._binds.append(name)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                for at, each in enumerate(targets):
                    self._assign(each, self._unpacked(symbol, at, len(targets), target))
            case ast.Attribute() | ast.Subscript():
                place = self._place(target)
                if isinstance(place, Part):
                    self.sets.setdefault(place.made, []).append((place.path, symbol))

    def _place(self, target: ast.expr) -> Any:
        """Return the part of an object that is assigned."""
        match target:
            case ast.Attribute(value=value, attr=attribute):
                return self._attribute(self.value(value), attribute, target)
            case ast.Subscript(value=value, slice=index):
                return symbols.subscripted(self.value(value), index, self.constant)
        return None

    def _unpacked(self, symbol: Any, at: int, of: int, node: ast.AST) -> Any:
        match symbol:
            case Several(items=items) if len(items) == of:
                return items[at]
            case Piece(views=()) if not self._is_object(symbol):
                self.lengths[symbol.call, symbol.path] = of
                return Piece(symbol.call, (*symbol.path, at))
            case Part(views=()):
                return Part(
                    symbol.made, (*symbol.path, at), symbol.after, line=getattr(node, "lineno", 1)
                )
        return symbol if isinstance(symbol, Unknown) else unknown(node)

    def _bind(self, quantity: str, symbol: Any, node: ast.stmt) -> None:
        back = ("first_column",) if quantity in self.names.columns else ()
        match symbol:
            case Piece() if not self._is_object(symbol):
                key, to = (symbol.call, symbol.path), self.bound
            case Part(after=int(after)):
                key, to = (after, symbol.path), self.read_after
            case Viewed():
                return
            case _:
                if quantity in self.names.asked:
                    at = symbol if isinstance(symbol, Unknown) else unknown(node)
                    raise ScriptError(_cannot(at))
                return
        whole = viewed(symbol, *back)
        if key not in to or quantity in self.names.asked:
            to[key] = Viewed(quantity, whole.views)

    # Expressions

    def value(self, node: ast.expr) -> Any:
        """Return what an expression stands for."""
        constant = self.constant(node)
        if constant is not None:
            return Fixed(constant)
        match node:
            case ast.Constant(value=value):
                return Fixed(value)
            case ast.Name(id=name):
                return self.under.get(name, unknown(node) if name in PYTHONS else Own(name))
            case ast.Tuple(elts=items) | ast.List(elts=items):
                return Several(tuple(map(self.value, items)), isinstance(node, ast.List))
            case ast.Dict(keys=keys, values=values):
                return self._dictionary(keys, values, node)
            case ast.Attribute(value=value, attr=attribute):
                return self._attribute(self.value(value), attribute, node)
            case ast.Subscript(value=value, slice=index):
                symbol = self.value(value)
                found = symbols.subscripted(symbol, index, self.constant)
                return unknown(node) if found is None else found
            case ast.ListComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node)
            case ast.Call():
                return self._call(node)
        return unknown(node)

    def _dictionary(
        self, keys: Sequence[ast.expr | None], values: Sequence[ast.expr], node: ast.AST
    ) -> Any:
        found = [None if key is None else self.constant(key) for key in keys]
        if None in found:
            return unknown(node)
        return Keyed(tuple(zip(found, map(self.value, values), strict=True)))

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp | ast.DictComp) -> Any:
        loop = node.generators[0]
        over = self.value(loop.iter)
        if len(node.generators) > 1 or loop.ifs or not symbols.is_iterable(over):
            return unknown(node)
        before, found = dict(self.under), list[Any]()
        for each in symbols.entries_of(over):
            binds = list(self._binds)
            self._assign(loop.target, each)
            self._binds = binds  # its names are its own
            if isinstance(node, ast.DictComp):
                found.append((self.constant(node.key), self.value(node.value)))
            else:
                found.append(self.value(node.elt))
        self.under = before
        if isinstance(node, ast.DictComp):
            return Keyed(tuple(found))
        return Several(tuple(found), isinstance(node, ast.ListComp))

    def constant(self, node: ast.expr) -> Any:
        """Return the value of an expression of constants; None where it is something else."""
        names = [each.id for each in ast.walk(node) if isinstance(each, ast.Name)]
        fixed = {name: self.under[name].value for name in names if self._is_fixed(name)}
        allowed = (
            *(ast.Constant, ast.JoinedStr, ast.FormattedValue, ast.BinOp, ast.UnaryOp, ast.Name),
            *(ast.operator, ast.unaryop, ast.expr_context, ast.Call),
        )
        if not all(isinstance(each, allowed) for each in ast.walk(node)):
            return None
        if any(name not in fixed and name not in _FUNCTIONS for name in names):
            return None
        try:
            return eval(  # of constants alone, and of these functions
                compile(ast.Expression(node), "script", "eval"),
                {"__builtins__": {}, **_FUNCTIONS, **fixed},
            )
        except Exception:
            return None

    def _is_fixed(self, name: str) -> bool:
        return isinstance(self.under.get(name), Fixed)

    def _is_object(self, symbol: Any) -> bool:
        return isinstance(symbol, Piece) and symbol.call in self.made and not symbol.path

    def _attribute(self, symbol: Any, attribute: str, node: ast.AST) -> Any:
        if attribute == "T" and not self._is_object(symbol):
            return viewed(symbol, "T") or unknown(node)
        if attribute in symbols.ATTRIBUTES:
            return Anything()
        line = getattr(node, "lineno", 1)
        match symbol:
            case Piece(path=(), views=()):
                self._make_object(symbol.call)
                return Part(symbol.call, (f".{attribute}",), self.latest.get(symbol.call), (), line)
            case Part(views=()):
                path = (*symbol.path, f".{attribute}")
                return Part(symbol.made, path, symbol.after, (), line)
        return symbol if isinstance(symbol, Unknown) else unknown(node)

    def _make_object(self, call: int) -> None:
        self.made.setdefault(call, self.calls[call].name)

    # Calls

    def _call(self, node: ast.Call) -> Any:
        match node.func:
            case ast.Attribute(value=ast.Name(id=name), attr=function) if name == NUMPY:
                return self._numpys(function, node)
            case ast.Attribute(value=value, attr=method):
                symbol = self.value(value)
                if method in symbols.METHODS and not self._is_object(symbol):
                    return self._arrays(symbol, method, node)
                match symbol:
                    case Piece(path=(), views=()):
                        self._make_object(symbol.call)
                        return self._called(node, method, on=symbol.call)
                return symbol if isinstance(symbol, Unknown) else unknown(node)
            case ast.Name(id=name) if name not in self.under and name in PYTHONS:
                return self._pythons(name, node)
        called = self.value(node.func)
        match called:
            case Own(name=name):
                return self._called(node, name, on=None)
            case Piece(path=(), views=()):
                self._make_object(called.call)
                return self._called(node, "__call__", on=called.call)
        return unknown(node)

    def _called(self, node: ast.Call, name: str, *, on: int | None) -> Piece:
        positional = [self._argument(each) for each in node.args]
        named = list[tuple[str, Any]]()
        for each in node.keywords:
            symbol = self._argument(each.value)
            spread = symbol.items if each.arg is None and isinstance(symbol, Keyed) else ()
            named += spread or [(each.arg or "**", symbol)]
        call = _Call(len(self.calls), node, on, name, positional, named)
        if on is not None:
            call.reads = list(dict(self.sets.get(on, [])).items())
            self.latest[on] = call.number
        self.calls.append(call)
        return Piece(call.number)

    def _argument(self, node: ast.expr) -> Any:
        symbol = self.value(node)
        if self._is_object(symbol):
            found = dict(self.sets.get(symbol.call, [])).items()
            return Object(tuple(At(path, each) for path, each in found))
        return symbol

    def _arrays(self, symbol: Any, method: str, node: ast.Call) -> Any:
        found = None
        if method in symbols.UNCHANGED:
            found = symbol
        elif method in symbols.FLAT:
            found = viewed(symbol, "ravel")
        elif method == "transpose" and not node.args:
            found = viewed(symbol, "T")
        elif method == "argmax":
            found = symbols.labels(symbol, self._axis(node.args, node))
        elif method == "reshape":
            first = node.args[0] if node.args else None
            lengths = first.elts if isinstance(first, ast.Tuple) else node.args
            found = symbols.reshaped(symbol, lengths)
        return unknown(node) if found is None else found

    def _numpys(self, function: str, node: ast.Call) -> Any:
        symbol = self.value(node.args[0]) if node.args else None
        found = None
        if function in symbols.NUMPYS_UNCHANGED and isinstance(symbol, Viewed | Piece | Part):
            found = symbol
        elif function == "transpose" and len(node.args) == 1:
            found = viewed(symbol, "T")
        elif function == "argmax":
            found = symbols.labels(symbol, self._axis(node.args[1:], node))
        elif function in symbols.FLAT:
            found = viewed(symbol, "ravel")
        return unknown(node) if found is None else found

    def _axis(self, positional: Sequence[ast.expr], node: ast.Call) -> Any:
        stated = [each.value for each in node.keywords if each.arg == "axis"] or positional
        return self.constant(stated[0]) if stated else None

    def _pythons(self, function: str, node: ast.Call) -> Any:
        arguments = [self.value(each) for each in node.args]
        if function in ("float", "int") and len(arguments) == 1:
            return arguments[0]
        if function == "dict" and not arguments and all(each.arg for each in node.keywords):
            return Keyed(tuple((each.arg, self.value(each.value)) for each in node.keywords))
        if arguments and all(map(symbols.is_iterable, arguments)):
            found = [symbols.entries_of(each) for each in arguments]
            if function in ("list", "tuple") and len(found) == 1:
                return Several(tuple(found[0]), function == "list")
            if function == "reversed":
                return Several(tuple(reversed(found[0])))
            if function == "zip":
                return Several(tuple(Several(each) for each in zip(*found, strict=False)))
            if function == "enumerate":
                return Several(tuple(Several((Fixed(at), e)) for at, e in enumerate(found[0])))
        return unknown(node)


_FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {"range": range, "str": str, "len": len}
)
"""What an expression of constants may call."""


class _Resolving:
    """What was read as patterns: of each call that something asked depends on."""

    def __init__(self, reading: _Reading) -> None:
        self.reading = reading
        self.kept: set[tuple[int, tuple[Any, ...]]] = set()

    def calls(self) -> Iterator[Call]:
        """Yield the calls that answer something, or keep something for such."""
        reading = self.reading
        needed = {call for call, _ in (*reading.bound, *reading.read_after)}
        waiting, arguments = sorted(needed), dict[int, Any]()
        while waiting:
            number = waiting.pop()
            arguments[number] = self._arguments(reading.calls[number])
            for call, _ in tuple(self.kept):
                if call not in needed:
                    needed.add(call)
                    waiting.append(call)
        roles = self._roles()
        yield from self._making(roles)
        for number in sorted(needed):
            made = reading.calls[number]
            owner, role = ("", 0) if made.on is None else (reading.made[made.on], roles[made.on])
            positional, named, reads = arguments[number]
            yield Call(
                number=number,
                line=made.node.lineno,
                source=ast.unparse(made.node),
                owner=owner,
                role=role,
                name=made.name,
                positional=positional,
                named=named,
                reads=reads,
                returns=self._returned(number, ()),
                sets=tuple(
                    At(path, each)
                    for (after, path), each in reading.read_after.items()
                    if after == number
                ),
            )

    def _making(self, roles: Mapping[int, int]) -> Iterator[Call]:
        """Yield the calls that make objects and are given quantities for it."""
        for made, role in roles.items():
            call = self.reading.calls[made]
            if not all(map(_says_much, (*call.positional, *(each for _, each in call.named)))):
                continue
            positional, named, _ = self._arguments(call)
            yield Call(
                number=made,
                line=call.node.lineno,
                source=ast.unparse(call.node),
                owner=call.name,
                role=role,
                name=MAKING,
                positional=positional,
                named=named,
            )

    def _roles(self) -> dict[int, int]:
        roles, count = dict[int, int](), dict[str, int]()
        for made in sorted(self.reading.made):
            owner = self.reading.made[made]
            roles[made] = count.get(owner, 0)
            count[owner] = roles[made] + 1
        return roles

    def _arguments(self, call: _Call) -> Any:
        return (
            tuple(map(self.pattern, call.positional)),
            tuple((name, self.pattern(each)) for name, each in call.named),
            tuple(At(path, self.pattern(each)) for path, each in call.reads),
        )

    def pattern(self, symbol: Any) -> Pattern:
        """Return what a symbol is, among the arguments of a call that is needed."""
        match symbol:
            case Viewed() | Fixed() | Anything():
                return symbol
            case Several(items=items, is_list=is_list):
                return Several(tuple(map(self.pattern, items)), is_list)
            case Keyed(items=pairs):
                return Keyed(tuple((key, self.pattern(each)) for key, each in pairs))
            case Object(attributes=attributes):
                return Object(tuple(At(at.path, self.pattern(at.pattern)) for at in attributes))
            case Piece(call=call, path=path, views=views):
                return self._piece(call, path, views)
            case Part():
                return self._part(symbol)
            case Own():
                return Anything()
        raise ScriptError(_cannot(symbol))

    def _piece(self, call: int, path: tuple[Any, ...], views: tuple[str, ...]) -> Pattern:
        bound = self.reading.bound.get((call, path))
        if bound is not None:
            return Viewed(bound.name, (*symbols.inverse(bound.views), *views))
        if any(at == call and each[: len(path)] == path for at, each in self.reading.bound):
            return _turned(self._returned(call, path))
        self.kept.add((call, path))
        return Kept(call)

    def _part(self, part: Part) -> Pattern:
        if part.after is not None:
            bound = self.reading.read_after.get((part.after, part.path))
            if bound is not None:
                return Viewed(bound.name, (*symbols.inverse(bound.views), *part.views))
        stated = dict(self.reading.sets.get(part.made, [])).get(part.path)
        return Anything() if stated is None else self.pattern(viewed(stated, *part.views) or stated)

    def _returned(self, call: int, path: tuple[Any, ...]) -> Pattern:
        """Return the pattern of what a call returns at a path."""
        reading = self.reading
        bound = reading.bound.get((call, path))
        if bound is not None:
            return bound
        places = [each for at, each in (*reading.bound, *self.kept) if at == call]
        below = [each[len(path)] for each in places if each[: len(path)] == path != each]
        if not below:
            return Kept(call) if (call, path) in self.kept else Anything()
        if all(isinstance(each, int) for each in below):
            count = max(reading.lengths.get((call, path), 0), *(each + 1 for each in below))
            return Several(tuple(self._slot(call, (*path, at)) for at in range(count)))
        return Keyed(tuple((key, self._slot(call, (*path, key))) for key in dict.fromkeys(below)))

    def _slot(self, call: int, path: tuple[Any, ...]) -> Pattern:
        found = self._returned(call, path)
        return Kept(call) if isinstance(found, Anything) else found


def _says_much(symbol: Any) -> bool:
    """Whether an argument is what can be followed: no piece of an object, and nothing unknown."""
    match symbol:
        case Several(items=items):
            return all(map(_says_much, items))
        case Keyed(items=pairs):
            return all(_says_much(each) for _, each in pairs)
    return isinstance(symbol, Viewed | Fixed | Anything | Own)


def _turned(pattern: Pattern) -> Pattern:
    """Return a pattern of what is returned as one of what is given."""
    match pattern:
        case Viewed(name=name, views=views):
            return Viewed(name, symbols.inverse(views))
        case Several(items=items, is_list=is_list):
            return Several(tuple(map(_turned, items)), is_list)
        case Keyed(items=pairs):
            return Keyed(tuple((key, _turned(each)) for key, each in pairs))
    return pattern


def _cannot(at: Unknown) -> str:
    return (
        f"line {at.line}: {at.source} cannot be stood in for: bind what the file returns to the "
        'names that are asked, in a line of its own, or write standin = "standin.py"'
    )
