"""What is true: the mathematics of backpropagation, with no files, network or exercises in it."""

from oracle.certify import CertifiedValues, certify
from oracle.derivation import Derivation, Values, evaluate, walk
from oracle.deriving import derive
from oracle.layers import Dense
from oracle.network import Loss, Network, Optimizer

__all__ = [
    "CertifiedValues",
    "Dense",
    "Derivation",
    "Loss",
    "Network",
    "Optimizer",
    "Values",
    "certify",
    "derive",
    "evaluate",
    "walk",
]
