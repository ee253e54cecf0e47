"""The proof must reject wrong arithmetic: what is wrong in one of the two is seen by the other."""

from collections.abc import Iterator
from typing import Any

import pytest
from flint import arb

from gradgrade.oracle import evaluate
from gradgrade.oracle.arithmetic.ball import Ball
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.walking import given_rows
from gradgrade.oracle.errors import NotCertified
from gradgrade.oracle.proof.certify import certify
from gradgrade.oracle.proof.crosscheck import LARGE, check_reference
from gradgrade.oracle.proof.enclose import bits_of, enclose
from gradgrade.problems import Exercise
from tests.meta.proving import BATCH, REFERENCE, certified, small
from tests.strategies import dense, written_exercise

TINY = 10.0**-40


class WrongReference(Reference):
    """The reference with a tanh that is off by 1e-40 of itself."""

    def tanh(self, z: Any) -> Any:
        return super().tanh(z) * (1 + self._number(TINY))


class DroppingReference(Reference):
    """The reference with a sum that loses its smallest term."""

    def dot(self, left: Any, right: Any) -> Any:
        columns = list(zip(*right, strict=True))
        return [[self._most(row, column) for column in columns] for row in left]

    def _most(self, row: Any, column: Any) -> Any:
        products = sorted((a * b for a, b in zip(row, column, strict=True)), key=abs)
        return self.sum_of(products[1:] if len(products) > 1 else products)


class WrongBall(Ball):
    """Balls with a tanh whose middle is off by 1e-40 of itself."""

    def tanh(self, z: Any) -> Any:
        return super().tanh(z) * (1 + arb(TINY))


class NarrowBall(Ball):
    """Balls with an exponential that loses its last bits and claims to have none lost."""

    def tanh(self, z: Any) -> Any:
        middle = super().tanh(z).mid()
        with Ball(bits=100).active():
            return (middle + 0).mid()


def reference_is_checked(exercise: Exercise) -> None:
    """Walk the balls, and the reference against them."""
    derivation = exercise.derivation()
    enclosure = enclose(derivation, given_rows(derivation, exercise.givens()), bits=bits_of(50))
    check_reference(enclosure, digits=50, full=False)


def of_size(units: int) -> Exercise:
    """A network of tanh units."""
    return written_exercise([dense(units, "tanh"), dense(2)], inputs=20, batch=BATCH)


SAMPLED = 1 + LARGE // 20


@pytest.mark.parametrize("units", [2, SAMPLED])
@pytest.mark.parametrize("wrong", [WrongReference, DroppingReference])
def test_a_wrong_reference_disagrees_with_the_balls(wrong, units, monkeypatch):
    reference_is_checked(of_size(units))
    monkeypatch.setattr("gradgrade.oracle.proof.crosscheck.Reference", wrong)
    with pytest.raises(NotCertified, match=REFERENCE):
        reference_is_checked(of_size(units))
    with pytest.raises(NotCertified, match=REFERENCE):
        certified(of_size(units), of_size(units).derivation())


@pytest.mark.parametrize("units", [2, SAMPLED])
@pytest.mark.parametrize("wrong", [WrongBall, NarrowBall])
def test_wrong_or_too_narrow_balls_disagree_with_the_reference(wrong, units, monkeypatch):
    monkeypatch.setattr("gradgrade.oracle.proof.enclose.Ball", wrong)
    with pytest.raises(NotCertified, match=REFERENCE):
        certified(of_size(units), of_size(units).derivation())


@pytest.mark.parametrize("digits", [1, 5, 30])
def test_a_wrong_reference_is_found_whatever_digits_are_asked(digits, monkeypatch):
    # Doubles are always promised, so a reference that is wrong in their digits must be found.
    class Off(Reference):
        def tanh(self, z: Any) -> Any:
            return super().tanh(z) * (1 + self._number(2.0**-50))

    exercise = of_size(2)
    monkeypatch.setattr("gradgrade.oracle.proof.crosscheck.Reference", Off)
    with pytest.raises(NotCertified, match=REFERENCE):
        certify(exercise.derivation(), exercise.givens(), digits=digits)


def primitives() -> Iterator[Any]:
    """Every function of elements that an activation uses, with an activation that uses it."""
    users = {
        "exp": "sigmoid",
        "expm1": "elu",
        "log1p": "softplus",
        "normal_distribution": "gelu",
        "normal_density": "gelu",
        "tanh": "tanh",
        "sech": "tanh",
        "sigmoid": "silu",
        "softmax": "softmax",
        "positive_part": "relu",
    }
    for name, user in users.items():
        yield pytest.param(name, user, id=name)


@pytest.mark.parametrize(("name", "activation"), list(primitives()))
@pytest.mark.parametrize("base", [Reference, Ball])
def test_every_primitive_is_checked_by_the_other_arithmetic(base, name, activation, monkeypatch):
    original = getattr(base, name)

    def off(self: Any, z: Any) -> Any:
        found = original(self, z)
        if name == "softmax":
            return self.multiply(found, self.matrix([[1 + 2.0**-50]]))
        return found * (1 + (arb if base is Ball else self._number)(2.0**-50))

    wrong = type("Wrong", (base,), {name: off})
    place = {
        Reference: "gradgrade.oracle.proof.crosscheck.Reference",
        Ball: "gradgrade.oracle.proof.enclose.Ball",
    }[base]
    monkeypatch.setattr(place, wrong)
    exercise = small(activation)
    with pytest.raises(NotCertified, match=REFERENCE):
        certified(exercise, exercise.derivation())


def test_without_any_of_this_the_same_exercises_are_proven():
    exercise = of_size(SAMPLED)
    values = certified(exercise, exercise.derivation())
    found = evaluate(exercise.derivation(), exercise.givens(), Reference(digits=60))
    assert list(values) == list(found)
