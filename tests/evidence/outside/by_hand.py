"""Slips of the pen and of the calculator: a value is read, copied or worked out wrongly once."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy

from tests.evidence.outside.working import (
    Array,
    Found,
    Kind,
    NotMadeError,
    activations,
    dense,
    misread,
    parameters,
    report,
)
from tests.evidence.students.forms import TEXTBOOK
from tests.evidence.students.numpy_layers import Dense
from tests.evidence.students.task import Task


def first(values: Array, change: Callable[[float], float], where: Any = None) -> Array:
    """The same values, of which the first that is not zero, or that `where` picks, is changed."""
    found = numpy.array(values, float)
    picked = numpy.flatnonzero(found != 0 if where is None else where(found))
    if not len(picked):
        raise NotMadeError
    found.flat[picked[0]] = change(found.flat[picked[0]])
    return found


def is_negative(values: Array) -> Array:
    return values < 0


def with_digits_exchanged(value: float) -> float:
    """0.35 for 0.53: the last two neighbours that differ."""
    text = repr(float(value))
    for at in range(len(text) - 1, 0, -1):
        one, other = text[at - 1], text[at]
        if one.isdigit() and other.isdigit() and one != other:
            return float(text[: at - 1] + other + one + text[at + 1 :])
    raise NotMadeError


def of_first_weights(change: Callable[[Array], Array]) -> Callable[[str, Array], Array]:
    """What is read wrongly of W1 alone."""
    return lambda name, value: change(value) if name == "W1" else value


def first_two_exchanged(values: Array) -> Array:
    found = numpy.array(values)
    if found.size < 2:
        raise NotMadeError
    found.flat[0], found.flat[1] = found.flat[1], found.flat[0]
    return found


def first_gradient(found: Found, change: Callable[[Array], Array]) -> dict[str, Array]:
    """Another gradient of the first weights; the updates are right."""
    for name, t in parameters(found):
        if name[0] == "W" and t == 1:
            return {f"d{name}@{t}": change(found[f"d{name}@{t}"])}
    raise NotMadeError


def slip_in_z(layer: Any, z: Array) -> Array:
    """One tenth too much in one entry of the first layer's z: a digit was not carried."""
    if layer.index == 1 and layer.t == 1:
        z = numpy.array(z)
        z.flat[0] += 0.1
    return Dense.activated(layer, z)


def slip_in_one_weight_on_the_way_back(layer: Any, delta: Array) -> Array:
    return delta @ first(layer.own("W"), abs, is_negative).T


def activated_with_one_place(layer: Any, z: Array) -> Array:
    layer.a = numpy.round(Dense.activated(layer, z), 1)
    return layer.a


def every_gradient_of_weights(found: Found, change: Callable[[Array], Array]) -> dict[str, Array]:
    return {
        f"d{name}@{t}": change(found[f"d{name}@{t}"])
        for name, t in parameters(found)
        if name[0] == "W"
    }


def first_two_gradients_exchanged(_: Task, found: Found) -> dict[str, Array]:
    of_weights = [f"d{name}@{t}" for name, t in parameters(found) if name[0] == "W" and t == 1]
    for one, other in pairwise(of_weights):
        if numpy.shape(found[one]) == numpy.shape(found[other]):
            return {one: found[other], other: found[one]}
    raise NotMadeError


KINDS = (
    Kind(
        "digits-of-a-weight-exchanged",
        "Reads 0.53 for 0.35 in the first weight, and goes on rightly.",
        misread(of_first_weights(lambda w: first(w, with_digits_exchanged))),
        source="transposition, the commonest slip of copying numbers",
    ),
    Kind(
        "sign-of-a-weight-lost",
        "Reads the first negative weight of W1 without its sign, and goes on rightly.",
        misread(of_first_weights(lambda w: first(w, abs, is_negative))),
        source="by hand: a minus at the edge of a matrix",
    ),
    Kind(
        "weights-of-a-row-exchanged",
        "Exchanges the first two weights of W1 in reading them.",
        misread(of_first_weights(first_two_exchanged)),
        source="pictures with w1 … w8 on crossing arrows, as in Mazur's step-by-step example",
    ),
    Kind(
        "sign-of-an-input-lost",
        "Reads the first negative input without its sign, and goes on rightly.",
        misread(lambda name, value: first(value, abs, is_negative) if name == "x" else value),
        source="by hand",
    ),
    Kind(
        "digit-not-carried",
        "Finds one entry of z1 a tenth too large, and goes on rightly.",
        dense(activated=slip_in_z),
        source="mental arithmetic: 7 × 8 = 54 and its like",
    ),
    Kind(
        "activations-to-one-place",
        "Rounds every activation to one decimal and goes on with that.",
        dense(activated=activated_with_one_place),
        source="blackboard examples",
    ),
    Kind(
        "e-is-2.7",
        "Takes 2.7 for e in every sigmoid.",
        activations(
            sigmoid=(lambda z, _: 1 / (1 + 2.7**-z), TEXTBOOK.activations["sigmoid"][1]),
        ),
        source="by hand, without the key for e",
    ),
    Kind(
        "power-of-two",
        "Writes 2^x for e^x in the sigmoid.",
        activations(
            sigmoid=(lambda z, _: 1 / (1 + 2.0**-z), TEXTBOOK.activations["sigmoid"][1]),
        ),
        source="exp2 for exp",
    ),
    Kind(
        "tangent-of-degrees",
        "Presses tan for tanh, the calculator being set to degrees.",
        activations(
            tanh=(lambda z, _: numpy.tan(numpy.radians(z)), TEXTBOOK.activations["tanh"][1])
        ),
        source="a calculator without the hyp key pressed",
    ),
    Kind(
        "sign-of-a-weight-lost-on-the-way-back",
        "Sends δ back through weights of which the first negative one has lost its sign.",
        dense(by_input=slip_in_one_weight_on_the_way_back),
        source="by hand: a minus lost in one of many products",
    ),
    Kind(
        "digits-of-an-answer-exchanged",
        "Exchanges two digits of one entry in writing the first gradient down.",
        report(
            lambda _, found: first_gradient(
                found,
                lambda g: first(g, lambda each: with_digits_exchanged(round(each, 4))),
            )
        ),
        source="transposition in copying",
    ),
    Kind(
        "sign-of-an-answer-lost",
        "Writes the first negative entry of the first gradient down without its sign.",
        report(lambda _, found: first_gradient(found, lambda g: first(g, abs, is_negative))),
        source="by hand",
    ),
    Kind(
        "point-of-an-answer-shifted",
        "Writes the first entry of the first gradient ten times too large.",
        report(lambda _, found: first_gradient(found, lambda g: first(g, lambda e: 10 * e))),
        source="by hand; answers in powers of ten typed in without them",
    ),
    Kind(
        "entries-of-an-answer-exchanged",
        "Writes the first two entries of the first gradient into each other's cells.",
        report(lambda _, found: first_gradient(found, first_two_exchanged)),
        source="typing a matrix into a form",
    ),
    Kind(
        "answers-column-by-column",
        "Types every dW in row by row what was read column by column.",
        report(
            lambda _, found: every_gradient_of_weights(
                found, lambda g: numpy.asarray(g).T.reshape(numpy.shape(g))
            )
        ),
        source="numpy's order='F'; fixing weight_deltas, Grokking-Deep-Learning#22",
    ),
    Kind(
        "answers-of-two-layers-exchanged",
        "Writes dW1 where dW2 belongs, and the reverse, where they have one shape.",
        report(first_two_gradients_exchanged),
        source="grads.append() on the way back, read in the order of the layers",
    ),
)
