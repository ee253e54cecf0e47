"""Every layer, proven, against the interpreter that shares no line with the oracle."""

from typing import Any, get_args

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.functions.losses import LOSSES
from gradgrade.problems import DocumentError, Exercise, ExerciseError, ProblemSet, solve
from gradgrade.problems.documents.structures.layers import LayerModel
from gradgrade.problems.generate import ungated
from tests.agreement import interpreted, same
from tests.examples import examples
from tests.independent.autodiff import NotDifferentiableError
from tests.oracle.networks.layer_documents import FLATTEN, LAST, convolution, layer
from tests.strategies import (
    ARITHMETICS,
    BIASES,
    CONVENTIONS,
    OBJECTIVES,
    WITHOUT_ZERO,
    dense,
    fits,
    loss_document,
    optimizer_document,
    problem_set,
    variant,
)


def assert_proven_as_interpreted(exercise: Exercise) -> None:
    """Assert that the solution's digits are the interpreter's, quantity by quantity."""
    expected, solution = interpreted(exercise), solve(exercise, digits=50)
    assert set(solution) == set(expected)
    assert [name for name in solution if not same(solution[name].value, expected[name])] == []


# The network, and how many units a sample has; each layer is inside it, so that all it passes
# back is read.
CASES: dict[str, dict[str, Any]] = {
    "dropout": {"layers": [dense(4, "tanh"), layer("dropout", rate=0.4), dense(1)]},
    "dropout of nothing": {"layers": [dense(2, "tanh"), layer("dropout", rate=0), dense(1)]},
    "dropout of the input": {"layers": [layer("dropout"), dense(2, "sigmoid")]},
    "batch normalization": {
        "layers": [dense(3), layer("batch_normalization"), dense(1, "tanh")],
        "batch": 4,
    },
    "batch normalization of one sample": {
        "layers": [dense(2, "tanh"), layer("batch_normalization"), dense(1)],
        "batch": 1,
    },
    "batch normalization with a large epsilon": {
        "layers": [dense(2, "tanh"), layer("batch_normalization", epsilon=0.5), dense(1)]
    },
    "batch normalization at the output": {"layers": [dense(2), layer("batch_normalization")]},
    "layer normalization": {"layers": [dense(3), layer("layer_normalization"), dense(1, "tanh")]},
    "layer normalization of the input": {"layers": [layer("layer_normalization"), dense(2)]},
    "convolution with stride and padding": {
        "inputs": [2, 5, 4],
        "layers": [
            convolution("tanh", filters=3, kernel=[2, 3], stride=[2, 1], padding=[1, 1]),
            FLATTEN,
            dense(2),
        ],
    },
    "convolution whose kernel misses the edge": {
        "inputs": [1, 4, 4],
        "layers": [convolution("tanh", kernel=[2, 2], stride=[3, 2]), FLATTEN],
    },
    "padding wider than the kernel": {
        "inputs": [1, 2, 2],
        "layers": [convolution("sigmoid", kernel=[1, 2], padding=[2, 2], stride=[1, 3]), FLATTEN],
    },
    "two convolutions": {
        "inputs": [1, 4, 4],
        "layers": [convolution("tanh"), convolution("softplus", filters=1), FLATTEN, dense(1)],
    },
    "an image as the output": {"inputs": [1, 3, 3], "layers": [convolution("sigmoid", filters=1)]},
    "batch normalization of channels": {
        "inputs": [1, 3, 3],
        "layers": [convolution(), layer("batch_normalization"), FLATTEN, dense(1, "tanh")],
    },
    "dropout of an image": {
        "inputs": [1, 3, 3],
        "layers": [convolution("tanh"), layer("dropout", rate=0.25), FLATTEN, dense(1)],
    },
    "average pooling": {
        "inputs": [2, 5, 4],
        "layers": [convolution("tanh"), layer("average_pooling", size=[2, 3]), FLATTEN, dense(1)],
    },
    "average pooling with overlaps": {
        "inputs": [1, 4, 4],
        "layers": [
            convolution("tanh"),
            layer("average_pooling", size=[2, 2], stride=[1, 1]),
            FLATTEN,
        ],
    },
    "max pooling": {
        "inputs": [1, 5, 6],
        "layers": [convolution("softplus"), layer("max_pooling", size=[2, 2]), FLATTEN, dense(2)],
    },
    "max pooling with overlaps": {
        "inputs": [1, 4, 4],
        "layers": [
            convolution("tanh"),
            layer("max_pooling", size=[2, 2], stride=[1, 1]),
            FLATTEN,
            dense(1),
        ],
    },
    "max pooling of the input": {
        "inputs": [2, 2, 2],
        "layers": [layer("max_pooling", size=[1, 2]), FLATTEN, dense(1, "tanh")],
        "draw": {"inputs": {"low": -1, "high": 1, "step": 0.001}},
    },
    "recurrent": {
        "inputs": [4, 3],
        "layers": [layer("recurrent", units=2), LAST, dense(1)],
    },
    "recurrent without a bias": {
        "inputs": [3, 2],
        "layers": [layer("recurrent", units=2, bias="none"), FLATTEN, dense(1)],
    },
    "a sequence as the output": {"inputs": [3, 2], "layers": [layer("recurrent", units=2)]},
    "one time step": {"inputs": [1, 2], "layers": [layer("lstm", units=2), LAST, dense(1)]},
    "lstm": {"inputs": [3, 2], "layers": [layer("lstm", units=2), LAST, dense(1)]},
    "lstm at the output": {"inputs": [2, 2], "layers": [layer("lstm", units=2)]},
    "recurrent layers, one on the other": {
        "inputs": [3, 2],
        "layers": [layer("recurrent", units=2), layer("lstm", units=2), FLATTEN, dense(1)],
    },
    "recurrent after dropout": {
        "inputs": [2, 3],
        "layers": [layer("dropout", rate=0.25), layer("recurrent", units=2), LAST],
    },
}


