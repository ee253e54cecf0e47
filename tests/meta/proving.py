"""Derivations with a wrong step, put to the proof."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.proof.certify import certify
from gradgrade.oracle.proof.witness import MOST_ENTRIES_ALONE
from gradgrade.problems import Exercise
from tests.strategies import dense, written_exercise

BATCH = 2
WITNESS, REFERENCE = r"^the witness disagrees", r"^the reference disagrees"

Rule = Callable[..., Any]


def certified(exercise: Exercise, derivation: Derivation) -> Any:
    """The proof of a derivation, from the givens of an exercise."""
    return certify(derivation, exercise.givens(), digits=50)


def with_rule(exercise: Exercise, name: Name, rule: Rule) -> Derivation:
    """An exercise's derivation with another rule for one step."""
    derivation = exercise.derivation()
    return derivation.replacing(replace(derivation.by_name[name], rule=rule, entry=None))


def pulling_back(derivative: Rule) -> Rule:
    """The rule of δ that a derivative makes."""

    def rule(arithmetic: Any, da: Any, z: Any, *numbers: Any) -> Any:
        return arithmetic.multiply(da, arithmetic.map(derivative, z, *numbers))

    return rule


def small(activation: str) -> Exercise:
    """A network whose parameters the witness moves one by one."""
    return written_exercise([dense(3, activation), dense(2)], batch=BATCH)


def large(activation: str) -> Exercise:
    """A network of so many parameters that the witness moves all of them at once."""
    exercise = written_exercise([dense(9, activation), dense(4)], inputs=6, batch=BATCH)
    assert MOST_ENTRIES_ALONE < 9 * 6 + 4 * 9
    return exercise
