"""A page as a LaTeX article that compiles as it is; of packages it needs amsmath alone.

What LaTeX's own fonts do not have is written as its code point, `[U+4E2D]`.
"""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from gradgrade.oracle.derivation.formulas.latex import to_latex
from gradgrade.problems.worksheet.formats.markdown import aligned
from gradgrade.problems.worksheet.page import (
    Blank,
    Block,
    Code,
    Drawing,
    Equation,
    Heading,
    Items,
    Page,
    Paragraph,
)

_SPECIAL: Mapping[str, str] = MappingProxyType(
    {
        "\\": r"\textbackslash{}",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "`": r"\textasciigrave{}",
        '"': r"\textquotedbl{}",
        "×": r"$\times$",
        "·": r"$\cdot$",
        "−": "$-$",
        "∂": r"$\partial$",
        "≤": r"$\le$",
        "≥": r"$\ge$",
        "–": "--",
        "—": "---",
        "‘": "`",
        "’": "'",
        "“": "``",
        "”": "''",
        "…": r"\ldots{}",
        **{each: rf"\{each}" for each in "{}$&#%_"},
    }
)
_GREEK = re.compile(r"GREEK (SMALL|CAPITAL) LETTER ([A-Z]+)")
_CAPITALS = frozenset(
    {"Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"}
)
_LAST_LETTER = "\N{LATIN SMALL LETTER Z WITH CARON}"
_WITHOUT_A_GLYPH = frozenset("ªºµĦħĸĿŀŉŦŧ")
"""Of the letters up to the last one, those that LaTeX's European fonts lack."""

_HEAD = r"""\documentclass[10pt]{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\usepackage{amsmath}
\setlength{\textwidth}{6.8in}
\setlength{\oddsidemargin}{-0.15in}
\setlength{\textheight}{9in}
\setlength{\topmargin}{-0.5in}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\allowdisplaybreaks
"""
_SECTIONS: Mapping[int, str] = MappingProxyType({2: "section*", 3: "subsection*"})


def write_latex(page: Page) -> str:
    """Return a page as a complete LaTeX document."""
    title = rf"\section*{{\LARGE {escaped(page.title)}}}"
    body = "\n\n".join(filter(None, map(_block, page.signed)))
    return f"{_HEAD}\\begin{{document}}\n\n{title}\n\n{body}\n\n\\end{{document}}\n"


def escaped(text: str) -> str:
    r"""Return plain text in which nothing is a command.

    >>> print(escaped("50% of {x_1}"))
    50\% of \{x\_1\}
    """
    return "".join(map(_character, text))


def _character(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if character.isascii() or (character.isalpha() and _has_a_glyph(character)):
        return character
    greek = _GREEK.fullmatch(unicodedata.name(character, ""))
    name = greek[2].lower().replace("lamda", "lambda") if greek else ""
    if greek and greek[1] == "CAPITAL":
        name = name.capitalize() if name.capitalize() in _CAPITALS else ""
    return rf"$\{name}$" if name and name != "omicron" else f"[U+{ord(character):04X}]"


def _has_a_glyph(letter: str) -> bool:
    return letter <= _LAST_LETTER and letter not in _WITHOUT_A_GLYPH


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return rf"\{_SECTIONS[level]}{{{escaped(text)}}}"
        case Paragraph(text):
            return escaped(text)
        case Items(texts):
            items = "\n".join(rf"\item {escaped(text)}" for text in texts)
            return f"\\begin{{itemize}}\n{items}\n\\end{{itemize}}"
        case Code(text):
            lines = " \\\\\n".join(map(_code, text.rstrip().split("\n")))
            return f"\\begin{{flushleft}}\\ttfamily\n{lines}\n\\end{{flushleft}}"
        case Equation(label=label):
            title = rf"\texttt{{{escaped(label)}}}\nopagebreak" + "\n" if label else ""
            return f"{title}\\[\n{aligned(block)}\n\\]"
        case Drawing():
            # The packages that an article may need do not draw SVG; the givens say the same.
            return ""
        case Blank(name, symbol, note, definition, rows, columns):
            head = rf"\texttt{{{escaped(name)}}} \quad ${to_latex(symbol)}$: {escaped(note)}"
            told = [f"{each}\\nopagebreak" for each in (head, escaped(definition)) if each]
            return "\n\n".join([*told, *([_boxes(rows, columns)] if rows else [])])


def _code(line: str) -> str:
    """Return a line of code: its spaces stay as wide as they are, and it is never empty."""
    return escaped(line.expandtabs(4)).replace(" ", "~") or "~"


def _boxes(rows: int, columns: int) -> str:
    line = "&" * (columns - 1) + r"\rule{0pt}{20pt} \\ \hline"
    lines = "\n".join([line] * rows)
    form = "|".join(["", *[r"p{0.62in}"] * columns, ""])
    return f"\\begin{{tabular}}{{{form}}}\n\\hline\n{lines}\n\\end{{tabular}}"
