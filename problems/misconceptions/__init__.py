"""Misconceptions: wrong rules that students follow, each of which can be worked through.

A file a family. `mistakes(derivation)` are all that apply to an exercise's structure;
`approximations(derivation)` come near to the right answers, and are looked for only there.
"""

from collections.abc import Iterator

from gradgrade.oracle import Derivation
from gradgrade.oracle.bounded_cache import kept_with_argument
from gradgrade.problems.misconceptions.axes import AXES_EXCHANGED
from gradgrade.problems.misconceptions.base import Misconception, Mistake, Pair, pair
from gradgrade.problems.misconceptions.layers.dropout import DROPOUT
from gradgrade.problems.misconceptions.layers.lstm import LSTM
from gradgrade.problems.misconceptions.layers.lstm_gates import LSTM_GATES
from gradgrade.problems.misconceptions.layers.normalization import NORMALIZATION
from gradgrade.problems.misconceptions.layers.recurrent import RECURRENT
from gradgrade.problems.misconceptions.layers.windows import WINDOWS
from gradgrade.problems.misconceptions.network.bias import BIAS
from gradgrade.problems.misconceptions.network.chain import CHAIN
from gradgrade.problems.misconceptions.network.comparison import COMPARISON
from gradgrade.problems.misconceptions.network.derivative import DERIVATIVE
from gradgrade.problems.misconceptions.network.derivative_forms import FORMS
from gradgrade.problems.misconceptions.network.differences import DIFFERENCES
from gradgrade.problems.misconceptions.network.forward import FORWARD
from gradgrade.problems.misconceptions.network.gradient import GRADIENT
from gradgrade.problems.misconceptions.network.loss import LOSS
from gradgrade.problems.misconceptions.network.residual import RESIDUAL
from gradgrade.problems.misconceptions.programs.axes import REDUCTIONS
from gradgrade.problems.misconceptions.programs.branches import BRANCHES
from gradgrade.problems.misconceptions.programs.factors import FACTORS
from gradgrade.problems.misconceptions.programs.functions import FUNCTIONS
from gradgrade.problems.misconceptions.programs.maxima import MAXIMA
from gradgrade.problems.misconceptions.programs.paths import PATHS
from gradgrade.problems.misconceptions.programs.products import PRODUCTS
from gradgrade.problems.misconceptions.programs.statistics import STATISTICS
from gradgrade.problems.misconceptions.programs.values import VALUES
from gradgrade.problems.misconceptions.quotients import QUOTIENTS
from gradgrade.problems.misconceptions.training.adam import ADAM
from gradgrade.problems.misconceptions.training.momentum import MOMENTUM
from gradgrade.problems.misconceptions.training.optimizer import OPTIMIZER
from gradgrade.problems.misconceptions.training.penalty import PENALTY
from gradgrade.problems.misconceptions.training.reporting import REPORTED
from gradgrade.problems.misconceptions.training.stopping import STOPPING
from gradgrade.problems.misconceptions.training.update import UPDATE

__all__ = [
    "APPROXIMATIONS",
    "MISCONCEPTIONS",
    "Misconception",
    "Mistake",
    "Pair",
    "approximations",
    "mistakes",
    "pair",
]

MISCONCEPTIONS: tuple[Misconception, ...] = (
    *(*RESIDUAL, *LOSS, *COMPARISON, *FORWARD, *DERIVATIVE, *FORMS, *CHAIN, *GRADIENT, *BIAS),
    *(*UPDATE, *MOMENTUM, *OPTIMIZER, *ADAM, *PENALTY, *STOPPING, *QUOTIENTS, *REPORTED),
    *(*DROPOUT, *NORMALIZATION, *WINDOWS, *RECURRENT, *LSTM, *LSTM_GATES),
    *(
        *PATHS,
        *FACTORS,
        *FUNCTIONS,
        *MAXIMA,
        *REDUCTIONS,
        *STATISTICS,
        *VALUES,
        *BRANCHES,
        *PRODUCTS,
    ),
    *AXES_EXCHANGED,
)

APPROXIMATIONS: tuple[Misconception, ...] = DIFFERENCES


@kept_with_argument
def mistakes(derivation: Derivation) -> tuple[Mistake, ...]:
    """Return every mistake that can be made in a derivation, in the order of `MISCONCEPTIONS`.

    Args:
        derivation: the right steps.

    Returns:
        The mistakes, each with its derivation. Some may come to the right numbers in this
        structure: the mean of one sample is its sum.

    >>> from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
    >>> network = Network(inputs=1, layers=(Dense(units=1),))
    >>> derivation = derive(network, Loss(name="squared_error"), Optimizer())
    >>> [each.misconception.code for each in mistakes(derivation)][:2]
    ['mean_missing_in_gradient', 'two_missing']
    """
    return tuple(each for known in MISCONCEPTIONS for each in known.mistakes(derivation))


def approximations(derivation: Derivation) -> Iterator[Mistake]:
    """Yield what comes near to the right values of a derivation, and takes long to work out."""
    for known in APPROXIMATIONS:
        yield from known.mistakes(derivation)
