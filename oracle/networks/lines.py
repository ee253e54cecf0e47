"""What the lines of a network's forward pass are: the records that layers and the loss state.

Each holds the names that a line reads and makes, so that the steps of the way back, which hold the
records of the lines that they pass through, need no network to be understood.
"""

from dataclasses import dataclass
from typing import Literal

from gradgrade.oracle.arithmetic import EntryMap
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.roles import Averaged, Value
from gradgrade.oracle.functions.activations import Activation
from gradgrade.oracle.functions.losses import LossFunction
from gradgrade.oracle.nested import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedInput(Value):
    """z = Σ W a + b over the products of weights with what they read.

    Args:
        z: what the line makes.
        products: the weights and their source, of each product.
        bias: the biases that are added, if any are.
        kernel: height and width of the kernels that the weights are, where they slide.
        patches: the entries of the samples that the kernels are laid on, one place a column.
    """

    z: Name
    products: tuple[tuple[Name, Name], ...]
    bias: Name | None
    kernel: Shape | None = None
    patches: EntryMap | None = None

    @property
    def weights(self) -> tuple[Name, ...]:
        """The weights of all products."""
        return tuple(weights for weights, _ in self.products)

    @property
    def is_dense(self) -> bool:
        """Whether every unit reads every unit before it, and nothing else."""
        return len(self.products) == 1 and self.kernel is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activated(Value):
    """a = f(z)."""

    activation: Activation
    z: Name
    a: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class DataLoss(Averaged):
    """The loss, penalties aside: Σ term(a, y) / count, or the root of that.

    Args:
        loss: what the line makes.
        function: the record of the loss.
        reduction: what it is averaged over; a root's is over the elements.
        output: the network's output a.
        targets: y.
        samples: N.
        units: K, how many an output has.
    """

    loss: Name
    function: LossFunction
    reduction: str
    output: Name
    targets: Name
    samples: int
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalized(Value):
    """A penalty on weights, with its factor λ."""

    penalty: str
    factor: Name
    weights: tuple[Name, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped(Value):
    """Dropout: a = x ∘ mask / (1 − rate)."""

    mask: Name
    rate: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled(Value):
    """The largest or the mean entry of each window.

    Args:
        takes: which of the two.
        entries: the entries of every window.
        size: how many a window has.
    """

    takes: Literal["largest", "mean"]
    entries: EntryMap
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalized(Value):
    """x̂ = (x − μ) / deviation, with deviation √(σ² + ε), and a = γ ∘ x̂ + β; for all three lines.

    `count` is how many entries the statistics are taken over.
    """

    source: Name
    epsilon: Name
    deviation: Name
    normalized: Name
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LastTimeStep(Value):
    """The last of so many time steps of a sequence."""

    sequence: Name
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell(Value):
    """What an LSTM's cell holds: c = f ∘ before + i ∘ g."""

    c: Name
    forget: Name
    before: Name
    input: Name
    candidate: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class CellOutput(Value):
    """What an LSTM passes on of its cell: h = o ∘ tanh c."""

    h: Name
    gate: Name
    cell: Name
