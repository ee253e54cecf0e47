"""A derivation that differs from another in a few steps, walked from the other's values."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.derivation.walking import rewalk, take, walk
from gradgrade.oracle.errors import UndefinedValue
from tests.examples import examples
from tests.oracle.drawn import Case, cases, dense, numbered, sequence

ARITHMETIC = Binary64()


def counting(derivation: Derivation, calls: list[Name]) -> Derivation:
    """The derivation with steps that say when they are evaluated."""

    def counted(step: Step) -> Step:
        def rule(*arguments: Any) -> Matrix:
            calls.append(step.name)
            return step.rule(*arguments)

        return replace(step, rule=rule)

    return derivation.replacing(*map(counted, derivation.steps))


def doubled(step: Step) -> Step:
    """The step with twice its value."""

    def rule(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
        value = step.rule(arithmetic, *matrices)
        return arithmetic.add(value, value)

    return replace(step, rule=rule)


@given(case=cases(kinds=[dense, sequence], scales=[1]), data=st.data())
@settings(max_examples=examples(30))
def test_a_changed_derivation_has_the_values_of_its_whole_walk(case: Case, data: st.DataObject):
    base = case.derivation
    step = data.draw(st.sampled_from(base.steps))
    changed = base.replacing(doubled(step))
    given = take(case.given, ARITHMETIC)
    found = rewalk(base, walk(base, given, ARITHMETIC), changed, ARITHMETIC)
    expected = walk(changed, given, ARITHMETIC)
    assert found.keys() == expected.keys()
    # As bytes, since what is not a number equals nothing.
    assert all(found[name].tobytes() == expected[name].tobytes() for name in expected)


def a_step(change: Callable[[Step], Step]) -> tuple[list[str], list[str]]:
    """What is evaluated of a network when δ of its first layer changes, and what was."""
    network = Network(inputs=2, layers=(Dense(units=2, activation="tanh"), Dense(units=1)))
    calls: list[Name] = []
    base = counting(derive(network, Loss(name="squared_error"), Optimizer()), calls)
    given = take(numbered(base).given, ARITHMETIC)
    values = walk(base, given, ARITHMETIC)
    whole = list(map(str, calls))
    calls.clear()
    changed = base.replacing(change(base.by_name[Name("z", 1).gradient]))
    rewalk(base, values, changed, ARITHMETIC)
    return list(map(str, calls)), whole


def test_only_what_differs_and_what_reads_it_is_evaluated():
    evaluated, whole = a_step(doubled)
    assert evaluated == ["delta1", "dW1", "db1", "dx", "W1_new", "b1_new"]
    assert len(whole) > len(evaluated)


def test_an_unchanged_derivation_is_not_evaluated_at_all():
    evaluated, _ = a_step(lambda step: step)
    assert evaluated == []


def test_errors_name_the_step():
    network = Network(inputs=1, layers=(Dense(units=1, activation="relu", bias="none"),))
    base = derive(network, Loss(name="squared_error"), Optimizer())
    reference = Reference(digits=50)
    values = walk(base, take(numbered(base).given, reference), reference)
    z = base.by_name[Name("z", 1)]
    changed = base.replacing(replace(z, rule=lambda arithmetic, *_: arithmetic.zeros(1, 1)))
    with pytest.raises(UndefinedValue, match=r"^delta1 is undefined: .*kink"):
        rewalk(base, values, changed, reference)
