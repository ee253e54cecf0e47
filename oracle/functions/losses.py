"""The losses: one record each, and the pairs of activation and loss that have a stabler form.

A loss is a sum of terms over output units and samples, divided by what its reduction counts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from gradgrade.oracle.arithmetic import ElementwiseRule, Matrix
from gradgrade.oracle.derivation.formulas.expression import (
    Abbreviated,
    Entry,
    Expression,
    Letter,
    Total,
    bracketed,
    in_line,
    where,
)
from gradgrade.oracle.derivation.formulas.functions import (
    half,
    larger,
    ln,
    magnitude,
    sign,
    smaller,
)
from gradgrade.oracle.functions import loss_derivatives as derivatives
from gradgrade.oracle.functions import loss_values as values

REDUCTIONS = ("mean", "mean_elements", "sum")


@dataclass(frozen=True, kw_only=True)
class LossFunction:
    """A loss L = Σ term(a, y) / count, or the root of that.

    Args:
        name: its name in documents.
        term: `term(arithmetic, a, y, *numbers)`, elementwise.
        derivative: `derivative(arithmetic, a, y, *numbers)`, ∂term/∂a, elementwise.
        targets: what y may be: any number, each in [0, 1], or a distribution over the units.
        formula: `formula(a, y, *numbers)`, the term.
        derivative_formula: `derivative_formula(a, y, *numbers)`, ∂term/∂a.
        source: where the form and its convention come from.
        is_root: whether L is the square root of the mean over samples and units, which leaves no
            choice of reduction.
        numbers: its own numbers by name, with their defaults.
    """

    name: str
    term: ElementwiseRule
    derivative: ElementwiseRule
    targets: Literal["any", "probability", "distribution"]
    formula: Callable[..., Expression]
    derivative_formula: Callable[..., Expression]
    source: str
    is_root: bool = False
    numbers: Mapping[str, str] = field(default_factory=dict)


MatrixRule = Callable[..., Matrix]


@dataclass(frozen=True, kw_only=True)
class OutputPair:
    """An output activation and a loss whose composition has a form without cancellation.

    Args:
        terms: `terms(arithmetic, z, y)`, the loss's terms from the pre-activation.
        gradient: `gradient(arithmetic, z, y)`, Σ-term's ∂/∂a, where it has a stabler form.
        delta: `delta(arithmetic, argument, y)`, ∂/∂z of the sum of terms.
        delta_from: what `argument` is: the pre-activation z or the activation a.
        delta_formula: `delta_formula(a, y)`, ∂/∂z of the sum of terms.
    """

    terms: MatrixRule
    gradient: MatrixRule | None
    delta: MatrixRule
    delta_from: Literal["z", "a"]
    delta_formula: Callable[[Expression, Expression], Expression]


_E = Letter("e")


def _huber(e: Expression, d: Expression) -> Expression:
    return where(magnitude(e) <= d, half * e**2, d * (magnitude(e) - half * d))


_ALL = (
    LossFunction(
        name="half_squared_error",
        term=values.half_squared_error,
        derivative=derivatives.half_squared_error,
        targets="any",
        formula=lambda a, y: half * (a - y) ** 2,
        derivative_formula=lambda a, y: a - y,
        source="seeds 001, 002, 003, 004",
    ),
    LossFunction(
        name="squared_error",
        term=values.squared_error,
        derivative=derivatives.squared_error,
        targets="any",
        formula=lambda a, y: (a - y) ** 2,
        derivative_formula=lambda a, y: 2 * (a - y),
        source="seed 000, whose own gradients lack the factor 2",
    ),
    LossFunction(
        name="cross_entropy",
        term=values.cross_entropy,
        derivative=derivatives.cross_entropy,
        targets="distribution",
        formula=lambda a, y: -y * ln(a),
        derivative_formula=lambda a, y: in_line(-y, a),
        source="named by seeds 001, 002; natural logarithm",
    ),
    LossFunction(
        name="binary_cross_entropy",
        term=values.binary_cross_entropy,
        derivative=derivatives.binary_cross_entropy,
        targets="probability",
        formula=lambda a, y: -bracketed(y * ln(a) + (1 - y) * ln(1 - a)),
        derivative_formula=lambda a, y: (1 - y) / (1 - a) - y / a,
        source="named by seed 002; natural logarithm",
    ),
    LossFunction(
        name="absolute_error",
        term=values.absolute_error,
        derivative=derivatives.absolute_error,
        targets="any",
        formula=lambda a, y: magnitude(a - y),
        derivative_formula=lambda a, y: sign(a - y),
        source="the field's; nothing is defined where a = y",
    ),
    LossFunction(
        name="huber",
        term=values.huber,
        derivative=derivatives.huber,
        targets="any",
        formula=lambda a, y, d: Abbreviated(_huber(_E, d), _E, a - y),
        derivative_formula=lambda a, y, d: larger(-d, smaller(a - y, d)),
        source="Huber (1964), with threshold d",
        numbers=MappingProxyType({"threshold": "1"}),
    ),
    LossFunction(
        name="root_mean_squared_error",
        term=values.squared_error,
        derivative=derivatives.squared_error,
        targets="any",
        formula=lambda a, y: (a - y) ** 2,
        derivative_formula=lambda a, y: 2 * (a - y),
        source="named by seed 002; the mean is over samples and units, inside the root",
        is_root=True,
    ),
)

LOSSES: Mapping[str, LossFunction] = MappingProxyType({each.name: each for each in _ALL})

OUTPUT_PAIRS: Mapping[tuple[str, str], OutputPair] = MappingProxyType(
    {
        ("softmax", "cross_entropy"): OutputPair(
            terms=values.cross_entropy_of_softmax,
            gradient=None,
            delta=derivatives.delta_of_softmax,
            delta_from="a",
            delta_formula=lambda a, y: a * Total(Entry(y, "j"), "j") - y,
        ),
        ("sigmoid", "binary_cross_entropy"): OutputPair(
            terms=values.binary_cross_entropy_of_sigmoid,
            gradient=derivatives.gradient_of_sigmoid,
            delta=derivatives.delta_of_sigmoid,
            delta_from="z",
            delta_formula=lambda a, y: a - y,
        ),
    }
)
