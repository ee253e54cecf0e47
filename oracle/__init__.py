"""What is true: the mathematics of backpropagation, with no files, network or exercises in it."""

from oracle.derivation import Derivation, Values, derive, evaluate, walk
from oracle.layers import Dense
from oracle.network import Loss, Network, Optimizer

__all__ = [
    "Dense",
    "Derivation",
    "Loss",
    "Network",
    "Optimizer",
    "Values",
    "derive",
    "evaluate",
    "walk",
]
