"""The long form of each field that has a short one."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.shorthand.names import (
    ACTIVATION_NAMES,
    LAYER_NAMES,
    LOSS_NAMES,
    OPTIMIZER_NAMES,
    known_name,
    quantity_name,
)

Form = Callable[[Any], Any]
"""From what was written to its long form; what it does not know, it returns as it is."""

_BESIDE_OPTIMIZER = (
    *("learning_rate", "momentum", "decay", "beta1", "beta2"),
    *("epsilon", "weight_decay", "schedule"),
)
"""The fields of an optimizer, which stand beside it where it is a mere name."""

_STEPS = MappingProxyType({"weights": "0.05", "biases": "0.05", "inputs": "0.1", "targets": "0.05"})
"""The grids' steps, which `Draw` has too where nothing is said."""

_STEP_OF_ARRAYS = "0.1"
"""That of a program's arrays, whatever they are called."""


def long_form(document: Any) -> Any:
    """Return a problem set as it was written with all shorthand written out.

    >>> exercise = {"ask": "All", "optimizer": "SGD", "learning_rate": Number("0.1")}
    >>> long_form({"exercises": [exercise]})["exercises"][0]
    {'ask': ['all'], 'optimizer': {'name': 'sgd', 'learning_rate': Number('0.1')}}
    """
    return _with(
        document,
        exercises=_each(_exercise),
        feedback=_lower,
        after_due=_lower,
        solutions=_lower,
        hints=_lower,
    )


def _exercise(exercise: Any) -> Any:
    if not isinstance(exercise, Mapping):
        return exercise
    is_program = _lower(exercise.get("type")) == "program"
    # A program's arrays are called as its author calls them.
    quantity = (lambda name: name) if is_program else _quantity
    return _with(
        _optimizer_put_together(exercise),
        type=_lower,
        layers=_each(_layer),
        loss=_named(LOSS_NAMES),
        optimizer=_optimizer,
        convention=_lower,
        arithmetic=_lower,
        precision=_lower,
        hints=_lower,
        ask=lambda ask: _each(_asked(quantity))(_as_list(ask)),
        freeze=lambda names: _each(quantity)(_as_list(names)),
        tolerance=_tolerance,
        rounding=lambda value: {"decimals": value} if _is_number(value) else value,
        draw=_draw_of_program if is_program else _draw,
        given=_given(quantity),
        upstream=_as_list,
        parameters=_as_list,
    )


def _with(table: Any, **forms: Form) -> Any:
    """Return a table with some of its fields in their long forms."""
    if not isinstance(table, Mapping):
        return table
    return {name: forms[name](each) if name in forms else each for name, each in table.items()}


def _each(form: Form) -> Form:
    return lambda entries: list(map(form, entries)) if isinstance(entries, list) else entries


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, Number)) and not isinstance(value, bool)


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _name(names: Mapping[str, str]) -> Form:
    return lambda value: known_name(value, names) if isinstance(value, str) else value


def _named(names: Mapping[str, str]) -> Form:
    """Return the form of a table that may be its name alone."""
    return lambda value: _with(
        {"name": value} if isinstance(value, str) else value, name=_name(names), reduction=_lower
    )


def _layer(layer: Any) -> Any:
    return _with(layer, type=_name(LAYER_NAMES), activation=_name(ACTIVATION_NAMES), bias=_lower)


def _optimizer_put_together(exercise: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put what stands beside the name of an optimizer into it."""
    name = exercise.get("optimizer")
    if not isinstance(name, str):
        return exercise
    beside = {field: exercise[field] for field in _BESIDE_OPTIMIZER if field in exercise}
    return {
        field: {"name": name, **beside} if field == "optimizer" else each
        for field, each in exercise.items()
        if field not in beside
    }


def _optimizer(optimizer: Any) -> Any:
    return _with(optimizer, name=_name(OPTIMIZER_NAMES), schedule=_schedule)


def _schedule(schedule: Any) -> Any:
    return _with({"name": schedule} if isinstance(schedule, str) else schedule, name=_lower)


def _asked(quantity: Form) -> Form:
    return lambda part: _with(part, name=quantity) if isinstance(part, Mapping) else quantity(part)


def _quantity(name: Any) -> Any:
    return quantity_name(name) if isinstance(name, str) else name


def _tolerance(tolerance: Any) -> Any:
    if _is_number(tolerance):
        return {"relative": tolerance, "absolute": Number("0")}
    if isinstance(tolerance, Mapping) and len(tolerance) == 1:
        for given, other in (("relative", "absolute"), ("absolute", "relative")):
            if given in tolerance:
                return {**tolerance, other: Number("0")}
    return _lower(tolerance)


def _draw(draw: Any) -> Any:
    if not isinstance(draw, Mapping):
        return draw
    return {name: _range(name, each) for name, each in draw.items()}


def _draw_of_program(draw: Any) -> Any:
    if not isinstance(draw, Mapping):
        return draw
    return {name: _grid(each, _STEP_OF_ARRAYS) for name, each in draw.items()}


def _grid(value: Any, step: str) -> Any:
    """Write out [low, high] and [low, high, step]."""
    if isinstance(value, list) and len(value) in (2, 3):
        low, high, *rest = value
        return {"low": low, "high": high, "step": rest[0] if rest else Number(step)}
    return value


def _range(name: str, value: Any) -> Any:
    """Write out a grid and the name of an initialization."""
    if name in _STEPS:
        value = _grid(value, _STEPS[name])
    if isinstance(value, str):
        return {"initialization": value.lower()}
    return _with(value, initialization=_lower)


def _given(quantity: Form) -> Form:
    def form(given: Any) -> Any:
        """Write the names of arrays out, unless two would become one."""
        if not isinstance(given, Mapping):
            return given
        names = {name: quantity(name) for name in given}
        if len(set(names.values())) < len(names):
            return given
        return {names[name]: each for name, each in given.items()}

    return form
