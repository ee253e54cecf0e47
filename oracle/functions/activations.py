"""The activations: one record each, a line per fact.

To add one, write its value in `activation_values`, its derivative in `activation_derivatives`, and
its record here. Documents, schemas, the command line and the tests read this table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Literal

from gradgrade.oracle.arithmetic import Arithmetic, ElementwiseRule, Matrix
from gradgrade.oracle.derivation.formulas.expression import (
    Entry,
    Equality,
    Expression,
    Function,
    Letter,
    Total,
    expression,
    hadamard,
    in_line,
    where,
)
from gradgrade.oracle.derivation.formulas.functions import (
    defined,
    erf,
    exp,
    half,
    larger,
    ln,
    normal_density,
    normal_distribution,
    sech,
    sigmoid,
    smaller,
    sqrt,
    tanh,
)
from gradgrade.oracle.functions import activation_derivatives as derivatives
from gradgrade.oracle.functions import activation_values as values


@dataclass(frozen=True, kw_only=True)
class Activation:
    """An activation a = f(z) and the way a gradient passes back through it.

    Args:
        name: its name in documents.
        apply: `apply(arithmetic, z, *numbers) -> a`, on matrices.
        pull_back: `pull_back(arithmetic, da, argument, *numbers) -> delta`, on matrices.
        pulls_back_from: what `argument` is: the pre-activation z or the activation a.
        pull_back_from_a: the same from a instead of z, where textbooks have such a form.
        apply_as_printed: the value by another form, where that is the one that textbooks print.
        function: f, as formulas write it, of z and the activation's own numbers.
        formula: `formula(z, *numbers)`, its value.
        derivative: f', where it acts on each entry alone.
        delta_formula: `delta_formula(da, argument, *numbers)`, ∂L/∂z.
        source: where the form and its convention come from.
        numbers: its own numbers by name, with their defaults.
    """

    name: str
    apply: Callable[..., Matrix]
    pull_back: Callable[..., Matrix]
    pulls_back_from: Literal["z", "a"]
    function: Function
    formula: Callable[..., Expression]
    delta_formula: Callable[..., Expression]
    source: str
    derivative_formula: Callable[..., Expression] | None = None
    numbers: Mapping[str, str] = field(default_factory=dict)
    pull_back_from_a: Callable[..., Matrix] | None = None
    apply_as_printed: Callable[..., Matrix] | None = None

    @property
    def letters(self) -> tuple[Letter, ...]:
        """What formulas of it in general are of: z, and a letter for each of its numbers."""
        return _letters(self.numbers)


_LETTERS: Mapping[str, str] = MappingProxyType({"alpha": "α"})


def _letters(numbers: Mapping[str, str]) -> tuple[Letter, ...]:
    return (Letter("z"), *(Letter(_LETTERS[name]) for name in numbers))


def elementwise(
    *,
    name: str,
    value: ElementwiseRule,
    derivative: ElementwiseRule,
    notation: str,
    formula: Callable[..., Expression],
    derivative_formula: Callable[..., Expression],
    source: str,
    numbers: Mapping[str, str] = MappingProxyType({}),
    derivative_from_a: ElementwiseRule | None = None,
    value_as_printed: ElementwiseRule | None = None,
) -> Activation:
    """Make the record of an activation that acts on each entry alone: δ = ∂L/∂a ∘ f'(z)."""

    def apply_by(rule: ElementwiseRule, arithmetic: Arithmetic, z: Matrix, *own: Matrix) -> Matrix:
        return arithmetic.map(rule, z, *own)

    def pull_back_by(
        rule: ElementwiseRule, arithmetic: Arithmetic, da: Matrix, argument: Matrix, *own: Matrix
    ) -> Matrix:
        return arithmetic.multiply(da, arithmetic.map(rule, argument, *own))

    letters = _letters(numbers)
    derived = defined(f"{notation}'", derivative_formula, *letters, written=1)

    return Activation(
        name=name,
        apply=partial(apply_by, value),
        pull_back=partial(pull_back_by, derivative),
        pulls_back_from="z",
        function=defined(notation, formula, *letters, written=1),
        formula=formula,
        derivative_formula=derivative_formula,
        delta_formula=lambda da, z, *own: hadamard(da, derived(z, *own)),
        source=source,
        numbers=numbers,
        pull_back_from_a=derivative_from_a and partial(pull_back_by, derivative_from_a),
        apply_as_printed=value_as_printed and partial(apply_by, value_as_printed),
    )


