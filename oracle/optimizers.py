r"""The optimizers, as tables of update rules: state first, then the parameter.

Each rule reads symbols: `W` the parameter before the step, `g` its gradient, a state letter (as
updated in this iteration where its rule came before, else of the iteration before; zero at first),
`learning_rate` η_t, and the optimizer's own numbers by their names.

Source: seeds 000–004 for W := W − η g.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from oracle.arithmetic import Arithmetic, Matrix


@dataclass(frozen=True, kw_only=True)
class Update:
    """One rule of an optimizer.

    Args:
        makes: a state letter, or `W` for the parameter itself.
        reads: the symbols that the rule is given.
        rule: `rule(arithmetic, *matrices)`.
        formula: its right side as LaTeX, from the texts of what it reads.
    """

    makes: str
    reads: tuple[str, ...]
    rule: Callable[..., Matrix]
    formula: Callable[..., str]


@dataclass(frozen=True, kw_only=True)
class UpdateRule:
    """An optimizer: its name, its numbers with their defaults, and its updates in order."""

    name: str
    hyperparameters: Mapping[str, str]
    updates: tuple[Update, ...]
    source: str

    @property
    def state(self) -> tuple[str, ...]:
        """The letters of its state."""
        return tuple(update.makes for update in self.updates if update.makes != "W")


def _descend(arithmetic: Arithmetic, w: Matrix, g: Matrix, learning_rate: Matrix) -> Matrix:
    return arithmetic.subtract(w, arithmetic.multiply(learning_rate, g))


_ALL = (
    UpdateRule(
        name="sgd",
        hyperparameters=MappingProxyType({}),
        updates=(
            Update(
                makes="W",
                reads=("W", "g", "learning_rate"),
                rule=_descend,
                formula=lambda w, g, rate: rf"{w} - {rate} {g}",
            ),
        ),
        source="seeds 000 to 004",
    ),
)

OPTIMIZERS: Mapping[str, UpdateRule] = MappingProxyType({each.name: each for each in _ALL})
