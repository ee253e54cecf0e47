"""What is true: the mathematics of backpropagation, with no files, network or exercises in it."""

from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.walking import Values, evaluate, walk
from gradgrade.oracle.networks.deriving import derive
from gradgrade.oracle.networks.layers import Dense
from gradgrade.oracle.networks.network import Loss, Network
from gradgrade.oracle.proof.certify import CertifiedValues, certify
from gradgrade.oracle.training.updates import Optimizer

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
