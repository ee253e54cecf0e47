"""A wrong pull-back of a primitive must be rejected, by each of two checks that know no derivative.

One is numpy, which runs the program's text in complex steps. The other is the witness, which takes
differences of what is differentiated. A mutation that leaves every value as it is (the other
operand where both are the same) is no wrong pull-back, and must be accepted.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache, partial
from typing import Any

import pytest

from gradgrade.oracle import Derivation, evaluate
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.roles import PullBack, Total
from gradgrade.oracle.derivation.steps import Rule, Step
from gradgrade.oracle.derivation.walking import given_rows
from gradgrade.oracle.errors import NotCertified, UndefinedValue
from gradgrade.oracle.nested import flatten
from gradgrade.oracle.proof.enclose import enclose
from gradgrade.oracle.proof.witness import check_gradients
from tests.examples import spread
from tests.oracle.programs.compared import Program, differences
from tests.oracle.programs.written import OF_LINES, OF_PRIMITIVES

BITS = 120
REFERENCE = Reference(digits=40)
CLOSE = 1e-30

Mutation = Callable[[Step, Derivation], Step | None]
"""The step made wrong; None where it cannot be made wrong so."""


def scaled(factor: Fraction) -> Mutation:
    """A mutation that multiplies what a step makes."""
    return lambda step, _: changed(step, lambda rule, *read: times(factor, rule, *read))


def times(factor: Fraction, rule: Rule, arithmetic: Any, *matrices: Any) -> Any:
    return arithmetic.multiply(rule(arithmetic, *matrices), arithmetic.matrix([[factor]]))


def changed(step: Step, rule: Callable[..., Any]) -> Step:
    """A step by another rule, which is given its own one first."""
    return replace(step, rule=partial(rule, step.rule))


def averaged(step: Step, derivation: Derivation) -> Step | None:
    """Take the mean over what was repeated, in place of the sum."""
    own, upstream = size_of(step.name, derivation), size_of(step.reads[0], derivation)
    return scaled(Fraction(own, upstream))(step, derivation) if own < upstream else None


def one_left_out(step: Step, derivation: Derivation) -> Step | None:
    """Pass nothing back from the first of several entries."""

    def rule(own: Rule, arithmetic: Any, upstream: Any, *matrices: Any) -> Any:
        rows, columns = arithmetic.shape(upstream)
        left = [[int(i + j > 0) for j in range(columns)] for i in range(rows)]
        passed = arithmetic.multiply(upstream, arithmetic.matrix(left))
        return own(arithmetic, passed, *matrices)

    return changed(step, rule) if size_of(step.reads[0], derivation) > 1 else None


def upstream_left_out(step: Step, _: Derivation) -> Step:
    """Pass a 1 in the place of each entry of the upstream gradient."""

    def rule(own: Rule, arithmetic: Any, upstream: Any, *matrices: Any) -> Any:
        ones = arithmetic.map(lambda _, z: 1 + 0 * z, upstream)
        return own(arithmetic, ones, *matrices)

    return changed(step, rule)


def own_operand(step: Step, derivation: Derivation) -> Step | None:
    """Read the operand to which a gradient is passed in the place of another."""
    own = step.role.to if isinstance(step.role, PullBack) else None
    for place, name in enumerate(step.reads[1:], start=1):
        if name != own and own is not None and same_shape(name, own, derivation):
            reads = (*step.reads[:place], own, *step.reads[place + 1 :])
            return replace(step, reads=reads)
    return None


def value_for_argument(step: Step, derivation: Derivation) -> Step | None:
    """Read the operation's result in the place of the first operand."""
    if not isinstance(step.role, PullBack) or len(step.reads) < 2:
        return None
    (line,) = step.role.through
    value = line.node.name
    if value == step.reads[1] or not same_shape(value, step.reads[1], derivation):
        return None
    return replace(step, reads=(step.reads[0], value, *step.reads[2:]))


MUTATIONS: Mapping[str, Mutation] = {
    "a thousandth too large": scaled(Fraction(1001, 1000)),
    "a factor dropped": scaled(Fraction(1, 2)),
    "of the other sign": scaled(Fraction(-1)),
    "nothing": scaled(Fraction(0)),
    "the mean for the sum": averaged,
    "an entry not summed back": one_left_out,
    "the upstream gradient left out": upstream_left_out,
    "the own operand for the other": own_operand,
    "the value for the argument": value_for_argument,
}


