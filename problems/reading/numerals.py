r"""One number as people type it: its digits are kept, its value never changes.

Taken are `.5`, `5.`, `+0.5`, `- 0.5`, a typographic minus, full-width digits, `1.5×10^-3` and its
like, and a decimal comma where it can be nothing else: `1,234` is one and something or a thousand.
"""

import re
from collections.abc import Callable

from gradgrade.problems.documents.number import MAXIMUM_LENGTH, Number
from gradgrade.problems.documents.text import LONGEST_QUOTED
from gradgrade.problems.errors import DocumentError

DECIMAL_COMMA = "\N{ARABIC DECIMAL SEPARATOR}"
"""What stands for a comma of which it is known that it begins a fraction."""

LONGEST_TYPED = 200
"""Of what is typed for one number, in characters, spaces and signs for powers too."""

_PLAIN = str.maketrans(
    {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}  # full-width forms of ASCII
    | dict.fromkeys(map(ord, "−–—‒﹣"), "-")
    | dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u200a\u202f\u3000"), " ")
    | dict.fromkeys(map(ord, "\ufeff\u200b\u200e\u200f"))
    | dict.fromkeys(map(ord, "“”„"), '"')
    | dict.fromkeys(map(ord, "‘’"), "'")
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")

_RAISED = r"(?:(?:\^|\*\*)[ \t]*+[({]?([+-]?\d{1,4})[)}]?|([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,4}))"
_TIMES_POWER = re.compile(
    rf"(?<=[\d.])[ \t]*+(?:[×·⋅∙*xX]|\\times|\\cdot)[ \t]*+10{_RAISED}", re.ASCII
)
_POWER = re.compile(rf"([+-]?)10{_RAISED}", re.ASCII)

_NUMERAL = re.compile(
    rf"([+-]?)[ \t]*(\d*)(?:([.,{DECIMAL_COMMA}])(\d*))?(?:[eE]([+-]?\d+))?", re.ASCII
)
_GROUP_OF_THREE = re.compile(rf"[+-]?[1-9]\d{{0,2}}[,{DECIMAL_COMMA}]\d{{3}}", re.ASCII)


def plain(text: str) -> str:
    """Return text with the signs that people type for those of a numeral, and powers of ten as e.

    >>> plain("−１.5×10⁻³")
    '-1.5e-3'
    """
    return _TIMES_POWER.sub(_as_exponent, text.translate(_PLAIN))


def _as_exponent(match: re.Match[str]) -> str:
    return f"e{match[1] or match[2].translate(_SUPERSCRIPTS)}"


def read_number(text: str) -> Number:
    """Return the number that somebody typed.

    Args:
        text: one number, spaces around it.

    Returns:
        A Number of the same digits; only what JSON does not have is written otherwise.

    Raises:
        DocumentError: it is none, or could be two; the message shows it and says what to write.

    >>> read_number("+.50"), read_number("0,5"), read_number("1.5 × 10^-3")
    (Number('0.50'), Number('0.5'), Number('1.5e-3'))
    >>> read_number("1,234")
    Traceback (most recent call last):
    gradgrade.problems.errors.DocumentError: '1,234' can be 1234 or 1.234: write one of them
    """
    if len(text) > LONGEST_TYPED:
        raise DocumentError(
            f"{_shown(text)} has {len(text)} characters, "
            f"and a number has no more than {MAXIMUM_LENGTH} characters: write fewer digits"
        )
    typed = plain(text).strip()
    if power := _POWER.fullmatch(typed):
        typed = f"{power[1]}1e{power[2] or power[3].translate(_SUPERSCRIPTS)}"
    found = _NUMERAL.fullmatch(typed)
    if found is None or not (found[2] or found[4]):
        raise DocumentError(_why_not(text.strip(), typed))
    if _GROUP_OF_THREE.fullmatch(typed):
        whole, _, rest = typed.lstrip("+").replace(DECIMAL_COMMA, ",").partition(",")
        raise DocumentError(
            f"{_shown(text)} can be {whole}{rest} or {whole}.{rest}: write one of them"
        )
    sign, whole, _, fraction, exponent = found.groups(default="")
    written = f"{sign.strip('+')}{whole.lstrip('0') or '0'}"
    written += (f".{fraction}" if fraction else "") + (f"e{exponent}" if exponent else "")
    if len(whole) > 1 and whole.startswith("0"):
        raise DocumentError(f"{_shown(text)} begins with zeros: write {written}")
    if len(written) > MAXIMUM_LENGTH:
        raise DocumentError(
            f"{_shown(text)} has more than {MAXIMUM_LENGTH} characters: write fewer digits"
        )
    return Number(written)


def _shown(text: str) -> str:
    text = text.strip().replace(DECIMAL_COMMA, ",")
    return repr(text) if len(text) <= LONGEST_QUOTED else f"{text[:LONGEST_QUOTED]!r}…"


# Why something is no number, and what to write

_EXAMPLE = "write it like -0.25 or 1.5e-3"


def _alone(match: re.Match[str]) -> str:
    return f"says more than a number: write it alone, as {match[1]}"


def _without_separators(match: re.Match[str]) -> str:
    text = match[0]
    last = max(text.rfind("."), text.rfind(DECIMAL_COMMA), text.rfind(","))
    is_fraction = len(set(re.findall(r"\D", text.lstrip("+-")))) > 1
    whole, rest = (text[:last], text[last + 1 :]) if is_fraction else (text, "")
    digits = re.sub(r"[^\d+-]", "", whole) + (f".{rest}" if rest else "")
    return f"has separators of thousands: write {digits}"


def _digits_for_letters(match: re.Match[str]) -> str:
    written = match[0].translate(str.maketrans("OoIl", "0011"))
    return f"has a letter where a digit belongs: write {written}"


_COMMA = f"[,{DECIMAL_COMMA}]"
# Atomic: what is typed takes no longer to refuse than to read.
_SIMPLE = r"(?>[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?)"

_REASONS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"", "is empty: write a number"),
    (r"\.\.+|…|\[?\.\.\.\]?", "stands for numbers that were left out: write all of them"),
    (r"(?i)[+-]?nan(\(\w*\))?", "is not a number: write a finite one, or leave this part out"),
    (r"(?i)[+-]?(inf|infinity|∞)", "is not a finite number: write one, or leave this part out"),
    (
        r"(?i)-+|\.|_+|\?+|n/?a|n\.a\.|none|null|nil|nothing|unknown|x+|tbd|todo",
        "is not a number: leave this part empty where you have no answer",
    ),
    (r".*%", "has a percent sign: write a share of 1, such as 0.25 for a quarter"),
    (r"[+-]?[\d., ]+[/⁄][+-]?[\d., ]+", "is a fraction: write its decimal value, such as 0.25"),
    (r".*[½⅓⅔¼¾⅕⅛].*", "is a fraction: write its decimal value, such as 0.25"),
    (rf"[+-]?\d{{1,3}}(?:{_COMMA}\d{{3}}){{2,}}", _without_separators),
    (rf"[+-]?\d{{1,3}}(?:{_COMMA}\d{{3}})+\.\d*", _without_separators),
    (rf"[+-]?\d{{1,3}}(?:\.\d{{3}})+{_COMMA}\d*", _without_separators),
    (r"[+-]?\d{1,3}(?:\.\d{3}){2,}", _without_separators),
    (rf"[+-]?\d{{1,3}}(?:[ '_]\d{{3}})+(?:\.\d*|{_COMMA}\d*)?", _without_separators),
    (r"[+-]?\d+(?:_\d+)+", _without_separators),
    (r"(?i)[+-]?0[xob][0-9a-f.]+(?:p[+-]?\d+)?", "is not a number in decimal digits: " + _EXAMPLE),
    (r"[+-]?(?=.*\d)(?=.*[OoIl])(?!.*[Il]$)[\dOoIl]*\.?[\dOoIl]+", _digits_for_letters),
    (
        rf"({_SIMPLE})[+-]",
        lambda match: f"has its sign at its end: write -{match[1]} or {match[1]}",
    ),
    (r"[+-][ +-]*[+-][ ]*\d.*", "has two signs: write one"),
    (r"[+-]?[\d.]*\.[\d]*\.[\d.]*", "has two decimal points: write one"),
    (
        rf"[+-]?\d*{_COMMA}\d*(?:{_COMMA}\d*)+",
        "is not a number: write a decimal point, and one number",
    ),
    (
        rf"{_SIMPLE}(?:[ ;\t]++{_SIMPLE})+",
        lambda match: f"are {len(match[0].replace(';', ' ').split())} numbers: one is asked here",
    ),
    (
        rf"(?i)(?:about|approx\w*|around|roughly|circa|ca|[~≈≃=<>≤≥±]|\+/-)[. ]*({_SIMPLE})",
        _alone,
    ),
    (rf"({_SIMPLE}) *(?:\+/-|±).*", _alone),
    (
        r"(?i)[^a-z]*[\d)][ ]*[*/^+-].*|.*\b(sqrt|exp|log|ln|tanh|pi)\b.*|.*[π√].*",
        "is an expression: write its value, such as 0.25",
    ),
    (
        r"[+-]?[\d.,]+ *[eE] *[+-]? *[\d.,]*",
        "has no whole number as its exponent, without spaces: write it like 1.5e-3",
    ),
    (rf"({_SIMPLE})[ ]*[^\d\s.,+*/^-].*", _alone),
    (r".*=.*", "has an equals sign: write the number alone"),
)
"""What is typed for a number, the whole of it, and what to say: the first that fits."""


def _why_not(text: str, typed: str) -> str:
    shown = _shown(text)
    for pattern, reason in _REASONS:
        if match := re.fullmatch(pattern, typed, re.ASCII):
            told = reason if isinstance(reason, str) else reason(match)
            return told.replace("is empty", "it is empty") if not text else f"{shown} {told}"
    if any(each.isdecimal() and not each.isascii() for each in text):
        return f"{shown} is not written with the digits 0 to 9: {_EXAMPLE}"
    return f"{shown} is not a number: {_EXAMPLE}"
