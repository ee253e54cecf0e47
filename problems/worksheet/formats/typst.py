"""Pages as Typst markup, from which the PDF is made."""

from collections.abc import Sequence

from gradgrade.oracle.derivation.formulas.typst import to_typst
from gradgrade.problems.drawing.style import printed_stylesheet
from gradgrade.problems.drawing.svg import write_svg
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

_HEAD = """\
#set page(paper: "a4", margin: (x: 18mm, y: 18mm), numbering: {numbering})
#set text(size: 10pt, lang: "en", hyphenate: false)
#set par(justify: false)
#show heading.where(level: 2): it => block(above: 16pt, below: 8pt, sticky: true, width: 100%,
  stroke: (bottom: 0.5pt + luma(190)), inset: (bottom: 3pt), text(size: 12pt, it.body))
#show math.equation.where(block: true): set align(left)
#show math.equation.where(block: true): set block(above: 5pt, below: 9pt, breakable: true)
#set math.mat(gap: 0.5em)
#let equation(name, body) = block(breakable: false, grid(
  columns: (2.9cm, 1fr), column-gutter: 4pt, align: horizon + left,
  text(size: 8pt, fill: luma(90), font: "DejaVu Sans Mono", name), body))
#let note(body) = text(size: 9pt, fill: luma(90), body)
#let boxes(rows, columns) = table(columns: (2cm,) * columns, rows: (0.85cm,) * rows,
  stroke: 0.5pt + luma(120), ..([],) * (rows * columns))
"""

POINTS = 0.75
"""A unit of drawings in points."""

TEXT_WIDTH = 493.0
"""How wide a page's text is, in points."""

TEXT_HEIGHT = 520.0
"""How high a drawing is at the most, in points: something stands beside it on its page."""


def write_typst(page: Page) -> str:
    """Return a page as a complete Typst document, without a date: its PDF depends on it alone."""
    return f"{_head(page.title, numbering='1 / 1')}\n{_body(page)}"


def write_booklet(title: str, pages: Sequence[Page]) -> str:
    """Return many pages as one document, each on sheets of its own that are counted from 1."""
    breaks = "#pagebreak()\n#counter(page).update(1)\n"
    return f"{_head(title, numbering='1')}\n{breaks.join(map(_body, pages))}"


def _head(title: str, *, numbering: str) -> str:
    head = _HEAD.replace("{numbering}", _string(numbering))
    return f"#set document(title: {_string(title)}, date: none)\n{head}"


def _body(page: Page) -> str:
    head = f"#set page(header: note({_string(page.whose)}))\n" if page.whose else ""
    blocks = "\n\n".join(map(_block, page.blocks))
    return f"{head}= #{_string(page.title)}\n\n{blocks}\n"


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'=' * level} #{_string(text)}"
        case Paragraph(text):
            return f"#note({_string(text)})"
        case Items(texts):
            return "\n".join(f"- #{_string(text)}" for text in texts)
        case Code(text):
            return f'#raw({_string(text.rstrip())}, block: true, lang: "python")'
        case Equation(left, rights, label, part):
            lines = " \\\n  &= ".join(map(to_typst, rights))
            note = f" med {_string(f'({part})')}" if part else ""
            return f"#equation({_string(label)}, $ {to_typst(left)}{note} &= {lines} $)"
        case Drawing(picture):
            svg = write_svg(picture, key="network", style=printed_stylesheet())
            tall = TEXT_HEIGHT * picture.width / picture.height
            wide = min(picture.width * POINTS, TEXT_WIDTH, tall)
            return (
                f'#block(above: 10pt, below: 12pt, image(bytes({_string(svg)}), format: "svg", '
                f"width: {wide:.1f}pt, alt: {_string(picture.title)}))"
            )
        case Blank(name, symbol, note, definition, rows, columns):
            head = f"#strong({_string(name)}) #h(4pt) ${to_typst(symbol)}$ #h(4pt)"
            defined = f"\n\n#{_string(definition)}" if definition else ""
            table = f"\n#boxes({rows}, {columns})" if rows else ""
            return f"#block(breakable: false)[{head} #note({_string(note)}){defined}{table}]"


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