def size_of(name: Any, derivation: Derivation) -> int:
    """How many entries a quantity has."""
    rows, columns = shape_of(name, derivation)
    return rows * columns


def shape_of(name: Any, derivation: Derivation) -> tuple[int, int]:
    quantities = (*derivation.givens, *(step.quantity for step in derivation.steps))
    return next(each.matrix_shape for each in quantities if each.name == name)


def same_shape(one: Any, other: Any, derivation: Derivation) -> bool:
    return shape_of(one, derivation) == shape_of(other, derivation)


def by_numpy(program: Program, derivation: Derivation) -> bool:
    """Whether complex steps through the text find what a derivation finds."""
    # In doubles a kink has a side; what is undefined is no derivative all the same.
    return found_by(program, derivation) is not None and differences(program, derivation) == {}


def by_witness(program: Program, derivation: Derivation) -> bool:
    """Whether differences find what a derivation finds."""
    try:
        enclosure = enclose(derivation, given_rows(derivation, program.givens), bits=BITS)
        check_gradients(enclosure, full=True)
    except (NotCertified, UndefinedValue):
        return False
    return True


CHECKS = {"numpy": by_numpy, "witness": by_witness}


@cache
def values(text: str) -> dict[str, Any] | None:
    return found_by(PROGRAMS[text], PROGRAMS[text].derivation)


def found_by(program: Program, derivation: Derivation) -> dict[str, Any] | None:
    """All values, or None where one is undefined."""
    try:
        return dict(evaluate(derivation, program.givens, REFERENCE))
    except UndefinedValue:
        return None


def is_unchanged(text: str, mutant: Derivation) -> bool:
    """Whether a mutation leaves every value as it is, but for rounding."""
    found, right = found_by(PROGRAMS[text], mutant), values(text)
    return (
        found is not None
        and right is not None
        and all(
            abs(one - other) <= CLOSE
            for name, expected in right.items()
            for one, other in zip(flatten(found[name]), flatten(expected), strict=True)
        )
    )


MEANT = (
    "a branch used twice",
    "attention",
    "a condition that chooses and is multiplied",
    "conditions made of conditions",
    "conditions that conditions choose",
)
PROGRAMS = OF_PRIMITIVES | {name: OF_LINES[name] for name in MEANT}


def mutants() -> Iterator[Any]:
    """Every pull-back of every program, made wrong in every way that it can be."""
    for text, program in PROGRAMS.items():
        derivation = program.derivation
        for number, step in enumerate(derivation.steps):
            if isinstance(step.role, PullBack):
                for name, mutation in MUTATIONS.items():
                    if (wrong := mutation(step, derivation)) is not None:
                        identity = f"{text.splitlines()[-1]}-{number}-{name}"
                        yield pytest.param(text, derivation.replacing(wrong), id=identity)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("text", PROGRAMS)
def test_a_primitives_pull_backs_are_accepted(text, check):
    assert CHECKS[check](PROGRAMS[text], PROGRAMS[text].derivation)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(("text", "mutant"), spread(list(mutants())))
def test_a_wrong_pull_back_is_rejected(text, mutant, check):
    assert CHECKS[check](PROGRAMS[text], mutant) == is_unchanged(text, mutant)


def test_few_mutations_change_nothing():
    unchanged = [each.id for each in mutants() if is_unchanged(*each.values)]
    assert len(unchanged) < 0.06 * len(list(mutants()))


def test_every_kind_of_mutation_is_tried():
    tried = {name for name in MUTATIONS for each in mutants() if str(each.id).endswith(name)}
    assert tried == set(MUTATIONS)


@pytest.mark.parametrize("check", CHECKS)
def test_a_contribution_left_out_of_a_sum_is_rejected(check):
    program = OF_LINES["a branch used twice"]
    for step in program.derivation.steps:
        if isinstance(step.role, Total):
            first = replace(step, rule=lambda _, part, *others: part)
            assert not CHECKS[check](program, program.derivation.replacing(first))
