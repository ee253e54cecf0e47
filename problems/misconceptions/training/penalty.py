"""Mistakes with the penalties of a loss: their factor, and what they are taken over."""

from fractions import Fraction

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.roles import PullBack, Update
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.networks.layers.layer import WEIGHTS
from gradgrade.oracle.networks.lines import Penalized
from gradgrade.oracle.training.penalties import PENALTIES
from gradgrade.problems.misconceptions.base import Misconception, StepChange, everywhere, in_turn
from gradgrade.problems.misconceptions.programs.penalties import (
    PENALTY_DOUBLED,
    PENALTY_SUBTRACTED,
)
from gradgrade.problems.misconceptions.recognition import (
    is_gradient_of_bias,
    lines_passed,
    quantity_of,
    samples,
)
from gradgrade.problems.misconceptions.rewriting import (
    Function,
    Written,
    after,
    by_operations,
    scaled,
)

FAMILY = "penalty"
WITH_L2 = "Use an l2 penalty large enough to show."
WITH_ANY = "Use a penalty large enough to show."


def _penalties(derivation: Derivation, iteration: int) -> tuple[Penalized, ...]:
    named = (Name(penalty.value_name, 0, iteration) for penalty in PENALTIES.values())
    roles = (derivation.by_name[name].role for name in named if name in derivation.by_name)
    return tuple(role for role in roles if isinstance(role, Penalized))


def _is_value(step: Step, *penalties: str) -> bool:
    return isinstance(step.role, Penalized) and step.role.penalty in penalties


def _is_gradient(step: Step, *penalties: str) -> bool:
    lines = (line for line in lines_passed(step) if isinstance(line, Penalized))
    return any(line.penalty in penalties for line in lines)


def _values(function: Function, *penalties: str) -> StepChange:
    return lambda _, step: after(step, function) if _is_value(step, *penalties) else None


def _gradients(function: Function, *penalties: str) -> StepChange:
    return lambda _, step: after(step, function) if _is_gradient(step, *penalties) else None


def _over_batch(derivation: Derivation, step: Step) -> Step | None:
    if not (_is_value(step, *PENALTIES) or _is_gradient(step, *PENALTIES)):
        return None
    return after(step, scaled(Fraction(1, samples(derivation, step.name.iteration))))


def _on_biases(derivation: Derivation, step: Step) -> Step | None:
    penalties = _penalties(derivation, step.name.iteration)
    if not penalties or not is_gradient_of_bias(step) or not isinstance(step.role, PullBack):
        return None
    bias = step.role.to
    for line in penalties:
        step = after(step, _with_gradient_of(line.penalty), line.factor, bias)
    return step


def _with_gradient_of(penalty: str) -> Function:
    record = PENALTIES[penalty]

    def function(arithmetic: Arithmetic, made: Matrix, factor: Matrix, bias: Matrix) -> Matrix:
        return arithmetic.add(made, record.gradient(arithmetic, factor, bias))

    return Written(
        function, lambda made, factor, bias: made + record.gradient_formula(factor, bias)
    )


def _decayed(derivation: Derivation, step: Step, factor: Name) -> Step | None:
    """Decay the weights themselves: W − η λ W beside the optimizer's step."""
    if not isinstance(step.role, Update):
        return None
    weights, rate = (step.role.symbols[each] for each in ("W", "learning_rate"))
    if quantity_of(derivation, weights).kind not in WEIGHTS:
        return None
    decayed = by_operations(lambda made, w, rate, factor: made - rate * factor * w)
    return after(step, decayed, weights, rate, factor)


def _decoupled(derivation: Derivation, step: Step) -> Step | None:
    penalties = _penalties(derivation, step.name.iteration)
    l2 = next((line for line in penalties if line.penalty == "l2"), None)
    if l2 is None or _optimizer(derivation) == "sgd":
        return None
    if _is_gradient(step, "l2"):
        return after(step, scaled(0))
    return _decayed(derivation, step, l2.factor)


