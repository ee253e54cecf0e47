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
        notation: the function's symbol, LaTeX.
        formula: its value at z, LaTeX.
        derivative_formula: its derivative at z, LaTeX.
        delta_formula: `delta_formula(da, argument)`, ∂L/∂z in the text of its operands, LaTeX.
        source: where the form and its convention come from.
        numbers: its own numbers by name, with their defaults.
    """

    name: str
    apply: Callable[..., Matrix]
    pull_back: Callable[..., Matrix]
    pulls_back_from: Literal["z", "a"]
    notation: str
    formula: str
    derivative_formula: str
    delta_formula: Callable[[str, str], str]
    source: str
    numbers: Mapping[str, str] = field(default_factory=dict)
    pull_back_from_a: Callable[..., Matrix] | None = None
    apply_as_printed: Callable[..., Matrix] | None = None


def elementwise(
    *,
    name: str,
    value: ElementwiseRule,
    derivative: ElementwiseRule,
    notation: str,
    formula: str,
    derivative_formula: str,
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

    return Activation(
        name=name,
        apply=partial(apply_by, value),
        pull_back=partial(pull_back_by, derivative),
        pulls_back_from="z",
        notation=notation,
        formula=formula,
        derivative_formula=derivative_formula,
        delta_formula=lambda da, z: rf"{da} \circ {notation}'({z})",
        source=source,
        numbers=numbers,
        pull_back_from_a=derivative_from_a and partial(pull_back_by, derivative_from_a),
        apply_as_printed=value_as_printed and partial(apply_by, value_as_printed),
    )


_ALL = (
    elementwise(
        name="identity",
        value=values.identity,
        derivative=derivatives.identity,
        notation=r"\mathrm{id}",
        formula="z",
        derivative_formula="1",
        source="seed 002: the output unit of the house-price network",
    ),
    elementwise(
        name="sigmoid",
        value=values.sigmoid,
        derivative=derivatives.sigmoid,
        derivative_from_a=derivatives.sigmoid_from_a,
        notation=r"\sigma",
        formula=r"\frac{1}{1 + e^{-z}}",
        derivative_formula=r"\sigma(z)\,\sigma(-z)",
        source="seeds 000 (which misprints it), 001, 003, 004",
    ),
    elementwise(
        name="tanh",
        value=values.tanh,
        derivative=derivatives.tanh,
        derivative_from_a=derivatives.tanh_from_a,
        notation=r"\tanh",
        formula=r"\tanh z",
        derivative_formula=r"1 - \tanh^2 z = \mathrm{sech}^2 z",
        source="seed 002: the scalar chain",
    ),
    elementwise(
        name="relu",
        value=values.relu,
        derivative=derivatives.relu,
        notation=r"\mathrm{relu}",
        formula=r"\max(z, 0)",
        derivative_formula=r"1 \text{ where } z > 0,\ 0 \text{ where } z < 0",
        source="seed 003: the layer class; at z = 0 nothing is defined",
    ),
    elementwise(
        name="leaky_relu",
        value=values.leaky_relu,
        derivative=derivatives.leaky_relu,
        derivative_from_a=derivatives.leaky_relu_from_a,
        notation=r"\mathrm{leaky}",
        formula=r"\max(z, 0) + \alpha \min(z, 0)",
        derivative_formula=r"1 \text{ where } z > 0,\ \alpha \text{ where } z < 0",
        source="Maas, Hannun, Ng (2013); nothing is defined at z = 0 unless α = 1",
        numbers=MappingProxyType({"alpha": "0.01"}),
    ),
    elementwise(
        name="elu",
        value=values.elu,
        derivative=derivatives.elu,
        derivative_from_a=derivatives.elu_from_a,
        notation=r"\mathrm{elu}",
        formula=r"z \text{ where } z > 0,\ \alpha (e^z - 1) \text{ where } z < 0",
        derivative_formula=r"1 \text{ where } z > 0,\ \alpha e^z \text{ where } z < 0",
        source="Clevert, Unterthiner, Hochreiter (2016); nothing is defined at 0 unless α = 1",
        numbers=MappingProxyType({"alpha": "1"}),
    ),
    elementwise(
        name="softplus",
        value=values.softplus,
        derivative=derivatives.softplus,
        derivative_from_a=derivatives.softplus_from_a,
        value_as_printed=values.softplus_as_printed,
        notation=r"\mathrm{softplus}",
        formula=r"\ln(1 + e^z)",
        derivative_formula=r"\frac{1}{1 + e^{-z}}",
        source="Dugas et al. (2001)",
    ),
    elementwise(
        name="gelu",
        value=values.gelu,
        derivative=derivatives.gelu,
        notation=r"\mathrm{gelu}",
        formula=r"z\,\Phi(z) = \tfrac{1}{2} z (1 + \mathrm{erf}(z / \sqrt{2}))",
        derivative_formula=r"\Phi(z) + z\,\varphi(z)",
        source="Hendrycks, Gimpel (2016); the exact form, not its tanh approximation",
    ),
    elementwise(
        name="silu",
        value=values.silu,
        derivative=derivatives.silu,
        notation=r"\mathrm{silu}",
        formula=r"z\,\sigma(z)",
        derivative_formula=r"\sigma(z) (1 + z\,\sigma(-z))",
        source="Elfwing, Uchibe, Doya (2017)",
    ),
    Activation(
        name="softmax",
        apply=lambda arithmetic, z: arithmetic.softmax(z),
        pull_back=derivatives.softmax_pullback,
        pulls_back_from="a",
        notation=r"\mathrm{softmax}",
        formula=r"\frac{e^{z_k}}{\sum_j e^{z_j}}",
        derivative_formula=r"\frac{\partial a_k}{\partial z_j} = a_k ([k = j] - a_j)",
        delta_formula=lambda da, a: (
            rf"{a} \circ \left({da} - \textstyle\sum_j ({a} \circ {da})_j\right)"
        ),
        source="Bridle (1990); over the units of a sample",
    ),
)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({each.name: each for each in _ALL})
