r"""The optimizers, as tables of update rules: state first, then the parameter.

Each rule reads symbols: `W` the parameter before the step, `g` its gradient, a state letter (as
updated in this iteration where its rule came before, else of the iteration before; zero at first),
`learning_rate` η_t, the optimizer's own numbers by their names, and its corrections.

Source: seeds 000 to 004 for W := W − η g; seed 003 for momentum as V := μV − ηg, W := W + V; the
others as their papers state them, with ε outside the root.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from gradgrade.oracle.arithmetic import Arithmetic, Element, Matrix
from gradgrade.oracle.derivation.formulas.expression import Expression, bracketed, in_line
from gradgrade.oracle.derivation.formulas.functions import sqrt


@dataclass(frozen=True, kw_only=True)
class Update:
    """One rule of an optimizer; each entry of what it makes needs the same entry of what it reads.

    Args:
        makes: a state letter, or `W` for the parameter itself.
        reads: the symbols that the rule is given; numbers come as 1 by 1 matrices.
        rule: `rule(arithmetic, *matrices)`.
        formula: `formula(*reads)`, its right side.
    """

    makes: str
    reads: tuple[str, ...]
    rule: Callable[..., Matrix]
    formula: Callable[..., Expression]


@dataclass(frozen=True, kw_only=True)
class UpdateRule:
    """An optimizer: its name, its numbers with their defaults, and its updates in order.

    `corrections` are the symbols by which rules read 1 − β^t, each with the name of its β.
    """

    name: str
    updates: tuple[Update, ...]
    source: str
    numbers: Mapping[str, str] = field(default_factory=dict)
    corrections: Mapping[str, str] = field(default_factory=dict)


def correction(iteration: int, arithmetic: Arithmetic, beta: Matrix) -> Matrix:
    """Return 1 − β^t, by which Adam's means are divided in iteration t."""
    return arithmetic.map(lambda _, b: 1 - b**iteration, beta)


def _descend(arithmetic: Arithmetic, w: Matrix, g: Matrix, rate: Matrix) -> Matrix:
    return arithmetic.subtract(w, arithmetic.multiply(rate, g))


def _velocity(arithmetic: Arithmetic, v: Matrix, g: Matrix, rate: Matrix, mu: Matrix) -> Matrix:
    return _descend(arithmetic, arithmetic.multiply(mu, v), g, rate)


def _add_velocity(arithmetic: Arithmetic, w: Matrix, v: Matrix) -> Matrix:
    return arithmetic.add(w, v)


def _look_ahead(
    arithmetic: Arithmetic, w: Matrix, v: Matrix, g: Matrix, rate: Matrix, mu: Matrix
) -> Matrix:
    return arithmetic.add(w, _velocity(arithmetic, v, g, rate, mu))