def _optimizer(derivation: Derivation) -> str:
    """Return the optimizer of a derivation; without updates nothing tells one from another."""
    roles = (step.role for step in derivation.steps)
    return next((role.optimizer for role in roles if isinstance(role, Update)), "sgd")


PENALTY = (
    Misconception(
        code="penalty_gradient_doubled",
        title="Penalty's gradient doubled",
        explanation=(
            "The derivative of a square brings a two down once, and a half before the penalty "
            "cancels it: the gradient of λ/2 W² is λ W. You have twice what it is."
        ),
        source="seed 003",
        family=FAMILY,
        exposure=WITH_L2,
        changes=everywhere(_gradients(scaled(2), "l2")),
        ungated=PENALTY_DOUBLED,
    ),
    Misconception(
        code="penalty_gradient_subtracted",
        title="Penalty's gradient subtracted",
        explanation=(
            "The penalty is added to the loss, so its gradient is added to that of the data. You "
            "subtract it."
        ),
        source="field",
        family=FAMILY,
        exposure=WITH_ANY,
        ungated=in_turn(everywhere(_gradients(scaled(-1), *PENALTIES)), PENALTY_SUBTRACTED),
    ),
    Misconception(
        code="penalty_gradient_halved",
        title="Half kept in the penalty's gradient",
        explanation=(
            "The half of the l2 penalty cancels the two of the square: its gradient is λ W. You "
            "still have the half."
        ),
        source="seed 003",
        family=FAMILY,
        exposure=WITH_L2,
        changes=everywhere(_gradients(scaled(Fraction(1, 2)), "l2")),
    ),
    Misconception(
        code="penalty_half_missing",
        title="Half missing in the penalty",
        explanation=(
            "The l2 penalty is half of λ times the sum of squares. The loss that you report has "
            "it without the half."
        ),
        source="seed 003",
        family=FAMILY,
        exposure=f"{WITH_L2} Ask for the loss.",
        changes=everywhere(_values(scaled(2), "l2")),
    ),
    Misconception(
        code="penalty_missing_in_gradient",
        title="Penalty missing in the gradient",
        explanation=(
            "The penalty is part of the loss, so its gradient is part of every weight's gradient. "
            "Yours is the gradient of the data's loss alone."
        ),
        source="seed 003",
        family=FAMILY,
        exposure=WITH_ANY,
        changes=everywhere(_gradients(scaled(0), *PENALTIES)),
    ),
    Misconception(
        code="penalty_missing_in_loss",
        title="Penalty missing in the loss",
        explanation=(
            "The loss of this exercise is that of the data plus the penalty on the weights. You "
            "report the data's alone."
        ),
        source="seed 003",
        family=FAMILY,
        exposure=f"{WITH_ANY} Ask for the loss.",
        changes=everywhere(_values(scaled(0), *PENALTIES)),
    ),
    Misconception(
        code="penalty_averaged",
        title="Penalty divided by the batch",
        explanation=(
            "The mean over the samples is of the data's terms; the penalty is added once, as it "
            "is. You divide it by the number of samples too."
        ),
        source="field",
        family=FAMILY,
        exposure="Use a penalty and more than one sample.",
        changes=everywhere(_over_batch),
    ),
    Misconception(
        code="bias_penalized",
        title="Biases penalized",
        explanation=(
            "The penalty is on weights alone. You add its gradient to that of the biases too."
        ),
        source="seed 003",
        family=FAMILY,
        exposure="Use a penalty, and biases that are not zero.",
        changes=everywhere(_on_biases),
    ),
    Misconception(
        code="penalty_decoupled",
        title="Penalty taken for decoupled weight decay",
        explanation=(
            "A penalty in the loss goes through the gradient and so through the optimizer's state. "
            "You shrink the weights directly instead, which is another method."
        ),
        source="Loshchilov, Hutter (2019)",
        family=FAMILY,
        exposure="Use an l2 penalty with an optimizer that has state.",
        changes=everywhere(_decoupled),
    ),
)
