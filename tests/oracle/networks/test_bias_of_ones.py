"""A bias as a column of ones: the same network as one bias a unit, its biases in the weights."""

from fractions import Fraction

import pytest

from gradgrade.oracle.nested import flatten, transpose
from gradgrade.problems import solve
from tests.strategies import dense, variant

BATCH = 3


def with_ones(exercise, convention):
    """The exercise with layer 1's biases moved into its weights."""
    given = {name: _texts(array) for name, array in exercise.given.items()}
    rows = given["W1"] if convention == "column" else transpose(given["W1"])
    joined = [[*row, bias] for row, bias in zip(rows, given.pop("b1"), strict=True)]
    given["W1"] = joined if convention == "column" else transpose(joined)
    layers = [{"type": "dense", "units": 3, "activation": "sigmoid", "bias": "ones"}, dense(2)]
    return variant(
        layers=layers, convention=convention, given=given, batch=BATCH, arithmetic="decimal"
    )


def _texts(array):
    return [_texts(each) for each in array] if isinstance(array, list) else float(array.text)


@pytest.mark.parametrize("convention", ["column", "row"])
def test_a_column_of_ones_is_a_bias_per_unit(convention):
    per_unit = variant(
        layers=[dense(3, "sigmoid"), dense(2)],
        convention=convention,
        batch=BATCH,
        arithmetic="decimal",
    )
    plain, ones = solve(per_unit), solve(with_ones(per_unit, convention))
    for name in ("z1", "a1", "loss", "delta1", "da1", "dx", "dW2", "W2_new"):
        assert ones[name].value == plain[name].value
    for gradient, bias in (("dW1", "db1"), ("W1_new", "b1_new")):
        rows = ones[gradient].value
        rows = rows if convention == "column" else transpose(rows)
        weights = [row[:-1] for row in rows]
        expected = plain[gradient].value
        assert weights == (expected if convention == "column" else transpose(expected))
        assert [row[-1] for row in rows] == plain[bias].value


def test_the_weights_of_the_ones_are_regularized_with_the_others():
    layers = [{"type": "dense", "units": 1, "bias": "ones"}]
    fields = {"inputs": 1, "layers": layers, "arithmetic": "decimal", "batch": 1}
    fields["given"] = {"W1": [[0.5, 0.25]], "x": [[1]], "y": [[0.75]]}
    fields["regularization"] = {"l2": 0.5}
    solution = solve(variant(**fields))
    assert [Fraction(each) for each in flatten(solution["dW1"].value)] == [
        Fraction(1, 4),
        Fraction(1, 8),
    ]
