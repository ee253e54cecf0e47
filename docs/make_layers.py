"""Write `layers.md` from the oracle's own tables: `python docs/make_layers.py`."""

import inspect
from pathlib import Path

from gradgrade.oracle.derivation.formulas.expression import Equality, Expression, Letter, Named
from gradgrade.oracle.derivation.formulas.latex import to_latex
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.functions.activations import ACTIVATIONS, Activation
from gradgrade.oracle.functions.losses import LOSSES, LossFunction
from gradgrade.oracle.networks.layers import (
    convolution,
    dense,
    dropout,
    lstm,
    normalization,
    pooling,
    recurrent,
    reshaping,
)
from gradgrade.oracle.training.optimizers import OPTIMIZERS
from gradgrade.oracle.training.penalties import PENALTIES
from gradgrade.oracle.training.schedules import SCHEDULES

LAYER_FILES = (dense, convolution, pooling, recurrent, lstm, normalization, dropout, reshaping)

HEADER = """\
# Layers, functions and optimizers

Every formula that the oracle computes, with its convention and source; written from its tables by
`python docs/make_layers.py`. Formulas are in column convention. The seeds are the five
introductions whose worked examples are in the catalogue set `seeds`.
"""


def page() -> str:
    """Return the page."""
    return "\n".join(
        [HEADER, *_layers(), *_activations(), *_losses(), *_optimizers(), *_schedules()]
    )


def _layers() -> list[str]:
    lines = ["## Layers", ""]
    for module in LAYER_FILES:
        title, _, body = (inspect.getdoc(module) or "").partition("\n")
        lines += [f"### {title}", body, ""]
    return lines


def _numbers(numbers: dict[str, str]) -> str:
    return ", ".join(f"`{name}` = {value}" for name, value in numbers.items()) or "–"


def _activations() -> list[str]:
    lines = ["## Activations", ""]
    lines += ["| name | a | da/dz | numbers | source |", "|---|---|---|---|---|"]
    lines += [
        f"| `{each.name}` | {_cell(each.formula(*each.letters))} | {_cell(_derivative(each))} | "
        f"{_numbers(dict(each.numbers))} | {each.source} |"
        for each in ACTIVATIONS.values()
    ]
    return [*lines, ""]


def _derivative(activation: Activation) -> Expression:
    """Return da/dz, or what is passed back where that is no function of the entry alone."""
    if activation.derivative_formula:
        return activation.derivative_formula(*activation.letters)
    a, z = Name("a"), Name("z")
    passed_back = activation.delta_formula(Named(a.gradient), Named(a))
    return Equality(Named(z.gradient), passed_back)


def _losses() -> list[str]:
    lines = ["## Losses", "", "The term of one unit of one sample, before the reduction.", ""]
    lines += ["| name | term | ∂term/∂a | numbers | source |", "|---|---|---|---|---|"]
    lines += [
        f"| `{each.name}` | {_cell(each.formula(*_letters(each)))} | "
        f"{_cell(each.derivative_formula(*_letters(each)))} | "
        f"{_numbers(dict(each.numbers))} | {each.source} |"
        for each in LOSSES.values()
    ]
    penalties = " and ".join(
        f"`{each.name}`: {_cell(each.formula(Named(Name(each.name))))}"
        for each in PENALTIES.values()
    )
    return [*lines, "", f"Penalties, over all weights and no bias: {penalties}.", ""]


def _letters(loss: LossFunction) -> tuple[Expression, ...]:
    return (Letter("a"), Letter("y"), *(Named(Name(number)) for number in loss.numbers))


def _optimizers() -> list[str]:
    lines = ["## Optimizers", "", "State starts from zero; g is the gradient.", ""]
    lines += ["| name | updates, in order | numbers | source |", "|---|---|---|---|"]
    for each in OPTIMIZERS.values():
        updates = "; ".join(
            f"$`{to_latex(_symbol(update.makes))} := "
            f"{to_latex(update.formula(*map(_symbol, update.reads)))}`$"
            for update in each.updates
        )
        numbers = _numbers(dict(each.numbers))
        lines.append(f"| `{each.name}` | {updates} | {numbers} | {each.source} |")
    return [*lines, "", "$`c_1 = 1 - \\beta_1^t`$ and $`c_2 = 1 - \\beta_2^t`$ in iteration t.", ""]


def _schedules() -> list[str]:
    lines = ["## Schedules", "", "| name | η in iteration t | numbers |", "|---|---|---|"]
    for each in SCHEDULES.values():
        numbers = (*each.numbers, *(("every",) if each.takes_every else ()))
        listed = ", ".join(f"`{name}`" for name in numbers) or "–"
        symbols = map(_symbol, ("learning_rate", *each.numbers))
        formula = each.formula(Letter("t"), Letter("every"), *symbols)
        lines.append(f"| `{each.name}` | {_cell(formula)} | {listed} |")
    return [*lines, ""]


def _symbol(text: str) -> Expression:
    if len(text) == 1:
        return Letter(text if text == "g" else text.upper())
    return Named(Name(text))


def _cell(formula: Expression) -> str:
    return "$`{}`$".format(to_latex(formula).replace("|", r"\vert "))


if __name__ == "__main__":
    Path(__file__).with_name("layers.md").write_text(page(), encoding="utf-8")