def _logistic(z: Expression) -> Expression:
    return 1 / (1 + exp(-z))


def _softmax(z: Expression) -> Expression:
    return exp(Entry(z, "k")) / Total(exp(Entry(z, "j")), "j")


_ALL = (
    elementwise(
        name="identity",
        value=values.identity,
        derivative=derivatives.identity,
        notation="id",
        formula=lambda z: z,
        derivative_formula=lambda _: expression(1),
        source="seed 002: the output unit of the house-price network",
    ),
    elementwise(
        name="sigmoid",
        value=values.sigmoid,
        derivative=derivatives.sigmoid,
        derivative_from_a=derivatives.sigmoid_from_a,
        notation="σ",
        formula=_logistic,
        derivative_formula=lambda z: sigmoid(z) * sigmoid(-z),
        source="seeds 000 (which misprints it), 001, 003, 004",
    ),
    elementwise(
        name="tanh",
        value=values.tanh,
        derivative=derivatives.tanh,
        derivative_from_a=derivatives.tanh_from_a,
        notation="tanh",
        formula=tanh,
        derivative_formula=lambda z: Equality(1 - tanh(z) ** 2, sech(z) ** 2),
        source="seed 002: the scalar chain",
    ),
    elementwise(
        name="relu",
        value=values.relu,
        derivative=derivatives.relu,
        notation="relu",
        formula=lambda z: larger(z, 0),
        derivative_formula=lambda z: where(z > 0, 1, 0),
        source="seed 003: the layer class; at z = 0 nothing is defined",
    ),
    elementwise(
        name="leaky_relu",
        value=values.leaky_relu,
        derivative=derivatives.leaky_relu,
        derivative_from_a=derivatives.leaky_relu_from_a,
        notation="leaky",
        formula=lambda z, alpha: larger(z, 0) + alpha * smaller(z, 0),
        derivative_formula=lambda z, alpha: where(z > 0, 1, alpha),
        source="Maas, Hannun, Ng (2013); nothing is defined at z = 0 unless α = 1",
        numbers=MappingProxyType({"alpha": "0.01"}),
    ),
    elementwise(
        name="elu",
        value=values.elu,
        derivative=derivatives.elu,
        derivative_from_a=derivatives.elu_from_a,
        notation="elu",
        formula=lambda z, alpha: where(z > 0, z, alpha * (exp(z) - 1)),
        derivative_formula=lambda z, alpha: where(z > 0, 1, alpha * exp(z)),
        source="Clevert, Unterthiner, Hochreiter (2016); nothing is defined at 0 unless α = 1",
        numbers=MappingProxyType({"alpha": "1"}),
    ),
    elementwise(
        name="softplus",
        value=values.softplus,
        derivative=derivatives.softplus,
        derivative_from_a=derivatives.softplus_from_a,
        value_as_printed=values.softplus_as_printed,
        notation="softplus",
        formula=lambda z: ln(1 + exp(z)),
        derivative_formula=_logistic,
        source="Dugas et al. (2001)",
    ),
    elementwise(
        name="gelu",
        value=values.gelu,
        derivative=derivatives.gelu,
        notation="gelu",
        formula=lambda z: Equality(
            z * normal_distribution(z), half * z * (1 + erf(in_line(z, sqrt(2))))
        ),
        derivative_formula=lambda z: normal_distribution(z) + z * normal_density(z),
        source="Hendrycks, Gimpel (2016); the exact form, not its tanh approximation",
    ),
    elementwise(
        name="silu",
        value=values.silu,
        derivative=derivatives.silu,
        notation="silu",
        formula=lambda z: z * sigmoid(z),
        derivative_formula=lambda z: sigmoid(z) * (1 + z * sigmoid(-z)),
        source="Elfwing, Uchibe, Doya (2017)",
    ),
    Activation(
        name="softmax",
        apply=lambda arithmetic, z: arithmetic.softmax(z),
        pull_back=derivatives.softmax_pullback,
        pulls_back_from="a",
        function=defined("softmax", _softmax, *_letters({})),
        formula=_softmax,
        delta_formula=lambda da, a: hadamard(a, da - Total(Entry(hadamard(a, da), "j"), "j")),
        source="Bridle (1990); over the units of a sample",
    ),
)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({each.name: each for each in _ALL})
