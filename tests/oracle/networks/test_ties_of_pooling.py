"""Where two of a window are largest there is no gradient, unless both are units that are off."""

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from gradgrade.oracle.errors import NotCertified, UndefinedValue
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.problems import Exercise, solve
from tests.agreement import exact
from tests.independent.interpreter import interpret
from tests.oracle.networks.layer_documents import FLATTEN, convolution, layer
from tests.strategies import dense, variant

# Of the four windows of the convolution's 4 by 4 output, the second has no active unit.
POOLED = {
    "inputs": [1, 4, 4],
    "layers": [
        convolution("relu", filters=1, kernel=[1, 1]),
        layer("max_pooling", size=[2, 2]),
        FLATTEN,
        dense(2),
    ],
    "batch": 1,
    "convention": "row",
    "arithmetic": "decimal",
    "given": {
        "x": [[[[1, 2, -1, -2], [-3, 4, -4, -3], [5, -6, 7, 8], [6, -7, -1, 9]]]],
        "W1": [[[[0.5]]]],
        "b1": [-0.25],
    },
}
TINY = Decimal("1e-120")


def without_ties(exercise: Exercise) -> dict[str, Any]:
    """What the interpreter finds where inactive units are scaled by a number close to 0."""
    document = json.loads(exercise.to_json(), parse_float=Decimal)
    document["layers"][0] |= {"activation": "leaky_relu", "alpha": TINY}
    return interpret(document, 300)


def test_a_pooled_window_of_inactive_units_passes_no_gradient():
    exercise = variant(**POOLED)
    solution, expected = solve(exercise), without_ties(exercise)
    assert "da1" in set(expected) - set(solution)
    assert set(expected) - set(solution) == {"da1"}
    for name, solved in solution.items():
        found = map(Fraction, flatten(solved.value))
        for one, other in zip(found, map(exact, flatten(expected[name])), strict=True):
            assert abs(one - other) <= abs(other) / 10**45 + Fraction(1, 10**100), name
    (rows,) = solution["delta1"].value[0]
    assert [row[2:] for row in rows[:2]] == [["0", "0"], ["0", "0"]]
    assert rows[1][1] != "0"


@pytest.mark.parametrize("name", ["da1", "da1@1"])
def test_the_gradient_by_a_relu_before_max_pooling_is_not_a_quantity(name):
    derivation = variant(**POOLED).derivation()
    assert derivation.find(name) is None
    assert derivation.find("da2") is not None


def test_the_gradient_by_a_relu_before_max_pooling_is_a_quantity_of_no_iteration():
    names = set(variant(**POOLED | {"iterations": 2}).derivation().results)
    assert not {"da1", "da1@1", "da1@2"} & names
    assert {"delta1@1", "dW1@2"} <= names


RATIONAL = ("identity", "leaky_relu")


@pytest.mark.parametrize("activation", sorted(set(ACTIVATIONS) - {"relu", "softmax"}))
def test_a_tie_behind_another_activation_is_refused(activation):
    layers = [POOLED["layers"][0] | {"activation": activation}, *POOLED["layers"][1:]]
    tied = with_entries(variant(**POOLED | {"layers": layers}), {(1, 1): 2})
    # That two irrational numbers are equal can only fail to be refuted. elu is the identity here.
    refusal = UndefinedValue if activation in RATIONAL else (UndefinedValue, NotCertified)
    with pytest.raises(refusal, match="maximum"):
        solve(tied)


def test_a_tie_of_active_units_is_refused():
    with pytest.raises(UndefinedValue, match=r"is undefined: .*maximum"):
        solve(with_entries(variant(**POOLED), {(1, 1): 2}))


def test_a_tie_below_the_largest_is_none():
    assert solve(with_entries(variant(**POOLED), {(0, 0): 2}))


def test_a_tie_in_the_input_is_refused_by_the_name_of_its_gradient():
    exercise = variant(
        inputs=[1, 2, 2],
        layers=[layer("max_pooling", size=[2, 2]), FLATTEN, dense(1)],
        given={"x": [[[[1], [2]], [[3], [-1]]]]},
    )
    with pytest.raises(UndefinedValue, match=r"^dx is undefined: .*maximum"):
        solve(with_entries(exercise, {(0, 1): 3}, convention="column"))


def test_a_window_of_zeros_in_the_input_is_refused():
    exercise = variant(
        inputs=[1, 2, 2],
        layers=[layer("max_pooling", size=[2, 2]), FLATTEN, dense(1)],
        given={"x": [[[[1], [2]], [[3], [-1]]]]},
    )
    zeros = {(i, j): 0 for i in range(2) for j in range(2)}
    with pytest.raises(UndefinedValue, match=r"^dx is undefined: .*maximum"):
        solve(with_entries(exercise, zeros, convention="column"))


def with_entries(
    exercise: Exercise, entries: dict[tuple[int, int], int], convention: str = "row"
) -> Exercise:
    """The same exercise with other entries of its only image; never drawn, so never refused."""
    document = json.loads(exercise.to_json())
    image = document["given"]["x"][0]
    for (i, j), value in entries.items():
        if convention == "row":
            image[0][i][j] = value
        else:
            image[i][j] = [value]
    return Exercise.from_json(json.dumps(document))


def test_a_tie_that_only_decimals_have_is_found():
    # 0.1 + 0.2 and 0.3 are one number in decimal, and two in binary64.
    image = [[[[0.1, 0.3], [0.2, 0]]]]
    fields: dict[str, Any] = {
        "inputs": [1, 2, 2],
        "layers": [
            convolution(filters=1, kernel=[2, 1], bias="none"),
            layer("max_pooling", size=[1, 2]),
            FLATTEN,
            dense(1),
        ],
        "convention": "row",
        "given": {"W1": [[[[1], [1]]]], "x": [[[[1, 2], [3, 1]]]]},
    }
    for arithmetic, is_refused in (("decimal", True), ("binary64", False)):
        document = json.loads(variant(**fields, arithmetic=arithmetic).to_json())
        document["given"]["x"] = image
        exercise = Exercise.from_json(json.dumps(document))
        if is_refused:
            with pytest.raises(UndefinedValue, match="maximum"):
                solve(exercise)
        else:
            assert shape_of(solve(exercise)["dx"].value) == (1, 1, 2, 2)
