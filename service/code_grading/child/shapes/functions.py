"""The shape of three functions: `forward`, `backward` and `update`.

    cache = forward(x, parameters, exercise)
    gradients = backward(cache, parameters, exercise)
    new_parameters = update(parameters, gradients, exercise)

Each returns a dict by the names of the exercise's quantities. `backward` and `update` may be left
out with what they make. An optimizer with state gets a fourth argument, `state`: a dict, empty at
first, that it keeps its velocities in under their names.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from ..answers import Findings
from ..exercise import Exercise, parameters
from ..failure import Failure
from .solving import changed

NEW = "_new"


def answer(module: Any, exercise: Exercise) -> tuple[dict[str, Any], Findings]:
    """Return what the functions make in every iteration, and what `forward` or `backward` change.

    Raises:
        Failure: one of them returns no dict; the exercise draws samples anew.
    """
    if exercise.get("stochastic"):
        raise Failure("unsupported", "an exercise that draws samples needs solve(exercise)")
    answers: dict[str, Any] = {}
    found: Findings = []
    current = parameters(exercise)
    state: dict[str, Any] = {}
    for iteration in range(1, exercise["iterations"] + 1):
        given = {**exercise, "iteration": iteration}
        before = {name: array.copy() for name, array in current.items()}
        made: dict[str, Any] = {}
        cache = _call(module.forward, exercise["given"]["x"].copy(), dict(current), given)
        made |= cache
        if hasattr(module, "backward"):
            gradients = _call(module.backward, cache, dict(current), given)
            made |= gradients
            found += changed(before, current)
            if hasattr(module, "update"):
                # The answers are kept as they are now: an update may work in place.
                made = {name: _copy(value) for name, value in made.items()}
                current = current | _update(module.update, current, gradients, given, state)
                made |= {name + NEW: _copy(value) for name, value in current.items()}
                made |= {name: _copy(value) for name, value in state.items()}
        for name, value in made.items():
            answers[name] = answers[f"{name}@{iteration}"] = value
        answers |= {f"{name}@{iteration}": array for name, array in before.items()}
    return answers, [each for index, each in enumerate(found) if each not in found[:index]]


def _update(
    update: Callable[..., Any],
    current: dict[str, Any],
    gradients: Any,
    given: Exercise,
    state: dict[str, Any],
) -> Any:
    arguments = [{name: _copy(value) for name, value in current.items()}, gradients, given]
    if len(inspect.signature(update).parameters) > len(arguments):
        arguments.append(state)
    return _call(update, *arguments)


def _call(function: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
    result = function(*arguments)
    if not isinstance(result, Mapping):
        kind = type(result).__name__
        raise Failure("wrong_type", f"{function.__name__} must return a dict, not {kind}")
    return dict(result)


def _copy(value: Any) -> Any:
    return value.copy() if hasattr(value, "copy") else value
