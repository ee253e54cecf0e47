"""A page in Markdown, its mathematics as LaTeX between dollar signs."""

import re
from base64 import b64encode

from gradgrade.oracle.derivation.formulas.latex import to_latex
from gradgrade.problems.drawing.draw import as_document
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

_OPENING = re.compile(r"^(\s*\d*)([-+=.)])")
"""What makes a list, a rule or a heading where a line begins with it."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]#!|~<>$&^])")


def write_markdown(page: Page) -> str:
    r"""Return a page in Markdown.

    >>> print(write_markdown(Page("One *step*", (Paragraph("Done."),))), end="")
    # One \*step\*
    <BLANKLINE>
    Done.
    """
    blocks = (_block(block) for block in (Heading(page.title, 1), *page.signed))
    return "\n\n".join(blocks) + "\n"


def escaped(text: str) -> str:
    r"""Return plain text in which nothing is markup.

    >>> print(escaped("a_b <c> $d$"))
    a\_b \<c\> \$d\$
    """
    return _OPENING.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text))


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {escaped(text)}"
        case Paragraph(text):
            return escaped(text)
        case Items(texts):
            return "\n".join(f"- {escaped(text)}" for text in texts)
        case Code(text):
            return _fenced(text)
        case Equation(label=label):
            title = f"**{escaped(label)}**\n\n" if label else ""
            return f"{title}$$\n{aligned(block)}\n$$"
        case Drawing(picture):
            # As an address that holds it, so that the text stays one file.
            held = b64encode(as_document(picture).encode()).decode("ascii")
            return f"![{escaped(picture.title)}](data:image/svg+xml;base64,{held})"
        case Blank(name, symbol, note, definition, rows, columns):
            head = f"**{escaped(name)}** ${to_latex(symbol)}$: {escaped(note)}"
            boxes = _boxes(rows, columns) if rows else ""
            return "\n\n".join(filter(None, [head, escaped(definition), boxes]))


def _fenced(text: str) -> str:
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}python\n{text.rstrip()}\n{fence}"


def aligned(equation: Equation) -> str:
    r"""Return an equation in LaTeX, its right sides one below the other.

    >>> from gradgrade.oracle.derivation.formulas.expression import Letter
    >>> a, b, c = map(Letter, "abc")
    >>> print(aligned(Equation(a, (b, c))))
    \begin{aligned}
    a &= b \\
    &= c
    \end{aligned}
    """
    left = to_latex(equation.left) + (rf"\;\text{{({equation.part})}}" if equation.part else "")
    lines = " \\\\\n&= ".join(map(to_latex, equation.rights))
    return f"\\begin{{aligned}}\n{left} &= {lines}\n\\end{{aligned}}"


def _boxes(rows: int, columns: int) -> str:
    line = "|" + "   |" * columns
    return "\n".join([line, "|" + "---|" * columns, *[line] * (rows - 1)])
