"""A convolution's mistakes in loops over its places, which read no derivation."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy
import pytest

from gradgrade.oracle.networks.layers import Convolution, Flatten
from gradgrade.problems import Exercise
from tests.problems.misconceptions.handed_in import assert_is, named_where_it_began, verdict_on
from tests.problems.misconceptions.structures import structure
from tests.problems.misconceptions.test_by_hand import BY_CODE, given_arrays
from tests.strategies import dense, variant

HEIGHT, WIDTH = 2, 2
RATE = 0.1


def convolving(stride: list[int]) -> Exercise:
    return variant(
        inputs=[2, 4, 3],
        layers=[
            {"type": "convolution", "filters": 2, "kernel": [HEIGHT, WIDTH], "stride": stride},
            {"type": "flatten"},
            dense(2, "tanh"),
        ],
        batch=2,
        optimizer={"name": "sgd", "learning_rate": RATE},
        tolerance="auto",
    )


def worked(
    g: Mapping[str, Any],
    stride: list[int],
    *,
    places_of_kernel: int = 1,
    places_of_bias: int = 1,
    is_overwritten: bool = False,
) -> dict[str, Any]:
    """Forward and back; gradients divided by so many places, overlaps added or overwritten."""
    x, kernels, bias = g["x"], g["W1"], g["b1"]
    samples = x.shape[-1]
    places = list(_places(x.shape[1:3], stride))
    z = numpy.zeros((2, 1 + places[-1][0], 1 + places[-1][1], samples))
    for f, (p, q, window), n in product(range(2), places, range(samples)):
        z[f, p, q, n] = (kernels[f] * x[:, *window, n]).sum() + bias[f]
    a2 = z.reshape(-1, samples)
    a3 = numpy.tanh(g["W3"] @ a2 + g["b3"][:, None])
    delta3 = (a3 - g["y"]) / samples * (1 - a3**2)
    da2 = g["W3"].T @ delta3
    delta1 = da2.reshape(z.shape)
    dW1, dx = numpy.zeros_like(kernels), numpy.zeros_like(x)
    for (p, q, window), n in product(places, range(samples)):
        back = numpy.zeros_like(x[:, *window, n])
        for f in range(2):
            dW1[f] += delta1[f, p, q, n] * x[:, *window, n] / places_of_kernel
            back += kernels[f] * delta1[f, p, q, n]
        dx[:, *window, n] = back if is_overwritten else dx[:, *window, n] + back
    gradients = {
        "W1": dW1,
        "b1": delta1.sum(axis=(1, 2, 3)) / places_of_bias,
        "W3": delta3 @ a2.T,
        "b3": delta3.sum(axis=1),
    }
    return {
        **{"z1": z, "a1": z, "a2": a2, "z3": numpy.arctanh(a3), "a3": a3},
        **{"loss": numpy.array(((a3 - g["y"]) ** 2).sum() / samples / 2)},
        **{"da3": (a3 - g["y"]) / samples, "delta3": delta3, "da2": da2},
        **{"da1": delta1, "delta1": delta1, "dx": dx},
        **{f"d{name}": each for name, each in gradients.items()},
        **{f"{name}_new": g[name] - RATE * each for name, each in gradients.items()},
    }


def _places(shape: tuple[int, ...], stride: list[int]) -> Iterator[tuple[int, int, Any]]:
    rows = range(0, shape[0] - HEIGHT + 1, stride[0])
    columns = range(0, shape[1] - WIDTH + 1, stride[1])
    for (p, i), (q, j) in product(enumerate(rows), enumerate(columns)):
        yield p, q, (slice(i, i + HEIGHT), slice(j, j + WIDTH))


MISTAKES: Mapping[str, Mapping[str, Any]] = {
    "overlaps_overwritten": {"is_overwritten": True},
    "kernel_gradient_averaged": {"places_of_kernel": 6},
    "kernel_bias_averaged": {"places_of_bias": 6},
}
EXERCISE = convolving([1, 1])


def test_who_makes_none_of_them_is_right():
    found = worked(given_arrays(EXERCISE), [1, 1])
    assert verdict_on(EXERCISE, found).outcome == "correct"


@pytest.mark.parametrize("code", MISTAKES)
def test_a_mistake_with_places_comes_to_what_it_comes_to_by_hand_and_is_named_alone(code: str):
    found = worked(given_arrays(EXERCISE), [1, 1], **MISTAKES[code])
    assert_is(EXERCISE, code, found)
    assert named_where_it_began(EXERCISE, found) == [code]


def test_overlaps_in_one_direction_alone():
    exercise = convolving([2, 1])
    found = worked(given_arrays(exercise), [2, 1], is_overwritten=True)
    assert_is(exercise, "overlaps_overwritten", found)


def test_nothing_is_averaged_or_overwritten_where_there_is_one_place_or_none_overlaps():
    apart = structure(
        Convolution(filters=1, kernel=(2, 2), stride=(2, 2)), Flatten(), inputs=(1, 4, 4)
    )
    alone = structure(Convolution(filters=1, kernel=(2, 2)), Flatten(), inputs=(1, 2, 2), batch=3)
    assert not list(BY_CODE["overlaps_overwritten"].mistakes(apart))
    assert list(BY_CODE["kernel_bias_averaged"].mistakes(apart))
    assert not [mistake for code in MISTAKES for mistake in BY_CODE[code].mistakes(alone)]
