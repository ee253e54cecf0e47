"""What a small network does with numbers that somebody chose: walked once, in doubles.

Pure: what an address asks for in, what a page shows out. The walk is the oracle's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.formulas.expression import Expression, Numeral, Numerals
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.walking import Values, evaluate
from gradgrade.oracle.nested import build, flatten, shape_of
from gradgrade.problems import DocumentError, catalogue
from gradgrade.problems.documents.exercise import NetworkExercise
from gradgrade.problems.documents.number import Number
from gradgrade.problems.drawing.networks.places import place_of
from gradgrade.problems.generate import numbers_digest
from gradgrade.problems.reading import read_number
from gradgrade.problems.templates.cost import cost_of
from gradgrade.problems.templates.streams import Stream
from gradgrade.problems.templates.template import Template, compile_template
from gradgrade.problems.worksheet.grids import matrix_of
from gradgrade.problems.worksheet.step_numbers import StepNumbers
from gradgrade.problems.worksheet.worked import givens_of
from gradgrade.service.web.texts import gettext

NETWORKS: Mapping[str, str] = MappingProxyType(
    {
        "sigmoid-batch": "first-steps",
        "two-steps": "first-steps",
        "002-house-price": "seeds",
        "two-neurons": "first-steps",
        "one-neuron": "first-steps",
    }
)
"""The exercises whose networks are played with, and the sets of the catalogue that have them."""

RATE = "rate"
"""The field of the learning rate."""

MOST, MOST_RATE = 5, 2
"""The largest number, and the largest learning rate."""

DECIMALS = 4
"""Of every number that is taken, and of every one that is shown."""

START = bytes([16]) * 32
"""What the numbers to start from are drawn with: one whose losses leave something to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The numbers that were chosen.

    Args:
        exercise: the network with these numbers, or where one cannot be taken with those that it
            starts from.
        typed: what stands in the fields, by their names.
        faults: why it cannot be taken, by the names of the fields.
    """

    exercise: NetworkExercise
    typed: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStep:
    """A step of the walk.

    Args:
        name: of what it makes.
        place: the class that this has in drawings.
        symbol: the same as mathematics.
        rights: the formula, the numbers in it where they say more, and what comes out.
    """

    name: str
    place: str
    symbol: Expression
    rights: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of it.

    Args:
        numerals: of every quantity, by its name.
        steps: each in order.
        loss: before a step of gradient descent.
        loss_after: the loss that the numbers after it have.
        after: those numbers, by the names of fields.
        digests: of both, as `numbers_digest` makes them.
    """

    numerals: Mapping[str, Any]
    steps: tuple[ShownStep, ...]
    loss: str
    loss_after: str
    after: Mapping[str, str]
    digests: tuple[bytes, ...]


def choose(network: str, asked: Mapping[str, str]) -> Chosen:
    """Read the numbers that an address has; those that it has not are those to start from.

    Args:
        network: one of `NETWORKS`.
        asked: by the names of fields.

    >>> chosen = choose("one-neuron", {"W1-0": "0,5"})
    >>> chosen.typed["W1-0"], chosen.exercise.given["W1"][0][0]
    ('0,5', Number('0.5'))
    """
    start = started(network)
    reading = _Reading(asked)
    given = {
        name: build(
            [
                reading.number(field_name(name, index), entry, low=-MOST, high=MOST)
                for index, entry in enumerate(flatten(array))
            ],
            shape_of(array),
        )
        for name, array in start.given.items()
    }
    rate = reading.number(RATE, learning_rate(start), low=0, high=MOST_RATE)
    exercise = start if reading.faults else _with(start, given, rate)
    return Chosen(exercise=exercise, typed=reading.typed, faults=reading.faults)


def play(exercise: NetworkExercise) -> Played:
    """Walk a network once, and once more after a step of gradient descent.

    Every quantity has a value: no function of these networks has a kink.

    >>> played = play(started("one-neuron"))
    >>> float(played.loss) > float(played.loss_after)
    True
    """
    values = _walked(exercise)
    numerals = {name: _numerals(values[name]) for name in values}
    after = _stepped(exercise, values)
    return Played(
        numerals=numerals,
        steps=tuple(_steps(exercise, numerals)),
        loss=numerals[str(Name("loss"))],
        loss_after=_numerals(_walked(after)[str(Name("loss"))]),
        after=fields_of(after),
        digests=(numbers_digest(exercise), numbers_digest(after)),
    )


@lru_cache(maxsize=len(NETWORKS))
def started(network: str) -> NetworkExercise:
    """Return a network of one sample with the numbers that it starts from."""
    template = template_of(network)
    exercise = template.exercise(bytes(32), template.draw(Stream(START)))
    assert isinstance(exercise, NetworkExercise)
    return exercise


