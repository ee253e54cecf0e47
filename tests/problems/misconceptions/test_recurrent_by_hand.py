"""Mistakes in time and in an LSTM's gates, in loops over time steps that read no derivation."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy
import pytest

from gradgrade.oracle.networks.layers import LastStep, Lstm, Recurrent
from gradgrade.problems import Exercise
from tests.problems.misconceptions.handed_in import assert_is, named_where_it_began, verdict_on
from tests.problems.misconceptions.structures import structure
from tests.problems.misconceptions.test_by_hand import BY_CODE, given_arrays, sigmoid
from tests.strategies import dense, variant

RATE, STEPS, SAMPLES = 0.1, (0, 1, 2), 2
Arrays = Mapping[str, Any]
Rule = Callable[..., Any]


def unrolled(layer: str) -> Exercise:
    return variant(
        inputs=[len(STEPS), 2],
        layers=[{"type": layer, "units": 2}, {"type": "last_step"}, dense(2)],
        batch=SAMPLES,
        optimizer={"name": "sgd", "learning_rate": RATE},
        tolerance="auto",
    )


RECURRENT, LSTM = unrolled("recurrent"), unrolled("lstm")


def compared(g: Arrays, passed_on: Any) -> dict[str, Any]:
    """The dense layer behind a sequence, and ½ squared error, forward and back."""
    z = g["W3"] @ passed_on + g["b3"][:, None]
    delta = (z - g["y"]) / SAMPLES
    return {
        **{"a2": passed_on, "z3": z, "a3": z, "da3": delta, "delta3": delta},
        **{"loss": numpy.array(((z - g["y"]) ** 2).sum() / SAMPLES / 2)},
        **{"dW3": delta @ passed_on.T, "db3": delta.sum(axis=1), "da2": g["W3"].T @ delta},
    }


def updated(g: Arrays, found: dict[str, Any]) -> dict[str, Any]:
    parameters = [name for name in g if f"d{name}" in found and name != "x"]
    return found | {f"{name}_new": g[name] - RATE * found[f"d{name}"] for name in parameters}


# The simple recurrent layer


def recurrent(
    g: Arrays,
    *,
    take: Rule = lambda h: h[2],
    give: Rule = lambda da: [0 * da, 0 * da, da],
    state: Rule = lambda h, t: h[t - 1] if t else 0 * h[0],
    through: Rule = lambda delta, dh: delta,
    total: Rule = sum,
) -> dict[str, Any]:
    """Backpropagation through three time steps, with rules changed."""
    x, h, z = g["x"], [], []
    for t in STEPS:
        before = h[t - 1] if t else numpy.zeros((2, SAMPLES))
        z.append(g["Wxh_1"] @ x[t] + g["Whh_1"] @ before + g["bh_1"][:, None])
        h.append(numpy.tanh(z[t]))
    found = compared(g, take(h))
    da1 = give(found["da2"])
    dh, delta = [0, 0, 0], [0, 0, 0]
    later = numpy.zeros((2, SAMPLES))
    for t in reversed(STEPS):
        dh[t] = da1[t] + g["Whh_1"].T @ later
        delta[t] = dh[t] * (1 - h[t] ** 2)
        later = through(delta[t], dh[t])
    return updated(
        g,
        {
            **found,
            **{"z1": numpy.array(z), "a1": numpy.array(h)},
            **{"da1": numpy.array(dh), "delta1": numpy.array(delta)},
            "dWxh_1": total([delta[t] @ x[t].T for t in STEPS]),
            "dWhh_1": total([delta[t] @ state(h, t).T for t in STEPS]),
            "dbh_1": total([delta[t].sum(axis=1) for t in STEPS]),
            "dx": numpy.array([g["Wxh_1"].T @ delta[t] for t in STEPS]),
        },
    )


IN_TIME: Mapping[str, Mapping[str, Rule]] = {
    "last_step_only": {"total": lambda shares: shares[2]},
    "first_step_only": {"total": lambda shares: shares[0]},
    "gradient_averaged_over_time": {"total": lambda shares: sum(shares) / 3},
    "first_step_passed_on": {
        "take": lambda h: h[0],
        "give": lambda da: [da, 0 * da, 0 * da],
    },
    "mean_step_passed_on": {"take": lambda h: sum(h) / 3, "give": lambda da: [da / 3] * 3},
    "state_of_same_step": {"state": lambda h, t: h[t]},
    "not_through_time": {"through": lambda delta, dh: 0 * delta},
    "derivative_missing_through_time": {"through": lambda delta, dh: dh},
}


def test_who_makes_none_of_them_is_right():
    assert verdict_on(RECURRENT, recurrent(given_arrays(RECURRENT))).outcome == "correct"
    assert verdict_on(LSTM, lstm(given_arrays(LSTM))).outcome == "correct"


@pytest.mark.parametrize("code", IN_TIME)
def test_a_mistake_in_time_comes_to_what_it_comes_to_by_hand_and_is_named_alone(code: str):
    found = recurrent(given_arrays(RECURRENT), **IN_TIME[code])
    assert_is(RECURRENT, code, found)
    assert named_where_it_began(RECURRENT, found) == [code]


def test_one_time_step_has_no_other_to_be_taken_for():
    once = structure(Recurrent(units=2), LastStep(), inputs=(1, 2), batch=3)
    made = {code for code in IN_TIME if list(BY_CODE[code].mistakes(once))}
    assert made == {"state_of_same_step"}


# LSTM


def lstm(
    g: Arrays,
    *,
    order: str = "ifgo",
    forward: str = "ifo",
    backward: str = "ifo",
    forgetting: Rule = lambda dc, f: dc * f,
) -> dict[str, Any]:
    """An LSTM over three time steps.

    Args:
        g: what is given.
        order: whose weights the gates i, f, g, o have.
        forward: the gates that are taken for i, f and o in the cell and its output.
        backward: the gates that are given the gradients of i, f and o.
        forgetting: what goes back to the cell of the step before.
    """
    x, zeros = g["x"], numpy.zeros((2, SAMPLES))
    gates, h, c = [], [], []
    for t in STEPS:
        h_before, c_before = (h[t - 1], c[t - 1]) if t else (zeros, zeros)
        z = {
            gate: g[f"Wx{own}_1"] @ x[t] + g[f"Wh{own}_1"] @ h_before + g[f"b{own}_1"][:, None]
            for gate, own in zip("ifgo", order, strict=True)
        }
        gates.append({each: numpy.tanh(z[each]) if each == "g" else sigmoid(z[each]) for each in z})
        i, f, o = (gates[t][each] for each in forward)
        c.append(f * c_before + i * gates[t]["g"])
        h.append(o * numpy.tanh(c[t]))
    found = compared(g, h[2])
    da1 = [zeros, zeros, found["da2"]]
    dh, dx, dc_later, dh_later = [0, 0, 0], [0, 0, 0], zeros, zeros
    totals: dict[str, Any] = {}
    for t in reversed(STEPS):
        h_before, c_before = (h[t - 1], c[t - 1]) if t else (zeros, zeros)
        i, f, o = (gates[t][each] for each in "ifo")
        dh[t] = da1[t] + dh_later
        dc = dh[t] * o * (1 - numpy.tanh(c[t]) ** 2) + dc_later
        factors = (dc * gates[t]["g"], dc * c_before, dh[t] * numpy.tanh(c[t]))
        into = dict(zip(backward, factors, strict=True))
        delta = {gate: into[gate] * gates[t][gate] * (1 - gates[t][gate]) for gate in "ifo"}
        delta["g"] = dc * i * (1 - gates[t]["g"] ** 2)
        owned = {own: delta[gate] for gate, own in zip("ifgo", order, strict=True)}
        for own, each in owned.items():
            totals[f"dWx{own}_1"] = totals.get(f"dWx{own}_1", 0) + each @ x[t].T
            totals[f"dWh{own}_1"] = totals.get(f"dWh{own}_1", 0) + each @ h_before.T
            totals[f"db{own}_1"] = totals.get(f"db{own}_1", 0) + each.sum(axis=1)
        dh_later = sum(g[f"Wh{own}_1"].T @ each for own, each in owned.items())
        dx[t] = sum(g[f"Wx{own}_1"].T @ each for own, each in owned.items())
        dc_later = forgetting(dc, f)
    shown = {"a1": numpy.array(h), "da1": numpy.array(dh), "dx": numpy.array(dx)}
    return updated(g, found | shown | totals)


OF_GATES: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("gates_exchanged", "(i and f)"): {"forward": "fio"},
    ("gates_exchanged", "(i and o)"): {"forward": "ofi"},
    ("gates_exchanged", "(f and o)"): {"forward": "iof"},
    ("gates_exchanged_backward", "(i and f)"): {"backward": "fio"},
    ("gates_exchanged_backward", "(i and o)"): {"backward": "ofi"},
    ("gates_exchanged_backward", "(f and o)"): {"backward": "iof"},
    ("weights_of_other_gate", "(i and f)"): {"order": "figo"},
    ("weights_of_other_gate", "(g and o)"): {"order": "ifog"},
    ("not_through_cell", ""): {"forgetting": lambda dc, f: 0 * dc},
    ("forget_gate_missing_backward", ""): {"forgetting": lambda dc, f: dc},
}


@pytest.mark.parametrize(("code", "place"), OF_GATES)
def test_a_mistake_with_gates_comes_to_what_it_comes_to_by_hand_and_is_named_alone(
    code: str, place: str
):
    found = lstm(given_arrays(LSTM), **OF_GATES[code, place])
    assert_is(LSTM, code, found, place)
    assert named_where_it_began(LSTM, found) == [code]


def test_no_gates_are_exchanged_where_there_are_none():
    plain = structure(Recurrent(units=2), LastStep(), inputs=(2, 2))
    assert not [mistake for code, _ in OF_GATES for mistake in BY_CODE[code].mistakes(plain)]


def test_gates_of_two_layers_are_exchanged_in_both():
    two = structure(Lstm(units=2), Lstm(units=1), LastStep(), inputs=(2, 1))
    (first, *_) = BY_CODE["gates_exchanged"].mistakes(two)
    right = two.by_name
    changed = {each.name.layer for each in first.derivation.steps if right[each.name] is not each}
    assert changed == {1, 2}
