"""What a step is, stated by whoever makes it: the forward pass, the way back, or an update.

Mistakes, bands, gates and worksheets ask a step for its role, and never its name. A line of the
forward pass is a `Value`, of which whoever makes it may say more in a record of its own; a step of
the way back says through which of those lines it passes, and so has their records at hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gradgrade.oracle.derivation.names import Name


@dataclass(frozen=True, slots=True)
class Value:
    """What is computed from other quantities, of which there is no more to say."""


VALUE = Value()


@dataclass(frozen=True, slots=True, kw_only=True)
class Averaged(Value):
    """A sum that is divided by a count, which whoever computes may do last."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelling(Value):
    """A difference of what is nearly the same, in which leading digits cancel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Value):
    """What counts as a constant wherever derivatives are taken, though it is computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullBack:
    """A gradient passed back: to an operand, through the lines that read it, from their gradients.

    Args:
        to: the operand; the step makes ∂L/∂ of it, or a part of that.
        through: the lines whose derivatives the step takes.
        upstream: the gradients of those lines that it reads; none where it starts from the loss.
    """

    to: Name
    through: tuple[Value, ...]
    upstream: tuple[Name, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A gradient put together of contributions that other steps make.

    Args:
        to: what it is the gradient of.
        contributions: what it is put together of.
    """

    to: Name
    contributions: tuple[Name, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """A step of an optimizer, or what one would have read.

    Args:
        optimizer: its name.
        symbols: the names of what its rules may read: `W` the parameter in use, `g` its gradient,
            `learning_rate`, its numbers and corrections, and state by its letters.
    """

    optimizer: str
    symbols: Mapping[str, Name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Update(Training):
    """A parameter after its update."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State(Training):
    """What an optimizer keeps of a parameter, by its letter."""

    letter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen(Training):
    """A parameter as it was an iteration before, since it is not updated."""


Role = Value | PullBack | Total | Training
