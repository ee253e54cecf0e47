"""A wrong formula must be found to be wrong: the slips that people make, one by one.

Matrices are square, so that few slips are caught by shapes that do not go together.
"""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from gradgrade.oracle import Dense, Derivation, Loss, Optimizer
from gradgrade.oracle.derivation.formulas.expression import (
    Bracketed,
    Entry,
    Expression,
    Letter,
    MatrixProduct,
    Named,
    Number,
    Rearranged,
    Total,
    TotalOfEach,
    Transposed,
    hadamard,
)
from gradgrade.oracle.derivation.formulas.functions import (
    cos,
    exp,
    half,
    ln,
    magnitude,
    pi,
    sequence,
    sigmoid,
    sign,
    smaller,
    sqrt,
    tanh,
    whole_part,
)
from gradgrade.oracle.derivation.formulas.rewriting import replaced
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.networks.layers import (
    AveragePooling,
    BatchNormalization,
    Convolution,
    Dropout,
    Flatten,
    LastStep,
    LayerNormalization,
    Lstm,
    MaxPooling,
    Recurrent,
    Windows,
)
from tests.oracle.derivation.formulas.held import hold
from tests.oracle.derivation.formulas.structures import derived

Quantities = Callable[[str], Named]
Wrong = Callable[[Quantities, Expression], Expression]


def trained(optimizer: str, schedule: str = "constant") -> Derivation:
    """Three updates by an optimizer."""
    return derived(
        Dense(units=2),
        optimizer=Optimizer(name=optimizer, schedule=schedule, every=2),
        iterations=3,
    )


def lossy(name: str, reduction: str = "mean", activation: str = "sigmoid") -> Derivation:
    """One layer and a loss."""
    loss = Loss(name=name, reduction=reduction)
    return derived(Dense(units=2, activation=activation), loss=loss)


DENSE = derived(Dense(units=2, activation="tanh"), Dense(units=2, activation="sigmoid"))
DENSE_IN_ROWS = derived(
    Dense(units=2, activation="tanh"), Dense(units=2, activation="sigmoid"), convention="row"
)
SHARED = derived(Dense(units=2, bias="shared"))
ONES = derived(Dense(units=2, bias="ones"))
SOFTMAX = derived(Dense(units=2, activation="softmax"))
PENALIZED = derived(Dense(units=2), Dense(units=2), penalties=("l1", "l2"))
DROPOUT = derived(Dense(units=2), Dropout())
BATCH = derived(Dense(units=2), BatchNormalization())
SAMPLE = derived(Dense(units=2), LayerNormalization())
RECURRENT = derived(Recurrent(units=2), LastStep(), inputs=(2, 2))
RECURRENT_IN_ROWS = derived(Recurrent(units=2), LastStep(), inputs=(2, 2), convention="row")
LSTM = derived(Lstm(units=2), inputs=(2, 2))
IMAGE = derived(
    Convolution(filters=1, kernel=(2, 2)),
    MaxPooling(windows=Windows((2, 2), (1, 1))),
    AveragePooling(windows=Windows((2, 2), (1, 1))),
    Flatten(),
    inputs=(1, 5, 5),
)
SQUARED, HALVED, ROOT = map(
    lossy, ("squared_error", "half_squared_error", "root_mean_squared_error")
)
ELEMENTS, SUMMED = (lossy("squared_error", each) for each in ("mean_elements", "sum"))
BINARY, ABSOLUTE = lossy("binary_cross_entropy"), lossy("absolute_error")
HUBER = derived(Dense(units=9), loss=Loss(name="huber"))
CROSS = lossy("cross_entropy", activation="softmax")
SGD, MOMENTUM, NESTEROV, ADAGRAD = map(trained, ("sgd", "momentum", "nesterov", "adagrad"))
RMSPROP, ADAM, ADAMW = map(trained, ("rmsprop", "adam", "adamw"))
STEP, EXPONENTIAL, INVERSE, COSINE = (
    trained("sgd", each) for each in ("step", "exponential", "inverse_time", "cosine")
)


