"""Misconceptions: wrong rules that students follow, each of which can be worked through.

A file a family. `mistakes(derivation)` are all that apply to an exercise's structure.
"""

from functools import lru_cache

from oracle import Derivation
from problems.misconceptions.axes import AXES_EXCHANGED
from problems.misconceptions.base import Misconception, Mistake, Pair, pair
from problems.misconceptions.bias import BIAS
from problems.misconceptions.chain import CHAIN
from problems.misconceptions.derivative import DERIVATIVE
from problems.misconceptions.dropout import DROPOUT
from problems.misconceptions.loss import LOSS
from problems.misconceptions.normalization import NORMALIZATION
from problems.misconceptions.optimizer import OPTIMIZER
from problems.misconceptions.penalty import PENALTY
from problems.misconceptions.recurrent import RECURRENT
from problems.misconceptions.residual import RESIDUAL
from problems.misconceptions.update import UPDATE
from problems.misconceptions.windows import WINDOWS

__all__ = ["MISCONCEPTIONS", "Misconception", "Mistake", "Pair", "mistakes", "pair"]

MISCONCEPTIONS: tuple[Misconception, ...] = (
    *(*RESIDUAL, *LOSS, *DERIVATIVE, *CHAIN, *BIAS),
    *(*UPDATE, *OPTIMIZER, *PENALTY),
    *(*DROPOUT, *NORMALIZATION, *WINDOWS, *RECURRENT),
    *AXES_EXCHANGED,
)


@lru_cache(maxsize=64)
def mistakes(derivation: Derivation) -> tuple[Mistake, ...]:
    """Return every mistake that can be made in a derivation, in the order of `MISCONCEPTIONS`.

    Args:
        derivation: the right steps.

    Returns:
        The mistakes, each with its derivation. Some may come to the right numbers in this
        structure: the mean of one sample is its sum.

    >>> from oracle import Dense, Loss, Network, Optimizer, derive
    >>> network = Network(inputs=1, layers=(Dense(units=1),))
    >>> derivation = derive(network, Loss(name="squared_error"), Optimizer())
    >>> [each.misconception.code for each in mistakes(derivation)][:2]
    ['mean_missing_in_gradient', 'two_missing']
    """
    return tuple(each for known in MISCONCEPTIONS for each in known.mistakes(derivation))
