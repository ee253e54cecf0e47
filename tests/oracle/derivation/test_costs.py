"""Costs are told by the steps' own rules, before anything is computed."""

import math

import pytest

from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
from gradgrade.oracle.derivation.costs import ENTRY, STEP, UNIT, cost_of
from gradgrade.oracle.networks.layers import AveragePooling, Convolution, Flatten, MaxPooling
from gradgrade.oracle.networks.layers.windows import Windows

LOSS = Loss(name="half_squared_error")


def of(*layers, inputs=2, **fields):
    return derive(Network(inputs=inputs, layers=layers), LOSS, Optimizer(), **fields)


def test_a_small_network_costs_what_is_counted_by_hand():
    derivation = of(Dense(units=3, bias="none"), inputs=2)
    assert [str(step.name) for step in derivation.steps] == [
        *("z1", "a1", "loss", "da1", "delta1", "dW1", "dx", "W1_new")
    ]
    # Of these there are 3 + 3 + 1 + 3 + 3 + 6 + 2 + 6; W x, δ xᵀ and Wᵀ δ are 6 products each.
    products = 6 + 6 + 6
    update = 2 * 6
    least = STEP * 8 + ENTRY * 27 + products + update
    # The rest is the activation's, the loss's and its derivative's, of 3 entries each.
    assert math.ceil(least / UNIT) <= cost_of(derivation) <= math.ceil((least + 3 * 20) / UNIT)


def test_ten_times_the_samples_cost_ten_times_the_products_and_no_more_steps():
    one, ten = (cost_of(of(Dense(units=50), inputs=50, batch=n)) for n in (1, 10))
    # 2,500 weights have a gradient and an update, whatever the samples are.
    assert one < ten < 2 * one


def test_what_is_worked_twice_as_often_costs_twice_as_much():
    once, twice = (cost_of(of(Dense(units=3), iterations=n)) for n in (10, 20))
    assert twice == pytest.approx(2 * once, rel=0.01)


HUGE = Windows(size=(500, 500), stride=(1, 1))


@pytest.mark.parametrize(
    "layer",
    [
        Convolution(filters=100, kernel=(500, 500)),
        MaxPooling(windows=HUGE),
        AveragePooling(windows=HUGE),
    ],
)
def test_the_cost_of_what_could_never_be_walked_is_known_at_once(layer):
    # 251,001 positions of 250,000 entries: listed, they would fill any memory.
    derivation = of(layer, Flatten(), Dense(units=1), inputs=(3, 1000, 1000), batch=10_000)
    assert cost_of(derivation) > 10**12


def test_a_million_samples_are_counted_without_one_of_them():
    assert cost_of(of(Dense(units=100_000), inputs=100_000, batch=10_000)) > 10**11
