"""Write `layers.md` from the oracle's own tables: `python docs/make_layers.py`."""

import inspect
from pathlib import Path

from gradgrade.oracle.derivation.names import Name, latex
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.functions.losses import LOSSES
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
        f"| `{each.name}` | $`{_cell(each.formula)}`$ | $`{_cell(each.derivative_formula)}`$ | "
        f"{_numbers(dict(each.numbers))} | {each.source} |"
        for each in ACTIVATIONS.values()
    ]
    return [*lines, ""]


def _losses() -> list[str]:
    lines = ["## Losses", "", "The term of one unit of one sample, before the reduction.", ""]
    lines += ["| name | term | ∂term/∂a | numbers | source |", "|---|---|---|---|---|"]
    lines += [
        f"| `{each.name}` | $`{_cell(each.formula)}`$ | $`{_cell(each.derivative_formula)}`$ | "
        f"{_numbers(dict(each.numbers))} | {each.source} |"
        for each in LOSSES.values()
    ]
    penalties = " and ".join(
        f"`{each.name}`: $`{each.formula(latex(Name(each.name)))}`$" for each in PENALTIES.values()
    )
    return [*lines, "", f"Penalties, over all weights and no bias: {penalties}.", ""]


def _optimizers() -> list[str]:
    lines = ["## Optimizers", "", "State starts from zero; g is the gradient.", ""]
    lines += ["| name | updates, in order | numbers | source |", "|---|---|---|---|"]
    for each in OPTIMIZERS.values():
        updates = "; ".join(
            f"$`{_symbol(update.makes)} := {_cell(update.formula(*map(_symbol, update.reads)))}`$"
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
        lines.append(f"| `{each.name}` | $`{_cell(each.formula)}`$ | {listed} |")
    return [*lines, ""]


def _symbol(text: str) -> str:
    if len(text) == 1:
        return text if text == "g" else text.upper()
    return latex(Name(text))


def _cell(formula: str) -> str:
    return formula.replace("|", r"\vert ")


if __name__ == "__main__":
    Path(__file__).with_name("layers.md").write_text(page(), encoding="utf-8")
