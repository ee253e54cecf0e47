r"""Names of quantities, as records: what one name is of another is a field, never read off a text.

∂L/∂W1 is `Name("W", 1).gradient`, and W1 after its update is `Name("W", 1).updated`; a name that a
program's author chose, `delta_x` or `dropout`, is that name and nothing else. This is the one file
that puts texts of names together or looks into them: as documents write them (`str`), and as
formulas do (`latex`).
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
            `part`: one of the terms that it is the sum of, or the sample of it.
        which: the letter of a state, or which part.
    """

    what: Literal["gradient", "update", "state", "start", "part"]
    which: str = ""


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
        return self._related(Relation("gradient"))

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

    @property
    def of(self) -> "Name":
        """The name that this one is the gradient, the update, the state or a part of."""
        return self._replace(relations=self.relations[:-1])

    @property
    def bare(self) -> "Name":
        """The same name without an iteration."""
        return self._replace(iteration=0)

    def __str__(self) -> str:
        """Return the text of the name, `NAME` or `NAME@t`."""
        text, relations = _written(self), self.relations
        if _is_delta(self):
            text, relations = _written(self, _delta_text(self)), relations[1:]
        for relation in relations:
            text = _WRITTEN[relation.what].format(text, which=relation.which)
        return f"{text}@{self.iteration}" if self.iteration else text

    def _related(self, relation: Relation) -> "Name":
        return self._replace(relations=(*self.relations, relation))


def iteration_label(iteration: int, iterations: int) -> int:
    """Return what names count an iteration by: itself, or 0 where there is only one."""
    return iteration if iterations > 1 else 0


def latex(name: Name) -> str:
    r"""Return the LaTeX of a name, its iteration as a superscript in parentheses.

    >>> print(latex(Name("W", 2).gradient))
    \frac{\partial L}{\partial W_{2}}
    >>> print(latex(Name("W", 1, 3).updated), latex(Name("Wxh", 1)), latex(Name("W", 1).state("v")))
    W_{1}^{\mathrm{new}(3)} W_{xh,1} V_{W_{1}}
    >>> print(latex(Name("dropout")), latex(Name("delta_x").gradient))
    \mathrm{dropout} \frac{\partial L}{\partial \mathrm{delta\_x}}
    """
    iteration = f"({name.iteration})" if name.iteration else ""
    if not name.relations:
        return _symbol(name) + _superscript(iteration)
    relation, of = name.relations[-1], name.of
    match relation.what:
        case "gradient" if _is_delta(name):
            return _symbol(of, r"\delta") + _superscript(iteration)
        case "gradient":
            return rf"\frac{{\partial L}}{{\partial {latex(of.bare)}}}" + _superscript(iteration)
        case "state":
            return f"{relation.which.upper()}_{{{latex(of.bare)}}}" + _superscript(iteration)
        case "update":
            return latex(of.bare) + _superscript(rf"\mathrm{{new}}{iteration}")
        case "start":
            return rf"\left({latex(of)}\right)_{{\mathrm{{0}}}}"
        case "part":
            part = _PARTS.get(relation.which, relation.which)
            return rf"\left({latex(of)}\right)_{{\mathrm{{{part}}}}}"


def transposed(name: Name) -> str:
    """Return the LaTeX of a matrix's transpose."""
    return rf"{{{latex(name)}}}^{{\mathsf{{T}}}}"


_WRITTEN: Mapping[str, str] = MappingProxyType(
    {
        "gradient": "d{}",
        "update": "{}_new",
        "state": "{which}{}",
        "start": "initial_{}",
        "part": "{which}_{}",
    }
)

_PARTS: Mapping[str, str] = MappingProxyType({"incoming": "in"})

_GATES = "ifgo"
_PRE_ACTIVATIONS: Mapping[str, str] = MappingProxyType(
    {"z": "delta", **{f"z{gate}": f"delta_{gate}" for gate in _GATES}}
)
"""The pre-activations of layers, and what is written for ∂L/∂ of each."""

_NUMBERS_OF_LAYERS = frozenset({"alpha", "epsilon", "rate"})
"""The layer follows them at once, as it does one letter; others take an underscore before it."""

_SYMBOLS_OF_LAYERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "gamma": (r"\gamma", ""),
        "beta": (r"\beta", ""),
        "alpha": (r"\alpha", ""),
        "epsilon": (r"\varepsilon", ""),
        "rate": (r"\mathrm{rate}", ""),
        "mask": ("M", ""),
        "patches": ("P", ""),
        "delta_by_filter": (r"\delta", "filter"),
        "extended": (r"\bar{a}", ""),
        "deviation": (r"\mathrm{dev}", ""),
        "normalized": (r"\hat{a}", ""),
        "incoming": (r"\mathrm{in}", ""),
        **{
            f"{letter}{source}{gate}": (letter, f"{source}{gate}")
            for letter, sources in (("W", "xh"), ("b", ("",)), ("z", ("",)))
            for source in sources
            for gate in ("h", *_GATES)
        },
    }
)
"""Symbol and first subscript of what layers name."""

_SYMBOLS: Mapping[str, str] = MappingProxyType(
    {
        "loss": "L",
        "data_loss": r"L_{\mathrm{data}}",
        "l1_penalty": r"R_1",
        "l2_penalty": r"R_2",
        "l1": r"\lambda_1",
        "l2": r"\lambda_2",
        "threshold": "d",
        "samples": "k",
        "learning_rate": r"\eta",
        "scheduled_learning_rate": r"\eta",
        "factor": r"\mathrm{factor}",
        "rate": r"\mathrm{rate}",
        "period": "T",
        "momentum": r"\mu",
        "decay": r"\rho",
        "beta1": r"\beta_1",
        "beta2": r"\beta_2",
        "beta1_correction": r"c_1",
        "beta2_correction": r"c_2",
        "epsilon": r"\varepsilon",
        "weight_decay": r"\lambda",
    }
)
"""The symbols of losses, penalties, schedules and optimizers, which belong to no layer."""


def _is_delta(name: Name) -> bool:
    """Tell whether a name is of the family of ∂L/∂z, which is written δ."""
    of_pre_activation = name.layer > 0 and name.text in _PRE_ACTIVATIONS
    return of_pre_activation and name.relations[:1] == (Relation("gradient"),)


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


def _symbol(name: Name, symbol: str = "") -> str:
    own, first = _own_symbol(name)
    time = "" if name.time is None else str(name.time)
    subscripts = [each for each in (first + time, str(name.layer or "")) if each]
    subscript = f"_{{{','.join(subscripts)}}}" if subscripts else ""
    return f"{symbol or own}{subscript}"


def _own_symbol(name: Name) -> tuple[str, str]:
    """Return symbol and first subscript: from the tables, or of a text that anybody may choose."""
    if name.layer and name.text in _SYMBOLS_OF_LAYERS:
        return _SYMBOLS_OF_LAYERS[name.text]
    if not name.layer and name.text in _SYMBOLS:
        return _SYMBOLS[name.text], ""
    indexed = re.fullmatch(r"([A-Za-z])(\d*)", name.text)
    if indexed:
        return indexed[1], indexed[2]
    escaped = name.text.replace("_", r"\_")
    return rf"\mathrm{{{escaped}}}", ""


def _superscript(marks: str) -> str:
    return f"^{{{marks}}}" if marks else ""
