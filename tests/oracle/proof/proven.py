"""Small networks, proven."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
from gradgrade.oracle.exact_numbers import Exact
from gradgrade.oracle.proof.certify import CertifiedValues, certify

TENTHS = [Decimal("0.1"), Decimal("0.2"), Decimal("-0.3")]


def proven(
    network: Network,
    givens: Mapping[str, Any],
    *,
    loss: str = "half_squared_error",
    digits: int = 50,
    iterations: int = 1,
) -> CertifiedValues:
    """The certified values of a network with one sample and plain descent at rate 1."""
    derivation = derive(network, Loss(name=loss), Optimizer(), iterations=iterations)
    return certify(derivation, {"learning_rate": 1, **givens}, digits=digits)


def one_unit(activation: str = "identity", *, inputs: int = 3) -> Network:
    """A network of one unit without a bias."""
    return Network(inputs=inputs, layers=(Dense(units=1, activation=activation, bias="none"),))


def weighted_sum(*terms: Exact) -> dict[str, Any]:
    """Givens of one unit whose pre-activation is the sum of some numbers."""
    return {"x": [[each] for each in terms], "y": [[1]], "W1": [[1] * len(terms)]}
