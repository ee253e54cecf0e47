"""Elementary functions, each with its slope in a form that holds where it saturates.

The stable ones (sigmoid, log_sigmoid, softplus) are primitives; what a program composes stays
composed. Where the field takes a slope from the value, that is a way beside.
"""

from __future__ import annotations

from collections.abc import Callable

from gradgrade.oracle.arithmetic import Arithmetic, Element, ElementwiseRule
from gradgrade.oracle.derivation.formulas.expression import Expression
from gradgrade.oracle.derivation.formulas.functions import (
    cos,
    exp,
    hadamard,
    ln,
    sigmoid,
    sin,
    sqrt,
)
from gradgrade.oracle.derivation.steps import Rule
from gradgrade.oracle.functions import activation_derivatives, activation_values
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.primitives.elementwise import Slope, each_entry, elementwise_operation
from gradgrade.oracle.primitives.primitive import VALUE, Operand, Operation, Primitive

Formula = Callable[..., Expression]


def _function(
    name: str,
    *,
    value: ElementwiseRule,
    formula: Formula,
    slope: ElementwiseRule,
    slope_formula: Formula,
    slope_from_value: ElementwiseRule | None = None,
    as_printed: ElementwiseRule | None = None,
    source: str = "",
    definition: str = "",
) -> Primitive:
    """Return the primitive of a function of one operand; slopes are functions of it alone."""
    from_value = () if slope_from_value is None else (((VALUE,), _multiplied(slope_from_value)),)
    passed = Slope(
        (0,), _multiplied(slope), lambda up, z: hadamard(up, slope_formula(z)), *from_value
    )
    ways = () if as_printed is None else (((0,), each_entry(as_printed)),)

    def bind(z: Operand) -> Operation:
        return elementwise_operation(
            z, value=each_entry(value), formula=formula, slopes=(passed,), ways=ways
        )

    return Primitive(
        name=name,
        operands=(1, 1),
        bind=bind,
        source=source or f"numpy.{name}",
        definition=definition,
    )


def _multiplied(slope: ElementwiseRule) -> Rule:
    return each_entry(lambda numbers, up, z: up * slope(numbers, z))


def _activation(name: str, definition: str = "") -> Primitive:
    """Return the primitive of an activation without numbers of its own."""
    record = ACTIVATIONS[name]
    assert record.derivative_formula is not None
    return _function(
        name,
        value=getattr(activation_values, name),
        formula=record.function,
        slope=getattr(activation_derivatives, name),
        slope_formula=record.derivative_formula,
        slope_from_value=getattr(activation_derivatives, f"{name}_from_a", None),
        as_printed=getattr(activation_values, f"{name}_as_printed", None),
        source=record.source,
        definition=definition,
    )


def _log_sigmoid(numbers: Arithmetic, z: Element) -> Element:
    """Return ln σ(z), as −(max(−z, 0) + ln(1 + e^−|z|))."""
    return -activation_values.softplus(numbers, -z)


_SIGMOID = """\
def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1) / (1 + e)
"""
_RELU = """\
def relu(x):
    return np.maximum(x, 0)
"""
_SOFTPLUS = """\
def softplus(x):
    return np.logaddexp(0, x)
"""
_GELU = """\
def gelu(x):
    from math import erfc

    return x * np.vectorize(erfc)(-x / np.sqrt(2)) / 2
"""
_SILU = """\
def silu(x):
    e = np.exp(-np.abs(x))
    return x * np.where(x < 0, e, 1) / (1 + e)
"""
_LOG_SIGMOID = """\
def log_sigmoid(x):
    return -np.logaddexp(0, -x)
"""

FUNCTIONS = (
    _function(
        "exp",
        value=lambda numbers, z: numbers.exp(z),
        formula=exp,
        slope=lambda numbers, z: numbers.exp(z),
        slope_formula=exp,
        slope_from_value=lambda _, a: a,
    ),
    _function(
        "log",
        value=lambda numbers, z: numbers.log(z),
        formula=ln,
        slope=lambda numbers, z: numbers.divide(1 + 0 * z, z),
        slope_formula=lambda z: 1 / z,
    ),
    _function(
        "sqrt",
        value=lambda numbers, z: numbers.sqrt(z),
        formula=sqrt,
        slope=lambda numbers, z: numbers.divide(1 + 0 * z, 2 * numbers.sqrt(z)),
        slope_formula=lambda z: 1 / (2 * sqrt(z)),
        slope_from_value=lambda numbers, a: numbers.divide(1 + 0 * a, 2 * a),
    ),
    _function(
        "sin",
        value=lambda numbers, z: numbers.sin(z),
        formula=lambda z: sin(z),
        slope=lambda numbers, z: numbers.cos(z),
        slope_formula=cos,
    ),
    _function(
        "cos",
        value=lambda numbers, z: numbers.cos(z),
        formula=cos,
        slope=lambda numbers, z: -numbers.sin(z),
        slope_formula=lambda z: -sin(z),
    ),
    _activation("sigmoid", _SIGMOID),
    _activation("tanh"),
    _activation("relu", _RELU),
    _activation("softplus", _SOFTPLUS),
    _activation("gelu", _GELU),
    _activation("silu", _SILU),
    _function(
        "log_sigmoid",
        value=_log_sigmoid,
        formula=lambda z: ln(sigmoid(z)),
        slope=lambda numbers, z: numbers.sigmoid(-z),
        slope_formula=lambda z: sigmoid(-z),
        slope_from_value=lambda numbers, a: -numbers.expm1(a),
        as_printed=lambda numbers, z: numbers.log(numbers.sigmoid(z)),
        source="scipy.special.log_expit; torch.nn.functional.logsigmoid",
        definition=_LOG_SIGMOID,
    ),
)
