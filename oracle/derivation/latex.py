"""How a name is written in a formula."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from gradgrade.oracle.derivation.quantities import Name

_SYMBOLS: Mapping[str, str] = MappingProxyType(
    {
        "loss": "L",
        "extended": r"\bar{a}",
        "data_loss": r"L_{\mathrm{data}}",
        "delta": r"\delta",
        "gamma": r"\gamma",
        "beta": r"\beta",
        "alpha": r"\alpha",
        "learning_rate": r"\eta",
        "scheduled_learning_rate": r"\eta",
        "beta1": r"\beta_1",
        "beta2": r"\beta_2",
        "beta1_correction": r"c_1",
        "beta2_correction": r"c_2",
        "momentum": r"\mu",
        "decay": r"\rho",
        "epsilon": r"\varepsilon",
        "weight_decay": r"\lambda",
        "threshold": "d",
        "l1_penalty": r"R_1",
        "l2_penalty": r"R_2",
        "l1": r"\lambda_1",
        "l2": r"\lambda_2",
        "deviation": r"\mathrm{dev}",
        "normalized": r"\hat{a}",
        "incoming": r"\mathrm{in}",
        "patches": "P",
        "mask": "M",
        "samples": "k",
        "rate": r"\mathrm{rate}",
        "factor": r"\mathrm{factor}",
        "period": "T",
    }
)
_PARTS: Mapping[str, str] = MappingProxyType(
    {
        "data_d": "data",
        "l1_d": "l1",
        "l2_d": "l2",
        "initial_": "0",
        "sample_": "sample",
        "incoming_d": "in",
    }
)
_STATE = re.compile(r"[vsm](?=W|b|gamma)")
_DELTA_OF = re.compile(r"delta_(?:at|by_)?(\w+)")


def latex(name: Name) -> str:
    r"""Return the LaTeX of a name, its iteration as a superscript in parentheses.

    >>> print(latex(Name("dW{}", 2)))
    \frac{\partial L}{\partial W_{2}}
    >>> print(latex(Name("W{}_new", 1, 3)), latex(Name("Wxh_{}", 1)), latex(Name("vW{}", 1)))
    W_{1}^{\mathrm{new}(3)} W_{xh,1} V_{W_{1}}
    """
    for prefix, mark in _PARTS.items():
        if name.kind.startswith(prefix):
            whole = latex(name._replace(kind=name.kind.removeprefix(prefix.removesuffix("d"))))
            return rf"\left({whole}\right)_{{\mathrm{{{mark}}}}}"
    stem = name.kind.removesuffix("_new").removesuffix("{}").removesuffix("_")
    delta_of = _DELTA_OF.fullmatch(stem)
    if stem.startswith("d") and stem not in _SYMBOLS and not delta_of:
        variable = Name(name.kind.removeprefix("d"), name.layer)
        return rf"\frac{{\partial L}}{{\partial {latex(variable)}}}{_superscript(name)}"
    if _STATE.match(stem):
        parameter = latex(Name(name.kind[1:], name.layer))
        return f"{stem[0].upper()}_{{{parameter}}}{_superscript(name)}"
    subscripts = [str(name.layer)] if name.layer else []
    word = stem.rstrip("0123456789")
    if delta_of:
        symbol, rest = r"\delta", delta_of[1]
    elif stem in _SYMBOLS:
        symbol, rest = _SYMBOLS[stem], ""
    elif word in _SYMBOLS:
        symbol, rest = _SYMBOLS[word], stem.removeprefix(word)
    else:
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
