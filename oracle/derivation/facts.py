"""What can be asked of a derivation beside its quantities: shapes and counts, whole numbers all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from math import prod

from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.formulas.expression import Expression, Number
from gradgrade.oracle.derivation.formulas.functions import sequence
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Kind, Layout, Quantity
from gradgrade.oracle.derivation.steps import Step

PARAMETERS = frozenset({Kind.WEIGHTS, Kind.RECURRENT_WEIGHTS, Kind.BIASES, Kind.SCALE, Kind.SHIFT})


@dataclass(frozen=True, slots=True)
class ShapeOf:
    """The lengths of a quantity's axes, as documents show it."""

    of: str

    @property
    def name(self) -> str:
        """What the part is called."""
        return f"shape_{self.of}"


@dataclass(frozen=True, slots=True)
class CountOf:
    """How many entries all parameters have."""

    what: str

    @property
    def name(self) -> str:
        """What the part is called."""
        return f"count_{self.what}"


@dataclass(frozen=True, slots=True)
class JacobianOf:
    """∂of/∂by: a row for each entry of the one, a column for each of the other."""

    of: str
    by: str

    @property
    def name(self) -> str:
        """What the part is called."""
        return f"jacobian_{self.of}_{self.by}"


@dataclass(frozen=True, slots=True)
class QuotientOf:
    """The loss's central differences by a given, with a step h."""

    by: str
    h: Fraction

    @property
    def name(self) -> str:
        """What the part is called."""
        return f"quotient_{self.by}"


@dataclass(frozen=True, slots=True)
class RelativeDifferenceOf:
    """How far those are from the gradient, relative to the larger of both."""

    by: str
    h: Fraction

    @property
    def name(self) -> str:
        """What the part is called."""
        return f"relative_difference_{self.by}"


Fact = ShapeOf | CountOf | JacobianOf | QuotientOf | RelativeDifferenceOf


def shape_step(derivation: Derivation, fact: ShapeOf) -> Step:
    """Return the step that states the shape of a quantity.

    Raises:
        ValueError: there is no such quantity, or it is a number.

    >>> from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
    >>> network = Network(inputs=2, layers=(Dense(units=3),))
    >>> derivation = derive(network, Loss(name="squared_error"), Optimizer(), batch=4)
    >>> shape_step(derivation, ShapeOf("dW1")).quantity.shape
    (2,)
    """
    quantity = derivation.find(fact.of) or derivation.given.get(fact.of)
    if quantity is None:
        raise ValueError(f"{fact.of} is no quantity of this exercise")
    shape = quantity.document_shape(derivation.convention)
    if not shape:
        raise ValueError(f"{fact.of} is a number, and has no shape to ask for")
    return _stated(Name(fact.name), tuple(shape), (len(shape),))


def count_step(derivation: Derivation, fact: CountOf) -> Step:
    """Return the step that states how many parameters there are.

    Raises:
        ValueError: there are none.
    """
    sizes = [prod(each.shape) for each in derivation.givens if each.kind in PARAMETERS]
    if not sizes:
        raise ValueError("there are no parameters to count")
    return _stated(Name(fact.name), (sum(sizes),), ())


def appended(derivation: Derivation, *steps: Step) -> Derivation:
    """Return a derivation with further steps behind the others."""
    return replace(derivation, steps=(*derivation.steps, *steps))


def _stated(name: Name, numbers: tuple[int, ...], shape: tuple[int, ...]) -> Step:
    quantity = Quantity(name, shape, Layout.FIXED, Group.FACT)
    written: list[Expression] = [Number(Fraction(each)) for each in numbers]
    formula = sequence(*written) if len(written) > 1 else written[0]
    return Step(quantity, (), partial(_constant, numbers), formula)


def _constant(numbers: tuple[int, ...], arithmetic: Arithmetic) -> Matrix:
    return arithmetic.matrix([[each] for each in numbers])
