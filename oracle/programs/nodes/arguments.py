"""What a call is given, as its primitive takes it: operands, axes, lengths, truths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from fractions import Fraction
from types import MappingProxyType

from gradgrade.oracle.primitives.primitive import Primitive
from gradgrade.oracle.programs.bounds import MOST_ENTRIES
from gradgrade.oracle.programs.faults import ProgramError
from gradgrade.oracle.programs.syntax import Call, Constant, Expression, Several, Text, Truth
from gradgrade.oracle.programs.text.calls import AS_NUMPY_CALLS
from gradgrade.oracle.programs.text.other_functions import called

ConstantOf = Callable[[Expression], Fraction | None]
"""Of an expression the number that it is, without any operation; None of others."""

OF_WHOLE_NUMBERS = frozenset({"add", "subtract", "multiply", "divide", "floor_divide", "negative"})
"""The operators that may make a whole number of whole numbers."""


def arguments_of(
    primitive: Primitive, of: Call, constant_of: ConstantOf
) -> tuple[tuple[Expression, ...], dict[str, object]]:
    """Return a call's operands and its options, each as the primitive takes it.

    Raises:
        ProgramError: it takes others.
    """
    given, rest, places = _by_place(primitive, of)
    if may_be_of_two(of) and not _is_whole(rest[0], constant_of):
        raise of_two(of)
    if primitive.name in ("reshape", "transpose") and len(rest) > 1:
        # x.reshape(2, 3) is x.reshape((2, 3)).
        rest = (Several(rest, rest[0].place),)
    if len(given) < primitive.operands[0] or len(rest) > len(places):
        raise _of_another_number(primitive, of, len(given), places)

    options = {
        name: _option_of(primitive, name, value, constant_of)
        for name, value in zip(places, rest, strict=False)
    }
    for name, value in of.options.items():
        if name not in primitive.options:
            raise ProgramError(_no_option(primitive, name), value.place)
        if name in options:
            raise ProgramError(f"{name} is given twice", value.place)
        options[name] = _option_of(primitive, name, value, constant_of)
    return given, options


def _no_option(primitive: Primitive, name: str) -> str:
    said = f"{primitive.name} has no option {name}"
    meant = AS_NUMPY_CALLS.get(name, name)
    near = get_close_matches(meant, sorted(primitive.options), n=1, cutoff=0.75)
    known = ", ".join(sorted(primitive.options)) or "none"
    return f"{said}; did you mean {near[0]}?" if near else f"{said}; there are {known}"


def _of_another_number(
    primitive: Primitive, of: Call, given: int, places: tuple[str, ...]
) -> ProgramError:
    few, many = primitive.operands
    named = sorted(primitive.options.difference(places))
    if given == many and named:
        options = ", ".join(f"{each}=…" for each in named)
        behind = " and ".join(("its operand", *places))
        said = f"behind {behind} {primitive.name} takes options by name alone: {options}"
    else:
        count = str(few) if few == many else f"{few} to {many}"
        operands = "operand" if count == "1" else "operands"
        said = f"{primitive.name} takes {count} {operands} (got {len(of.operands)})"
    return ProgramError(said, of.place)


_OF_TWO: Mapping[str, str] = MappingProxyType({"max": "maximum", "min": "minimum"})
"""What numpy calls the larger and the smaller of two, by what Python calls them."""


def may_be_of_two(of: Call) -> bool:
    """Tell whether a call may be Python's max of two, where numpy takes the second for an axis."""
    return of.function in _OF_TWO and len(of.operands) == 2 and not of.options


def of_two(of: Call) -> ProgramError:
    """Return what is said of Python's max of two."""
    such = f"{_OF_TWO[of.function]}({', '.join(called(of.text).parts)})"
    larger = "larger" if of.function == "max" else "smaller"
    said = f"what stands second in {of.function} is an axis: write {such} for the {larger} of two"
    return ProgramError(said, of.place)


def _is_whole(of: Expression, constant_of: ConstantOf) -> bool:
    """Tell whether an expression may be an axis, or axes."""
    if isinstance(of, Several | Truth | Text):
        return True
    constant = constant_of(of)
    return constant is not None and constant.denominator == 1


def _by_place(
    primitive: Primitive, of: Call
) -> tuple[tuple[Expression, ...], tuple[Expression, ...], tuple[str, ...]]:
    """Return the operands, what is given behind them, and what options those may be."""
    given = of.operands
    if primitive.name not in ("concatenate", "stack"):
        most = primitive.operands[1]
        return given[:most], given[most:], primitive.places
    if not given or not isinstance(given[0], Several):
        raise ProgramError(
            f"{primitive.name} takes arrays in brackets: {primitive.name}([a, b])", of.place
        )
    return given[0].members, given[1:], ("axis",)


def _number(of: Expression, constant_of: ConstantOf) -> Fraction | int | None:
    """Return a number of the text, which is whole where it is 1.0 too."""
    number = constant_of(of)
    return int(number) if number is not None and number.denominator == 1 else number


def _option_of(primitive: Primitive, name: str, of: Expression, constant_of: ConstantOf) -> object:
    """Return what an option is stated to be."""
    if isinstance(of, Truth | Text):
        return of.value
    if name in primitive.numbers and isinstance(of, Constant):
        return _number(of, constant_of)
    if isinstance(of, Several):
        return _members(of, constant_of, are_pairs=name in primitive.pairs)
    return _stated(of, constant_of)


def _members(
    of: Several, constant_of: ConstantOf, *, are_pairs: bool
) -> tuple[int | tuple[int, ...], ...]:
    """Return whole numbers in brackets; where there may be pairs, each may be in brackets again."""
    return tuple(
        tuple(_stated(each, constant_of) for each in member.members)
        if are_pairs and isinstance(member, Several)
        else _stated(member, constant_of)
        for member in of.members
    )


def _stated(of: Expression, constant_of: ConstantOf) -> int:
    """Return an axis or a length."""
    whole = whole_number(of, constant_of)
    if abs(whole) > MOST_ENTRIES:
        raise ProgramError("no array has so many axes or entries", of.place)
    return whole


def whole_number(of: Expression, constant_of: ConstantOf) -> int:
    """Return a whole number, computed of constants and sizes.

    Raises:
        ProgramError: it is none, or numpy would have a fraction there.
    """
    if isinstance(of, Call) and of.function == "floor_divide":
        left, right = (whole_number(each, constant_of) for each in of.operands)
        if right == 0:
            raise ProgramError("a division by 0", of.place)
        return left // right
    match of:
        case Constant(is_whole=False) if of.value is not None:
            raise ProgramError("numpy takes no fraction here: write it without a point", of.place)
        case Call(function="divide"):
            raise ProgramError("numpy takes no fraction here: write // for /", of.place)
        case Call(function=function) if function in OF_WHOLE_NUMBERS:
            for each in of.operands:
                whole_number(each, constant_of)
    constant = constant_of(of)
    if constant is None or constant.denominator != 1:
        raise ProgramError("a whole number belongs here, of constants and sizes", of.place)
    return int(constant)
