"""Reverse-mode automatic differentiation of scalars, in an mpmath context the caller passes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from mpmath import MPContext, mpf

Number: TypeAlias = mpf | int


class NotDifferentiableError(ValueError):
    """The function has no derivative at the point."""


class Variable:
    """A scalar, and the scalars it was computed from with its derivative by each of them."""

    __slots__ = ("parents", "value")

    def __init__(self, value: mpf, parents: Sequence[tuple[Variable, Number]] = ()) -> None:
        self.value = value
        self.parents = parents

    def __repr__(self) -> str:
        return f"Variable({self.value})"

    def __add__(self, other: Variable | Number) -> Variable:
        if isinstance(other, Variable):
            return Variable(self.value + other.value, ((self, 1), (other, 1)))
        return Variable(self.value + other, ((self, 1),))

    __radd__ = __add__

    def __neg__(self) -> Variable:
        return Variable(-self.value, ((self, -1),))

    def __sub__(self, other: Variable | Number) -> Variable:
        if isinstance(other, Variable):
            return Variable(self.value - other.value, ((self, 1), (other, -1)))
        return Variable(self.value - other, ((self, 1),))

    def __rsub__(self, other: Number) -> Variable:
        return Variable(other - self.value, ((self, -1),))

    def __mul__(self, other: Variable | Number) -> Variable:
        if isinstance(other, Variable):
            return Variable(self.value * other.value, ((self, other.value), (other, self.value)))
        return Variable(self.value * other, ((self, other),))

    __rmul__ = __mul__

    def __truediv__(self, other: Variable | Number) -> Variable:
        if isinstance(other, Variable):
            quotient = self.value / other.value
            return Variable(quotient, ((self, 1 / other.value), (other, -quotient / other.value)))
        return Variable(self.value / other, ((self, self.value.context.one / other),))

    def __rtruediv__(self, other: Number) -> Variable:
        quotient = other / self.value
        return Variable(quotient, ((self, -quotient / self.value),))

    def __pow__(self, exponent: Number) -> Variable:
        """A power whose exponent is a constant."""
        derivative = exponent * self.value ** (exponent - 1)
        return Variable(self.value**exponent, ((self, derivative),))

    def __abs__(self) -> Variable:
        if self.value == 0:
            raise NotDifferentiableError("the absolute value has no derivative at 0")
        return Variable(abs(self.value), ((self, 1 if self.value > 0 else -1),))


def duplicate(argument: Variable) -> Variable:
    """The same value as a quantity of its own, with a derivative of its own."""
    return Variable(argument.value, ((argument, 1),))


def total(context: MPContext, terms: Iterable[Variable]) -> Variable:
    """The sum of any number of terms."""
    terms = list(terms)
    return Variable(context.fsum(term.value for term in terms), [(term, 1) for term in terms])


def exp(context: MPContext, argument: Variable) -> Variable:
    """The exponential function."""
    value = context.exp(argument.value)
    return Variable(value, ((argument, value),))


def log(context: MPContext, argument: Variable) -> Variable:
    """The natural logarithm of a positive number."""
    if argument.value <= 0:
        raise NotDifferentiableError("the logarithm is defined for positive numbers only")
    return Variable(context.log(argument.value), ((argument, 1 / argument.value),))


def sqrt(context: MPContext, argument: Variable) -> Variable:
    """The square root of a positive number."""
    if argument.value <= 0:
        raise NotDifferentiableError("the square root has a derivative at positive numbers only")
    value = context.sqrt(argument.value)
    return Variable(value, ((argument, 1 / (2 * value)),))


def tanh(context: MPContext, argument: Variable) -> Variable:
    """The hyperbolic tangent; its derivative is 1/cosh²."""
    derivative = 1 / context.cosh(argument.value) ** 2
    return Variable(context.tanh(argument.value), ((argument, derivative),))


def sigmoid(context: MPContext, argument: Variable) -> Variable:
    """The logistic function 1/(1 + e⁻ˣ); its derivative is e⁻ˣ/(1 + e⁻ˣ)²."""
    decay = context.exp(-argument.value)
    value = 1 / (1 + decay)
    return Variable(value, ((argument, decay * value * value),))


def softplus(context: MPContext, argument: Variable) -> Variable:
    """ln(1 + eˣ); its derivative is eˣ/(1 + eˣ)."""
    growth = context.exp(argument.value)
    return Variable(context.log1p(growth), ((argument, growth / (1 + growth)),))


def erf(context: MPContext, argument: Variable) -> Variable:
    """The error function; its derivative is 2/√π · exp(−x²)."""
    derivative = 2 / context.sqrt(context.pi) * context.exp(-argument.value * argument.value)
    return Variable(context.erf(argument.value), ((argument, derivative),))


def maximum_with_zero(argument: Variable) -> Variable:
    """The larger of the argument and 0."""
    if argument.value == 0:
        raise NotDifferentiableError("the maximum with zero has no derivative at 0")
    if argument.value > 0:
        return duplicate(argument)
    return Variable(argument.value * 0, ((argument, 0),))


def gradients(output: Variable, variables: Sequence[Variable]) -> list[mpf]:
    """The derivatives of the output by each of the variables, each with all others held."""
    zero = output.value * 0
    derivatives: dict[Variable, mpf] = {output: zero + 1}
    for variable in reversed(_topological_order(output)):
        derivative = derivatives[variable]
        for parent, local_derivative in variable.parents:
            contribution = derivative * local_derivative
            if parent in derivatives:
                derivatives[parent] = derivatives[parent] + contribution
            else:
                derivatives[parent] = contribution
    return [derivatives.get(variable, zero) for variable in variables]


def _topological_order(output: Variable) -> list[Variable]:
    """All that the output depends on, every variable after its parents."""
    order: list[Variable] = []
    visited: set[Variable] = set()
    pending = [(output, False)]
    while pending:
        variable, parents_done = pending.pop()
        if parents_done:
            order.append(variable)
        elif variable not in visited:
            visited.add(variable)
            pending.append((variable, True))
            pending.extend((parent, False) for parent, _ in variable.parents)
    return order