def test_every_type_of_layer_has_a_case():
    models = get_args(get_args(LayerModel)[0])
    types = {get_args(model.model_fields["type"].annotation)[0] for model in models}
    assert {each["type"] for case in CASES.values() for each in case["layers"]} == types


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("case", CASES)
def test_every_layer_has_the_interpreters_values(case, convention):
    fields = {"batch": 2, "arithmetic": "decimal"} | CASES[case]
    assert_proven_as_interpreted(variant(convention=convention, **fields))


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
@pytest.mark.parametrize("case", ["batch normalization", "convolution with stride and padding"])
def test_layers_have_the_interpreters_values_over_iterations_with_penalties(case, arithmetic):
    exercise = variant(
        **{"batch": 2} | CASES[case],
        arithmetic=arithmetic,
        iterations=2,
        optimizer=optimizer_document("adam", "exponential"),
        regularization={"l1": 0.1, "l2": 0.3},
        draw={"weights": WITHOUT_ZERO},
    )
    assert_proven_as_interpreted(exercise)


@pytest.mark.parametrize("bias", BIASES)
@pytest.mark.parametrize("activation", sorted(set(ACTIVATIONS) - {"softmax"}))
def test_a_convolution_has_every_activation_and_bias(activation, bias):
    exercise = variant(
        inputs=[1, 3, 3],
        layers=[convolution(activation, bias=bias), FLATTEN, dense(1, "tanh")],
        batch=2,
        convention="row",
    )
    assert_proven_as_interpreted(exercise)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_a_proven_dense_layer_has_every_activation(activation, convention):
    layers = [dense(3, activation), dense(2, "tanh")]
    assert_proven_as_interpreted(variant(layers=layers, batch=3, convention=convention))


@pytest.mark.parametrize("activation", ["elu", "leaky_relu"])
@pytest.mark.parametrize("alpha", [0, 0.3, 1, 2])
def test_an_activations_own_number_is_used(activation, alpha):
    layers = [dense(3, activation) | {"alpha": alpha}, dense(1)]
    assert_proven_as_interpreted(variant(layers=layers, batch=3))


PROVEN_LOSSES = [
    pytest.param(loss, reduction, output, id=f"{loss}-{reduction}-{output}")
    for loss in LOSSES
    for reduction in OBJECTIVES[loss]
    for output in ("sigmoid", "softmax", "identity")
    if fits(loss, output)
]


@pytest.mark.parametrize(("loss", "reduction", "output"), PROVEN_LOSSES)
def test_a_proven_loss_has_every_reduction(loss, reduction, output):
    exercise = variant(
        layers=[dense(2, "tanh"), dense(3, output)], batch=2, loss=loss_document(loss, reduction)
    )
    assert_proven_as_interpreted(exercise)


@pytest.mark.parametrize("threshold", [0.001, 0.25, 100])
def test_hubers_threshold_is_used(threshold):
    loss = {"name": "huber", "threshold": threshold}
    assert_proven_as_interpreted(variant(layers=[dense(2, "tanh"), dense(2)], loss=loss, batch=3))


@pytest.mark.parametrize("iterations", [1, 3])
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_stochastic_descent_has_the_interpreters_values(convention, iterations):
    exercise = variant(
        layers=[dense(3, "sigmoid"), layer("dropout", rate=0.3), dense(2)],
        batch=4,
        convention=convention,
        iterations=iterations,
        stochastic=True,
        optimizer=optimizer_document("momentum", "cosine"),
    )
    assert_proven_as_interpreted(exercise)