@lru_cache(maxsize=len(NETWORKS))
def template_of(network: str) -> Template:
    """Return the template of a network's exercise, made one of one sample and one step."""
    definitions = catalogue.load(NETWORKS[network])
    changed = {"batch": 1, "iterations": 1, "given": {}, "ask": ["all"]}
    definition = definitions.exercise(network).model_copy(update=changed)
    return compile_template(definitions.model_copy(update={"exercises": [definition]}), network)


def cost(network: str) -> int:
    """Return what it takes to walk a network, both times."""
    return 2 * cost_of(template_of(network))


def learning_rate(exercise: NetworkExercise) -> Number:
    """Return an exercise's learning rate."""
    assert exercise.optimizer is not None
    return exercise.optimizer.learning_rate


def fields_of(exercise: NetworkExercise) -> dict[str, str]:
    """Return the numbers of an exercise by the names of their fields."""
    fields = {
        field_name(name, index): entry.text
        for name, array in exercise.given.items()
        for index, entry in enumerate(flatten(array))
    }
    return {**fields, RATE: learning_rate(exercise).text}


def field_name(array: str, index: int) -> str:
    """Return the name of the field of an entry."""
    return f"{array}-{index}"


class _Reading:
    """Numbers read from fields: what was typed, and why it cannot be taken."""

    def __init__(self, asked: Mapping[str, str]) -> None:
        self.asked = asked
        self.typed: dict[str, str] = {}
        self.faults: dict[str, str] = {}

    def number(self, name: str, start: Number, *, low: int, high: int) -> Number:
        """Return the number of a field, or where there is none the one to start from."""
        text = self.asked.get(name, "").strip()
        self.typed[name] = text or start.text
        if not text:
            return start
        try:
            number = read_number(text)
            value = number.decimal()
        except DocumentError as error:
            is_none = not any(map(str.isdigit, text))
            self.faults[name] = gettext("this is not a number") if is_none else str(error)
            return start
        if not low <= value <= high:
            self.faults[name] = gettext(
                "%(number)s is out of range: from %(low)s to %(high)s is taken",
                number=number,
                low=low,
                high=high,
            )
        elif value != round(value, DECIMALS):
            self.faults[name] = gettext(
                "%(number)s has too many decimals: %(count)s are taken",
                number=number,
                count=DECIMALS,
            )
        return number


def _with(exercise: NetworkExercise, given: Mapping[str, Any], rate: Number) -> NetworkExercise:
    assert exercise.optimizer is not None
    optimizer = exercise.optimizer.model_copy(update={"learning_rate": rate})
    return exercise.model_copy(update={"given": given, "optimizer": optimizer})


def _walked(exercise: NetworkExercise) -> Values:
    return evaluate(exercise.derivation(), exercise.givens(), Binary64())


def _stepped(exercise: NetworkExercise, values: Values) -> NetworkExercise:
    """Return the exercise after a step of gradient descent, its numbers to the decimals taken."""
    updated = {
        str(quantity.name): str(quantity.name.updated)
        for quantity in exercise.derivation().givens
        if str(quantity.name.updated) in values
    }
    given = {
        name: _rounded(values[updated[name]]) if name in updated else array
        for name, array in exercise.given.items()
    }
    return _with(exercise, given, learning_rate(exercise))


def _rounded(array: Any) -> Any:
    numbers = [Number(_numeral(each).rstrip("0").rstrip(".")) for each in flatten(array)]
    return build(numbers, shape_of(array))


def _steps(exercise: NetworkExercise, numerals: Mapping[str, Any]) -> Iterator[ShownStep]:
    derivation = exercise.derivation()
    numbers = StepNumbers(
        exercise,
        derivation,
        {given.name: given.array for given in givens_of(exercise)},
        lambda quantity: numerals[str(quantity.name)],
    )
    for step in derivation.steps:
        formula = derivation.formula(step)
        put_in = numbers.put_into(formula)
        yield ShownStep(
            name=str(step.name),
            place=place_of(exercise, step.quantity).css,
            symbol=derivation.written(step.name),
            rights=(
                formula,
                *([] if put_in is None else [put_in]),
                _as_expression(numerals[str(step.name)], exercise),
            ),
        )


def _as_expression(array: Any, exercise: NetworkExercise) -> Expression:
    if isinstance(array, str):
        return Numeral(array)
    return Numerals(tuple(map(tuple, matrix_of(array, exercise.convention))))


def _numerals(array: Any) -> Any:
    return build([_numeral(each) for each in flatten(array)], shape_of(array))


def _numeral(value: float) -> str:
    """Return a double to the decimals shown; what rounds to 0 has no sign.

    >>> _numeral(-0.00001), _numeral(2.5)
    ('0.0000', '2.5000')
    """
    return f"{round(value, DECIMALS) + 0.0:.{DECIMALS}f}"
