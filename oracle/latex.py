"""How a name is written in a formula."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from oracle.quantities import Name

_SYMBOLS: Mapping[str, str] = MappingProxyType(
    {
        "loss": "L",
        "data_loss": r"L_{\mathrm{data}}",
        "delta": r"\delta",
        "gamma": r"\gamma",
        "beta": r"\beta",
        "alpha": r"\alpha",
        "learning_rate": r"\eta",
        "l1": r"\lambda_1",
        "l2": r"\lambda_2",
    }
)
_STATE = re.compile(r"[vsm](?=W|b|gamma)")


def latex(name: Name) -> str:
    r"""Return the LaTeX of a name, its iteration as a superscript in parentheses.

    >>> print(latex(Name("dW{}", 2)))
    \frac{\partial L}{\partial W_{2}}
    >>> print(latex(Name("W{}_new", 1, 3)), latex(Name("Wxh_{}", 1)), latex(Name("vW{}", 1)))
    W_{1}^{\mathrm{new}(3)} W_{xh,1} V_{W_{1}}
    """
    stem = name.kind.removesuffix("_new").removesuffix("{}").removesuffix("_")
    if stem.startswith("d") and stem not in _SYMBOLS:
        variable = Name(name.kind.removeprefix("d"), name.layer)
        return rf"\frac{{\partial L}}{{\partial {latex(variable)}}}{_superscript(name)}"
    if _STATE.match(stem):
        parameter = latex(Name(name.kind[1:], name.layer))
        return f"{stem[0].upper()}_{{{parameter}}}{_superscript(name)}"
    symbol = _SYMBOLS.get(stem)
    subscripts = [str(name.layer)] if name.layer else []
    if symbol is None:
        symbol, rest = stem[0], stem[1:]
        subscripts = [rest, *subscripts] if rest else subscripts
    subscript = f"_{{{','.join(subscripts)}}}" if subscripts else ""
    return f"{symbol}{subscript}{_superscript(name)}"


def transposed(name: Name) -> str:
    """Return the LaTeX of a matrix's transpose."""
    return rf"{{{latex(name)}}}^{{\mathsf{{T}}}}"


def _superscript(name: Name) -> str:
    marks = r"\mathrm{new}" if name.kind.endswith("_new") else ""
    if name.iteration:
        marks += f"({name.iteration})"
    return f"^{{{marks}}}" if marks else ""
