"""The two steps that layers with a pre-activation share: a = f(z), and δ from ∂L/∂a."""

from gradgrade.oracle.derivation.formulas.expression import Named
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Quantity
from gradgrade.oracle.derivation.roles import PullBack
from gradgrade.oracle.derivation.steps import Route, Step
from gradgrade.oracle.functions.activations import ACTIVATIONS, Activation
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.networks.layers.layer import Place, given_number
from gradgrade.oracle.networks.lines import Activated


def pre_activation(place: Place, shape: Shape) -> Quantity:
    """Return z."""
    return place.samples(place.z, shape, Group.PRE_ACTIVATION)


def activation_step(place: Place, activation: str, shape: Shape) -> Step:
    """Return the step a = f(z)."""
    record = ACTIVATIONS[activation]
    a, z = place.samples(place.a, shape, Group.ACTIVATION), place.z
    reads, printed = (z, *_own_numbers(place, activation)), record.apply_as_printed
    formula = record.function(*map(Named, reads))
    routes = (Route(reads, printed),) if printed else ()
    role = Activated(activation=record, z=z, a=a.name)
    return Step(a, reads, record.apply, formula, routes=routes, role=role)


def delta_step(place: Place, activation: str, shape: Shape) -> Step:
    """Return the step δ = ∂L/∂z from ∂L/∂a."""
    record = ACTIVATIONS[activation]
    z, a = place.z, place.a
    delta = place.samples(z.gradient, shape, Group.DELTA)
    da, argument = a.gradient, z if record.pulls_back_from == "z" else a
    own = _own_numbers(place, activation)
    reads = (da, argument, *own)
    formula = record.delta_formula(*map(Named, reads))
    routes = routes_from_a(record, da, a, *own)
    line = Activated(activation=record, z=z, a=a)
    role = PullBack(to=z, through=(line,), upstream=(da,))
    return Step(delta, reads, record.pull_back, formula, routes=routes, role=role)


def routes_from_a(record: Activation, da: Name, a: Name, *own: Name) -> tuple[Route, ...]:
    """Return the route to δ by the derivative from a, where the activation has such a form."""
    from_a = record.pull_back_from_a
    return (Route((da, a, *own), from_a),) if from_a else ()


def numbers_of(activation: str, layer: int) -> tuple[Quantity, ...]:
    """Return the activation's own numbers, which are given for its layer."""
    numbers = ACTIVATIONS[activation].numbers
    return tuple(given_number(each, layer) for each in numbers)


def _own_numbers(place: Place, activation: str) -> tuple[Name, ...]:
    return tuple(quantity.name for quantity in numbers_of(activation, place.layer))