def test_stochastic_descent_through_a_convolution_uses_the_drawn_sample():
    exercise = variant(
        inputs=[1, 3, 3],
        layers=[convolution("tanh"), layer("dropout", rate=0.3), FLATTEN, dense(1)],
        batch=3,
        stochastic=True,
        iterations=2,
        convention="row",
        given={"samples": [3, 1]},
    )
    assert_proven_as_interpreted(exercise)


# Stacks of layers


@st.composite
def flat_layers(draw: st.DrawFn) -> list[dict[str, Any]]:
    smooth = st.sampled_from(["tanh", "sigmoid", "softplus", "gelu", "relu", "softmax"])
    choices = st.one_of(
        st.builds(dense, st.integers(1, 3), smooth, st.sampled_from(BIASES)),
        st.sampled_from([layer("dropout", rate=0.25), layer("layer_normalization")]),
        st.just(layer("batch_normalization")),
    )
    return draw(st.lists(choices, max_size=2))


@st.composite
def image_layers(draw: st.DrawFn) -> list[dict[str, Any]]:
    convolutions = st.builds(
        convolution,
        st.sampled_from(["identity", "tanh", "leaky_relu", "relu"]),
        filters=st.integers(1, 2),
        kernel=st.sampled_from([[1, 1], [2, 2], [1, 2]]),
        padding=st.sampled_from([[0, 0], [0, 1]]),
        stride=st.sampled_from([[1, 1], [2, 1]]),
        bias=st.sampled_from(BIASES),
    )
    sizes = st.sampled_from([[1, 2], [2, 2]])
    pooling = st.builds(layer, st.sampled_from(["average_pooling", "max_pooling"]), size=sizes)
    others = st.sampled_from([layer("batch_normalization"), layer("dropout", rate=0.25)])
    chosen = draw(st.lists(st.one_of(convolutions, pooling, others), min_size=1, max_size=2))
    return [*chosen, FLATTEN]


@st.composite
def sequence_layers(draw: st.DrawFn) -> list[dict[str, Any]]:
    choices = st.one_of(
        st.builds(layer, st.sampled_from(["recurrent", "lstm"]), units=st.integers(1, 2)),
        st.just(layer("dropout", rate=0.25)),
    )
    chosen = draw(st.lists(choices, min_size=1, max_size=2))
    return [*chosen, draw(st.sampled_from([FLATTEN, LAST]))]


STACKS = {3: flat_layers(), (1, 3, 3): image_layers(), (2, 2): sequence_layers()}


@st.composite
def stacks(draw: st.DrawFn) -> ProblemSet:
    """A problem set whose network mixes layers of all types that fit together."""
    inputs = draw(st.sampled_from(sorted(STACKS, key=str)))
    loss = draw(st.sampled_from(sorted(LOSSES)))
    output = draw(st.sampled_from([name for name in sorted(ACTIVATIONS) if fits(loss, name)]))
    return problem_set(
        inputs=inputs if isinstance(inputs, int) else list(inputs),
        layers=[*draw(STACKS[inputs]), dense(2, output)],
        loss=loss_document(loss, draw(st.sampled_from(OBJECTIVES[loss]))),
        batch=draw(st.integers(1, 2)),
        iterations=draw(st.integers(1, 2)),
        stochastic=draw(st.booleans()),
        optimizer=optimizer_document(draw(st.sampled_from(["sgd", "momentum", "adagrad"]))),
        regularization=draw(st.sampled_from([None, {"l2": 0.1}])),
        convention=draw(st.sampled_from(CONVENTIONS)),
        arithmetic=draw(st.sampled_from(ARITHMETICS)),
    )


@given(stacks())
@settings(max_examples=examples(30))
def test_any_stack_of_layers_has_the_interpreters_values(drawn: ProblemSet):
    try:
        exercise = ungated(drawn, "exercise", student="1", secret=b"0")
        expected = interpreted(exercise)
    except (DocumentError, ExerciseError, NotDifferentiableError):
        # Windows that do not fit; undefined in every draw; or a tie that only passes 0 on.
        assume(False)
        raise
    solution = solve(exercise)
    assert set(solution) == {name for name in expected if not is_behind_a_pool(name, exercise)}
    assert [name for name in solution if not same(solution[name].value, expected[name])] == []


def is_behind_a_pool(name: str, exercise: Exercise) -> bool:
    """Whether a name is the ∂L/∂a of a ReLU before max pooling, which is no quantity."""
    hidden = {
        f"da{index}"
        for index, (first, second) in enumerate(
            zip(exercise.layers, exercise.layers[1:], strict=False), start=1
        )
        if getattr(first, "activation", None) == "relu" and second.type == "max_pooling"
    }
    return name.split("@")[0] in hidden
