r"""Names of quantities, as records: what one name is of another is a field, never read off a text.

∂L/∂W1 is `Name("W", 1).gradient`, and W1 after its update is `Name("W", 1).updated`; a name that a
program's author chose, `delta_x` or `dropout`, is that name and nothing else. This is the one file
that puts texts of names together, as documents write them; how formulas write a name stands in
`formulas/symbols.py`.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple


class Relation(NamedTuple):
    """What a derived name is of the name that it is derived from.

    Args:
        what: `gradient`: ∂L/∂ of it. `update`: a parameter after its update. `state`: what an
            optimizer keeps of it, by a letter. `start`: the state before the first iteration.
            `part`: one of the terms that it is the sum of, or the sample of it. `use`: what of a
            gradient comes through one use. `place`: an operation that no line names, by its source.
        which: the letter of a state, which part, through what, or where.
    """

    what: Literal["gradient", "update", "state", "start", "part", "use", "place"]
    which: str = ""


_GRADIENT = Relation("gradient")


class Name(NamedTuple):
    """A quantity's name.

    Args:
        text: what it is written as, without numbers: `W`, `Wxh`, `loss`; or a program's own.
        layer: the layer that it belongs to, from 1; 0 where it belongs to none.
        iteration: from 1; 0 where there is only one.
        time: the time step within a sequence, 0 for the state before the first.
        relations: what it is of the name that these leave, in order.

    >>> weights = Name("W", 2, 3)
    >>> str(weights), str(weights.gradient), str(weights.updated), str(weights.state("v"))
    ('W2@3', 'dW2@3', 'W2_new@3', 'vW2@3')
    >>> str(weights.gradient.part("data")), str(Name("z", 1).gradient), str(Name("h", 1, time=2))
    ('data_dW2@3', 'delta1', 'h2_1')
    >>> weights.gradient.of == weights, weights.gradient == weights.updated
    (True, False)
    """

    text: str
    layer: int = 0
    iteration: int = 0
    time: int | None = None
    relations: tuple[Relation, ...] = ()

    @property
    def gradient(self) -> "Name":
        """∂L/∂ of this."""
        return self._related(_GRADIENT)

    @property
    def updated(self) -> "Name":
        """This parameter after its update."""
        return self._related(Relation("update"))

    def state(self, letter: str) -> "Name":
        """Return what an optimizer keeps of this parameter under a letter."""
        return self._related(Relation("state", letter))

    @property
    def start(self) -> "Name":
        """This state before the first iteration."""
        return self._related(Relation("start"))

    def part(self, which: str) -> "Name":
        """Return a part of this: one of the terms that it is the sum of, or a sample."""
        return self._related(Relation("part", which))

    def use(self, through: str) -> "Name":
        """Return what of this gradient comes through one of the uses."""
        return self._related(Relation("use", through))

    def at(self, place: str) -> "Name":
        """Return the name of an operation whose source this is, and which no line names."""
        return self._related(Relation("place", place))

    @property
    def of(self) -> "Name":
        """The name that this one is the gradient, the update, the state or a part of."""
        return Name(self.text, self.layer, self.iteration, self.time, self.relations[:-1])

    @property
    def bare(self) -> "Name":
        """The same name without an iteration."""
        return Name(self.text, self.layer, 0, self.time, self.relations)

    @property
    def letter_and_number(self) -> tuple[str, str]:
        """The text as one letter and the digits after it; as it is where it is a word."""
        found = re.fullmatch(r"([A-Za-z])(\d*)", self.text)
        return (found[1], found[2]) if found else (self.text, "")

    @property
    def is_delta(self) -> bool:
        """Whether it is of the family of ∂L/∂z, which is written δ."""
        of_pre_activation = self.layer > 0 and self.text in _PRE_ACTIVATIONS
        return of_pre_activation and self.relations[:1] == (_GRADIENT,)

    def __str__(self) -> str:
        """Return the text of the name, `NAME` or `NAME@t`."""
        text, relations = _written(self), self.relations
        if self.is_delta:
            text, relations = _written(self, _delta_text(self)), relations[1:]
        for relation in relations:
            text = _WRITTEN[relation.what].format(text, which=relation.which)
        return f"{text}@{self.iteration}" if self.iteration else text

    def _related(self, relation: Relation) -> "Name":
        relations = (*self.relations, relation)
        return Name(self.text, self.layer, self.iteration, self.time, relations)


class OwnNames(NamedTuple):
    """What the author of a program has named, which formulas show as it is.

    Args:
        texts: the names.
        differentiated: what is differentiated, as the author calls it; a letter for it, where that
            is a sum that no line names.
    """

    texts: frozenset[str]
    differentiated: str


OBJECTIVE = Name("objective")
"""What a program's gradients are derivatives of: the scalar, or Σ dout ∘ out."""


def iteration_label(iteration: int, iterations: int) -> int:
    """Return what names count an iteration by: itself, or 0 where there is only one."""
    return iteration if iterations > 1 else 0


_WRITTEN: Mapping[str, str] = MappingProxyType(
    {
        "gradient": "d{}",
        "update": "{}_new",
        "state": "{which}{}",
        "start": "initial_{}",
        "part": "{which}_{}",
        "use": "{} {which}",
        "place": "({}) at {which}",
    }
)

GATES = "ifgo"
_PRE_ACTIVATIONS: Mapping[str, str] = MappingProxyType(
    {"z": "delta", **{f"z{gate}": f"delta_{gate}" for gate in GATES}}
)
"""The pre-activations of layers, and what is written for ∂L/∂ of each."""

_NUMBERS_OF_LAYERS = frozenset({"alpha", "epsilon", "rate"})
"""The layer follows them at once, as it does one letter; others take an underscore before it."""


def _delta_text(name: Name) -> str:
    text = _PRE_ACTIVATIONS[name.text]
    return f"{text}_at" if name.text == "z" and name.time is not None else text


def _written(name: Name, text: str = "") -> str:
    """Return the text of the name that a derived one starts from, its iteration apart."""
    text = text or name.text
    if name.time is not None:
        return f"{text}{name.time}_{name.layer}"
    if not name.layer:
        return text
    is_joined = len(name.text) == 1 or name.text in _NUMBERS_OF_LAYERS
    return f"{text}{name.layer}" if is_joined else f"{text}_{name.layer}"