def without(kind: type[Expression]) -> Wrong:
    """The formula without something around what it is of: a transpose, a sum …"""
    return lambda _, right: replaced(
        right, lambda part: part.of if isinstance(part, kind) else None
    )


def other_way_round(_: Quantities, right: Expression) -> Expression:
    """The formula with the factors of its matrix products exchanged."""
    return replaced(
        right,
        lambda part: (
            MatrixProduct(part.right, part.left) if isinstance(part, MatrixProduct) else None
        ),
    )


def instead(wrong: str, of: str) -> Wrong:
    """The formula with another quantity in the place of one."""
    return lambda q, right: replaced(
        right,
        lambda part: q(wrong) if isinstance(part, Named) and part.name == q(of).name else None,
    )


def by_axis(index: str) -> Wrong:
    """The formula with its sums over other letters."""
    return lambda _, right: replaced(
        right, lambda part: Total(part.of, index) if isinstance(part, Total) else None
    )


def half_of(_: Quantities, right: Expression) -> Expression:
    """Half of the formula."""
    return half * right


k = Letter("k")

SLIPS: dict[str, tuple[Derivation, str, Wrong]] = {
    # Dense layers
    "squared error's derivative 3 (a + y)": (
        *(SQUARED, "da1"),
        lambda q, _: half * Bracketed(3 * (q("a1") + q("y"))),
    ),
    "a bias subtracted": (DENSE, "z1", lambda q, _: q("W1") @ q("x") - q("b1")),
    "no bias": (DENSE, "z1", lambda q, _: q("W1") @ q("x")),
    "weights transposed forward": (DENSE, "z1", lambda q, _: q("W1").T @ q("x") + q("b1")),
    "factors of the row convention": (DENSE, "z1", other_way_round),
    "factors of the column convention": (DENSE_IN_ROWS, "z1", other_way_round),
    "weights not transposed on the way back": (DENSE, "da1", without(Transposed)),
    "weights not transposed, in rows": (DENSE_IN_ROWS, "da1", without(Transposed)),
    "activations not transposed": (DENSE, "dW2", without(Transposed)),
    "activations not transposed, in rows": (DENSE_IN_ROWS, "dW2", without(Transposed)),
    "the outer product of the row convention": (DENSE, "dW2", other_way_round),
    "the outer product of the column convention": (DENSE_IN_ROWS, "dW2", other_way_round),
    "the input of the layer before": (DENSE, "dW2", instead("x", "a1")),
    "a bias's gradient over the units": (DENSE, "db1", by_axis("j")),
    "a bias's gradient over the units, in rows": (DENSE_IN_ROWS, "db1", by_axis("j")),
    "a bias's gradient of all units": (DENSE, "db1", by_axis("")),
    "a shared bias's gradient over the samples alone": (SHARED, "db1", by_axis("n")),
    "a mean for a sum": (DENSE, "db1", half_of),
    "the ones first": (
        *(ONES, "extended_1"),
        lambda q, _: sequence(Number(Fraction(1), (1, 2)), q("x")),
    ),
    # Activations
    "the derivative left out": (DENSE, "delta1", lambda q, _: q("da1")),
    "the function for its derivative": (
        *(DENSE, "delta1"),
        lambda q, _: hadamard(q("da1"), tanh(q("z1"))),
    ),
    "the derivative at a": (DENSE, "delta1", instead("a1", "z1")),
    "the derivative of another function": (
        *(DENSE, "delta1"),
        lambda q, _: ACTIVATIONS["sigmoid"].delta_formula(q("da1"), q("z1")),
    ),
    "softmax without its sum": (SOFTMAX, "delta1", lambda q, _: hadamard(q("a1"), q("da1"))),
    "softmax's sum without a": (
        *(SOFTMAX, "delta1"),
        lambda q, _: hadamard(q("a1"), q("da1") - Total(Entry(q("da1"), "j"), "j")),
    ),
    "softmax over the samples": (SOFTMAX, "delta1", by_axis("n")),
    # Losses
    "a dropped ½": (HALVED, "loss", lambda _, right: 2 * right),
    "the samples counted for the elements": (ELEMENTS, "loss", lambda _, right: 2 * right),
    "the mean for the sum": (SUMMED, "loss", half_of),
    "the gradient of the sum": (SQUARED, "da1", lambda _, right: 2 * right),
    "the factor 2 dropped": (SQUARED, "da1", lambda q, _: half * (q("a1") - q("y"))),
    "the loss's sign": (SQUARED, "da1", lambda _, right: -right),
    "the root forgotten": (ROOT, "loss", lambda q, right: right**2),
    "the root's derivative without its 2": (ROOT, "da1", lambda _, right: 2 * right),
    "the logarithm of 1 − a forgotten": (
        *(BINARY, "loss"),
        lambda q, _: half * Total(-q("y") * ln(q("a1"))),
    ),
    "the two halves of the derivative added": (
        *(BINARY, "da1"),
        lambda q, _: half * ((1 - q("y")) / (1 - q("a1")) + q("y") / q("a1")),
    ),
    "targets that need not sum to 1 taken to": (
        CROSS,
        "delta1",
        lambda q, _: half * (q("a1") - q("y")),
    ),
    "Huber's clipping upwards alone": (
        *(HUBER, "da1"),
        lambda q, _: half * smaller(q("a1") - q("y"), q("threshold")),
    ),
    "Huber's linear part without its ½": (
        *(HUBER, "loss"),
        lambda q, _: half * Total(q("threshold") * magnitude(q("a1") - q("y"))),
    ),
    "the sign of y − a": (ABSOLUTE, "da1", lambda q, _: half * sign(q("y") - q("a1"))),
    # Penalties
    "the penalty's ½ dropped": (PENALIZED, "l2_penalty", lambda _, right: 2 * right),
    "one layer's weights left out": (
        *(PENALIZED, "l2_penalty"),
        lambda q, _: half * q("l2") * TotalOfEach(k**2, k, (q("W1"),)),
    ),
    "squares for magnitudes": (
        *(PENALIZED, "l1_penalty"),
        lambda q, _: q("l1") * TotalOfEach(k**2, k, (q("W1"), q("W2"))),
    ),
    "twice the penalty's gradient": (PENALIZED, "l2_dW1", lambda _, right: 2 * right),
    "the penalty of the other layer": (PENALIZED, "l2_dW1", instead("W2", "W1")),
    "weights for their sign": (PENALIZED, "l1_dW1", lambda q, _: q("l1") * q("W1")),
    "one penalty left out": (PENALIZED, "dW1", lambda q, _: q("data_dW1") + q("l1_dW1")),
    # Optimizers and schedules
    "uphill": (SGD, "W1_new@1", lambda q, _: q("W1@1") + q("learning_rate") * q("dW1@1")),
    "the first iteration's gradient": (SGD, "W1_new@2", instead("dW1@1", "dW1@2")),
    "the velocity not kept": (MOMENTUM, "vW1@2", lambda q, _: -q("learning_rate") * q("dW1@2")),
    "the velocity with the other sign": (
        *(MOMENTUM, "vW1@2"),
        lambda q, _: q("momentum") * q("vW1@1") + q("learning_rate") * q("dW1@2"),
    ),
    "the velocity of the iteration before": (MOMENTUM, "W1_new@2", instead("vW1@1", "vW1@2")),
    "no look ahead": (NESTEROV, "W1_new@2", lambda q, _: q("W1@2") + q("vW1@2")),
    "a gradient not squared": (ADAGRAD, "sW1@2", lambda q, _: q("sW1@1") + q("dW1@2")),
    "ε inside the root": (
        *(ADAGRAD, "W1_new@2"),
        lambda q, _: (
            q("W1@2") - q("learning_rate") * (q("dW1@2") / sqrt(q("sW1@2") + q("epsilon")))
        ),
    ),
    "a root forgotten": (
        *(ADAGRAD, "W1_new@2"),
        lambda q, _: q("W1@2") - q("learning_rate") * (q("dW1@2") / (q("sW1@2") + q("epsilon"))),
    ),
    "the mean of squares without 1 − ρ": (
        *(RMSPROP, "sW1@2"),
        lambda q, _: q("decay") * q("sW1@1") + q("dW1@2") ** 2,
    ),
    "β₁ for β₂": (ADAM, "sW1@2", instead("beta1", "beta2")),
    "c₁ for c₂": (ADAM, "W1_new@2", instead("beta1_correction@2", "beta2_correction@2")),
    "no correction": (
        *(ADAM, "W1_new@2"),
        lambda q, _: (
            q("W1@2") - q("learning_rate") * (q("mW1@2") / (sqrt(q("sW1@2")) + q("epsilon")))
        ),
    ),
    "a correction of t − 1": (ADAM, "beta1_correction@3", lambda q, _: 1 - q("beta1") ** 2),
    "weight decay without η": (
        *(ADAMW, "W1_new@2"),
        lambda q, right: (
            right
            + q("learning_rate") * q("weight_decay") * q("W1@2")
            - q("weight_decay") * q("W1@2")
        ),
    ),
    "t for t − 1 in a step": (
        *(STEP, "scheduled_learning_rate@2"),
        lambda q, _: q("learning_rate") * q("factor") ** whole_part(half * Letter("t", 2)),
    ),
    "t for t − 1": (
        *(EXPONENTIAL, "scheduled_learning_rate@2"),
        lambda q, _: q("learning_rate") * exp(-q("rate") * Letter("t", 2)),
    ),
    "a growing rate": (
        *(EXPONENTIAL, "scheduled_learning_rate@2"),
        lambda q, _: q("learning_rate") * exp(q("rate") * Letter("t", 1)),
    ),
    "a schedule's 1 left out": (
        *(INVERSE, "scheduled_learning_rate@2"),
        lambda q, _: q("learning_rate") / q("rate"),
    ),
    "a cosine's ½ dropped": (
        *(COSINE, "scheduled_learning_rate@2"),
        lambda q, _: q("learning_rate") * (1 + cos(pi / q("period"))),
    ),
    # Dropout and normalization
    "the rate for what is kept": (
        *(DROPOUT, "a2"),
        lambda q, _: 1 / q("rate2") * hadamard(q("a1"), q("mask_2")),
    ),
    "not scaled": (DROPOUT, "a2", lambda q, _: hadamard(q("a1"), q("mask_2"))),
    "no mask on the way back": (DROPOUT, "da1", lambda q, _: 1 / (1 - q("rate2")) * q("da2")),
    "ε outside the root in a normalization": (
        *(BATCH, "deviation_2"),
        lambda q, right: sqrt(right**2 - q("epsilon2")) + q("epsilon2"),
    ),
    "not centered": (BATCH, "normalized_2", lambda q, _: q("a1") / q("deviation_2")),
    "a shift subtracted": (
        *(BATCH, "a2"),
        lambda q, _: hadamard(q("gamma_2"), q("normalized_2")) - q("beta_2"),
    ),
    "the activations for the normalized ones": (BATCH, "dgamma_2", instead("a1", "normalized_2")),
    "a scale's gradient over the units": (BATCH, "dgamma_2", by_axis("j")),
    "a shift's gradient over all": (BATCH, "dbeta_2", by_axis("")),
    "statistics taken for constants": (
        *(BATCH, "da1"),
        lambda q, _: 1 / q("deviation_2") * hadamard(q("gamma_2"), q("da2")),
    ),
    "the variance over the samples": (
        *(SAMPLE, "normalized_2"),
        lambda q, _: (q("a1") - half * Total(q("a1"), "n")) / q("deviation_2"),
    ),
    # Sequences
    "h of the same time step": (RECURRENT, "z2_1", instead("h2_1", "h1_1")),
    "the weights exchanged": (
        *(RECURRENT, "z2_1"),
        lambda q, _: q("Whh_1") @ q("x2_1") + q("Wxh_1") @ q("h1_1") + q("bh_1"),
    ),
    "a state's factors of the column convention": (RECURRENT_IN_ROWS, "z2_1", other_way_round),
    "nothing from later": (RECURRENT, "dh1_1", lambda q, _: q("incoming1_1")),
    "δ of the same time step": (RECURRENT, "dh1_1", instead("delta_at1_1", "delta_at2_1")),
    "the weights by the input, on the way back": (RECURRENT, "dh1_1", instead("Wxh_1", "Whh_1")),
    "the states after for those before": (
        *(RECURRENT, "dWhh_1"),
        lambda q, _: q("delta_at1_1") @ q("h1_1").T + q("delta_at2_1") @ q("h2_1").T,
    ),
    "one time step alone": (RECURRENT, "dWxh_1", lambda q, _: q("delta_at2_1") @ q("x2_1").T),
    "the samples not summed": (RECURRENT, "dbh_1", without(Total)),
    "the sequence backwards": (RECURRENT, "a1", lambda q, _: sequence(q("h2_1"), q("h1_1"))),
    "the gradient at the first step": (
        *(RECURRENT, "incoming_da1"),
        lambda q, _: sequence(q("da2"), Number(Fraction(0), (2, 2))),
    ),
    "the output gate for the forget gate": (LSTM, "c2_1", instead("o2_1", "f2_1")),
    "the cell of the same time step": (LSTM, "c2_1", lambda q, _: hadamard(q("i2_1"), q("g2_1"))),
    "the cell without tanh": (LSTM, "h1_1", lambda q, _: hadamard(q("o1_1"), q("c1_1"))),
    "a sigmoid for the candidate": (LSTM, "g1_1", lambda q, _: sigmoid(q("zg1_1"))),
    "nothing from the later cell": (LSTM, "dc1_1", lambda _, right: right.terms[0]),
    "the forget gate of the same time step": (LSTM, "dc1_1", instead("f1_1", "f2_1")),
    "the cell after for that before": (LSTM, "delta_f2_1", instead("c2_1", "c1_1")),
    "a gate left out": (
        *(LSTM, "dx1_1"),
        lambda q, _: q("Wxi_1").T @ q("delta_i1_1") + q("Wxf_1").T @ q("delta_f1_1"),
    ),
    # Images
    "kernels not transposed": (IMAGE, "dx", without(Transposed)),
    "no bias in a convolution": (
        *(IMAGE, "z1"),
        lambda _, right: Rearranged(right.of.terms[0], right.shape),
    ),
    "the mean for the largest": (
        *(IMAGE, "a2"),
        lambda q, _: step_of(IMAGE, "a3").formula.function(q("a1")),
    ),
    "the sum for the mean": (IMAGE, "da2", lambda _, right: right.right),
}


def step_of(derivation: Derivation, text: str):
    """A step by the text of its name."""
    return next(step for step in derivation.steps if str(step.name) == text)


def quantities(derivation: Derivation) -> Quantities:
    """The quantities of a derivation by the texts of their names."""
    names = [each.name for each in derivation.givens] + [step.name for step in derivation.steps]
    by_text = {str(name): Named(name) for name in names}
    return by_text.__getitem__


def test_there_are_more_than_enough():
    assert len(SLIPS) >= 30


@pytest.mark.parametrize(("derivation", "text", "wrong"), SLIPS.values(), ids=SLIPS)
def test_a_wrong_formula_is_found(derivation: Derivation, text: str, wrong: Wrong):
    step = step_of(derivation, text)
    assert hold(derivation, only={step.name}).not_at_all == {}
    mistaken = replace(step, formula=wrong(quantities(derivation), step.formula))
    found = hold(derivation.replacing(mistaken), only={step.name})
    assert list(found.not_at_all) == [text]