def _entry_by_entry(rule: Callable[..., Element]) -> Callable[..., Matrix]:
    def on_matrices(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
        return arithmetic.map(rule, *matrices)

    return on_matrices


def _sum_of_squares(_: Arithmetic, s: Element, g: Element) -> Element:
    return s + g * g


def _mean(_: Arithmetic, m: Element, g: Element, decay: Element) -> Element:
    return decay * m + (1 - decay) * g


def _mean_square(_: Arithmetic, s: Element, g: Element, decay: Element) -> Element:
    return decay * s + (1 - decay) * (g * g)


def _scaled(
    arithmetic: Arithmetic, w: Element, g: Element, s: Element, rate: Element, epsilon: Element
) -> Element:
    return w - rate * g / (arithmetic.sqrt(s) + epsilon)


def _adam(
    arithmetic: Arithmetic,
    w: Element,
    m: Element,
    s: Element,
    rate: Element,
    epsilon: Element,
    mean_correction: Element,
    square_correction: Element,
) -> Element:
    root = arithmetic.sqrt(s / square_correction)
    return w - rate * (m / mean_correction) / (root + epsilon)


def _adamw(arithmetic: Arithmetic, w: Element, decay: Element, *adam: Element) -> Element:
    return _adam(arithmetic, w, *adam) - adam[2] * decay * w


def _scaled_formula(
    w: Expression, g: Expression, s: Expression, rate: Expression, epsilon: Expression
) -> Expression:
    return w - rate * (g / (sqrt(s) + epsilon))


def _adam_formula(
    w: Expression,
    m: Expression,
    s: Expression,
    rate: Expression,
    epsilon: Expression,
    mean_correction: Expression,
    square_correction: Expression,
) -> Expression:
    root = sqrt(in_line(s, square_correction))
    return w - rate * (in_line(m, mean_correction) / (root + epsilon))


def _mean_formula(mean: Expression, of: Expression, decay: Expression) -> Expression:
    return decay * mean + (1 - decay) * of


_VELOCITY = Update(
    makes="v",
    reads=("v", "g", "learning_rate", "momentum"),
    rule=_velocity,
    formula=lambda v, g, rate, mu: mu * v - rate * g,
)
_ADAM_MEANS = (
    Update(
        makes="m", reads=("m", "g", "beta1"), rule=_entry_by_entry(_mean), formula=_mean_formula
    ),
    Update(
        makes="s",
        reads=("s", "g", "beta2"),
        rule=_entry_by_entry(_mean_square),
        formula=lambda s, g, decay: _mean_formula(s, bracketed(g) ** 2, decay),
    ),
)
_ADAM_READS = ("m", "s", "learning_rate", "epsilon", "beta1_correction", "beta2_correction")
_ADAM_CORRECTIONS = MappingProxyType({"beta1_correction": "beta1", "beta2_correction": "beta2"})
_ADAM_NUMBERS = MappingProxyType({"beta1": "0.9", "beta2": "0.999", "epsilon": "1e-8"})

_ALL = (
    UpdateRule(
        name="sgd",
        updates=(
            Update(
                makes="W",
                reads=("W", "g", "learning_rate"),
                rule=_descend,
                formula=lambda w, g, rate: w - rate * g,
            ),
        ),
        source="seeds 000 to 004",
    ),
    UpdateRule(
        name="momentum",
        numbers=MappingProxyType({"momentum": "0.9"}),
        updates=(
            _VELOCITY,
            Update(
                makes="W",
                reads=("W", "v"),
                rule=_add_velocity,
                formula=lambda w, v: w + v,
            ),
        ),
        source="seed 003; Polyak (1964)",
    ),
    UpdateRule(
        name="nesterov",
        numbers=MappingProxyType({"momentum": "0.9"}),
        updates=(
            _VELOCITY,
            Update(
                makes="W",
                reads=("W", "v", "g", "learning_rate", "momentum"),
                rule=_look_ahead,
                formula=lambda w, v, g, rate, mu: w + mu * v - rate * g,
            ),
        ),
        source="Sutskever et al. (2013), the gradient taken where the step starts",
    ),
    UpdateRule(
        name="adagrad",
        numbers=MappingProxyType({"epsilon": "1e-10"}),
        updates=(
            Update(
                makes="s",
                reads=("s", "g"),
                rule=_entry_by_entry(_sum_of_squares),
                formula=lambda s, g: s + bracketed(g) ** 2,
            ),
            Update(
                makes="W",
                reads=("W", "g", "s", "learning_rate", "epsilon"),
                rule=_entry_by_entry(_scaled),
                formula=_scaled_formula,
            ),
        ),
        source="named by seed 003; Duchi, Hazan, Singer (2011)",
    ),
    UpdateRule(
        name="rmsprop",
        numbers=MappingProxyType({"decay": "0.99", "epsilon": "1e-8"}),
        updates=(
            Update(
                makes="s",
                reads=("s", "g", "decay"),
                rule=_entry_by_entry(_mean_square),
                formula=lambda s, g, decay: _mean_formula(s, bracketed(g) ** 2, decay),
            ),
            Update(
                makes="W",
                reads=("W", "g", "s", "learning_rate", "epsilon"),
                rule=_entry_by_entry(_scaled),
                formula=_scaled_formula,
            ),
        ),
        source="Tieleman, Hinton (2012)",
    ),
    UpdateRule(
        name="adam",
        numbers=_ADAM_NUMBERS,
        corrections=_ADAM_CORRECTIONS,
        updates=(
            *_ADAM_MEANS,
            Update(
                makes="W",
                reads=("W", *_ADAM_READS),
                rule=_entry_by_entry(_adam),
                formula=_adam_formula,
            ),
        ),
        source="named by seed 003; Kingma, Ba (2015)",
    ),
    UpdateRule(
        name="adamw",
        numbers=MappingProxyType({**_ADAM_NUMBERS, "weight_decay": "0.01"}),
        corrections=_ADAM_CORRECTIONS,
        updates=(
            *_ADAM_MEANS,
            Update(
                makes="W",
                reads=("W", "weight_decay", *_ADAM_READS),
                rule=_entry_by_entry(_adamw),
                formula=lambda w, decay, *adam: _adam_formula(w, *adam) - adam[2] * decay * w,
            ),
        ),
        source="Loshchilov, Hutter (2019); W is the value before the step",
    ),
)

OPTIMIZERS: Mapping[str, UpdateRule] = MappingProxyType({each.name: each for each in _ALL})
