r"""Schedules: the learning rate η_t of iteration t, counted from 1.

Source: seed 003 names the annealed learning rate; the forms are the field's usual ones.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gradgrade.oracle.arithmetic import Arithmetic, Element
from gradgrade.oracle.derivation.formulas.expression import Expression, in_line
from gradgrade.oracle.derivation.formulas.functions import cos, exp, half, pi, whole_part


@dataclass(frozen=True, kw_only=True)
class ScheduleRule:
    """A schedule.

    Args:
        name: its name in documents.
        rate: `rate(t, every)` gives the elementwise rule `rule(arithmetic, η, *numbers)`.
        numbers: the names of its numbers, which have no defaults.
        takes_every: whether it counts in steps of `every` iterations.
        formula: `formula(t, every, η, *numbers)`, η_t.
    """

    name: str
    rate: Callable[[int, int], Callable[..., Element]]
    numbers: tuple[str, ...]
    takes_every: bool
    formula: Callable[..., Expression]


def _constant(_: int, __: int) -> Callable[..., Element]:
    return lambda _, eta: eta


def _step(t: int, every: int) -> Callable[..., Element]:
    drops = (t - 1) // every
    return lambda _, eta, factor: eta * factor**drops


def _exponential(t: int, _: int) -> Callable[..., Element]:
    def rule(arithmetic: Arithmetic, eta: Element, rate: Element) -> Element:
        return eta * arithmetic.exp(-rate * (t - 1))

    return rule


def _inverse_time(t: int, _: int) -> Callable[..., Element]:
    return lambda _, eta, rate: eta / (1 + rate * (t - 1))


def _cosine(t: int, _: int) -> Callable[..., Element]:
    def rule(arithmetic: Arithmetic, eta: Element, period: Element) -> Element:
        return eta * (1 + arithmetic.cos_pi((t - 1) / period)) / 2

    return rule


_ALL = (
    ScheduleRule(
        name="constant",
        rate=_constant,
        numbers=(),
        takes_every=False,
        formula=lambda _, __, eta: eta,
    ),
    ScheduleRule(
        name="step",
        rate=_step,
        numbers=("factor",),
        takes_every=True,
        formula=lambda t, every, eta, factor: eta * factor ** whole_part(in_line(t - 1, every)),
    ),
    ScheduleRule(
        name="exponential",
        rate=_exponential,
        numbers=("rate",),
        takes_every=False,
        formula=lambda t, _, eta, rate: eta * exp(-rate * (t - 1)),
    ),
    ScheduleRule(
        name="inverse_time",
        rate=_inverse_time,
        numbers=("rate",),
        takes_every=False,
        formula=lambda t, _, eta, rate: eta / (1 + rate * (t - 1)),
    ),
    ScheduleRule(
        name="cosine",
        rate=_cosine,
        numbers=("period",),
        takes_every=False,
        formula=lambda t, _, eta, period: half * eta * (1 + cos(pi * (t - 1) / period)),
    ),
)

SCHEDULES: Mapping[str, ScheduleRule] = MappingProxyType({each.name: each for each in _ALL})
