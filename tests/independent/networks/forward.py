"""One forward pass, and the derivatives that are read off it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mpmath import MPContext

from tests.independent import autodiff
from tests.independent.autodiff import Variable
from tests.independent.nested import Nested, leaves, mapped, shape
from tests.independent.networks.arithmetic import Arithmetic


@dataclass
class Forward:
    """One forward pass: the scalars from which the loss was computed."""

    arithmetic: Arithmetic
    givens: dict[str, Nested]
    parameter_numbers: dict[str, Nested]
    inputs: Nested
    sample_numbers: list[int]
    parameters: dict[str, Nested] = field(default_factory=dict)
    intermediates: dict[str, Nested] = field(default_factory=dict)
    loss: Variable = field(init=False)

    @property
    def context(self) -> MPContext:
        """The context to compute in."""
        return self.arithmetic.context

    def parameter(self, name: str, stated: tuple[int, ...]) -> Nested:
        """The scalars of a parameter, which must have that shape."""
        numbers = self.parameter_numbers[name]
        if shape(numbers) != stated:
            raise ValueError(f"{name} has shape {shape(numbers)} in place of {stated}")
        self.parameters[name] = mapped(Variable, numbers)
        return self.parameters[name]

    def mask(self, index: int) -> Nested:
        """The dropout mask of a layer, for the samples of this iteration."""
        mask = self.givens[f"mask_{index}"]
        if len(mask) == 1:
            return mask
        return [mask[sample] for sample in self.sample_numbers]

    def total(self, terms: Iterable[Variable]) -> Variable:
        """The sum of any number of terms."""
        return autodiff.total(self.context, terms)

    def quantities(self) -> dict[str, Nested]:
        """The values of the intermediate quantities and of the loss."""
        values = {name: _values(nested) for name, nested in self.intermediates.items()}
        return values | {"loss": self.loss.value}

    def parameter_values(self) -> dict[str, Nested]:
        """The values of the parameters."""
        return {name: _values(nested) for name, nested in self.parameters.items()}

    def derivatives(self) -> dict[str, Nested]:
        """The derivatives of the loss by every scalar that has a name."""
        named = {
            **{_derivative_name(name): v for name, v in reversed(self.intermediates.items())},
            **{f"d{name}": nested for name, nested in self.parameters.items()},
            "dx": self.inputs,
        }
        found = iter(autodiff.gradients(self.loss, leaves(list(named.values()))))
        return {name: mapped(lambda _: next(found), nested) for name, nested in named.items()}


def _values(nested: Nested) -> Nested:
    """The values of variables."""
    return mapped(lambda variable: variable.value, nested)


def _derivative_name(name: str) -> str:
    """What the derivative by a pre-activation or an activation is called."""
    return f"delta{name[1:]}" if name.startswith("z") else f"d{name}"
