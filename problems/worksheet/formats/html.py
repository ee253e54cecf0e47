"""A page as one printable HTML document: MathML and its own style, nothing fetched, no scripts."""

from html import escape

from gradgrade.oracle.derivation.formulas.mathml import to_mathml
from gradgrade.problems.drawing.style import stylesheet
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

_STYLE = """
@page { margin: 16mm 15mm; }
* { box-sizing: border-box; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #16181d;
  font: 15px/1.5 Georgia, "Times New Roman", serif; background: #fff; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .3rem; }
h2 { font-size: 1.15rem; margin: 1.6rem 0 .5rem; padding-bottom: .2rem;
  border-bottom: 1px solid #c8ccd4; break-after: avoid; }
p { margin: .4rem 0; }
ul { margin: .4rem 0; padding-left: 1.2rem; }
.about { color: #555b66; font-size: .9rem; }
.equation { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); align-items: center;
  margin: .5rem 0; break-inside: avoid; }
.label { color: #555b66; font: .78rem/1.2 ui-monospace, Menlo, Consolas, monospace;
  overflow-wrap: anywhere; padding-right: .6rem; }
.lines { overflow: auto hidden; }
.lines table { border-collapse: collapse; }
.lines td { padding: .14rem .15rem; vertical-align: middle; white-space: nowrap; }
.lines td:first-child { text-align: right; }
.code { font: .88em/1.5 ui-monospace, Menlo, Consolas, monospace; }
math .code { font-size: .8em; }
pre.code { margin: .6rem 0; padding: .6rem .8rem; background: #f4f6f8; break-inside: avoid;
  white-space: pre-wrap; print-color-adjust: exact; }
.matrix { border: 0 solid; border-width: 0 1.2px; margin: 0 .15em; print-color-adjust: exact;
  background: linear-gradient(currentColor 0 0) 0 0, linear-gradient(currentColor 0 0) 100% 0,
    linear-gradient(currentColor 0 0) 0 100%, linear-gradient(currentColor 0 0) 100% 100%;
  background-size: .28em 1.2px; background-repeat: no-repeat; }
.matrix mtd { padding: .12em .4em; }
.figure { margin: .6rem 0 1rem; break-inside: avoid; }
.figure svg { display: block; max-width: 100%; height: auto; }
.blank { margin: 1rem 0; break-inside: avoid; }
.blank table { border-collapse: collapse; margin-top: .4rem; }
.blank td { border: 1px solid #7b828f; width: 5rem; height: 2.1rem; }
.name { font: 600 .95rem/1.2 ui-monospace, Menlo, Consolas, monospace; margin-right: .5rem; }
.note { color: #555b66; font-size: .9rem; margin-left: .5rem; }
@media print {
  body { max-width: none; margin: 0; padding: 0; font-size: 10pt; }
  .lines { overflow: visible; }
}
"""


def write_html(page: Page) -> str:
    """Return a page as a complete HTML document."""
    title = escape(page.title)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{title}</h1>\n{fragment(page.signed)}\n</body>\n</html>\n"
    )


def fragment(blocks: tuple[Block, ...]) -> str:
    """Return blocks as HTML that can stand in any page."""
    return "\n".join(map(_block, blocks))


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text):
            return f'<p class="about">{escape(text)}</p>'
        case Items(texts):
            items = "".join(f"<li>{escape(text)}</li>" for text in texts)
            return f"<ul>{items}</ul>"
        case Code(text):
            return f'<pre class="code"><code>{escape(text.rstrip())}</code></pre>'
        case Equation(left, rights, label, part):
            first = to_mathml(left) + (f" ({escape(part)})" if part else "")
            rows = "".join(
                f"<tr><td>{'' if index else first}</td><td>{to_mathml(right, after='=')}</td></tr>"
                for index, right in enumerate(rights)
            )
            return (
                f'<div class="equation"><div class="label">{escape(label)}</div>'
                f'<div class="lines"><table>{rows}</table></div></div>'
            )
        case Drawing(picture):
            # Light alone, as the page is.
            style = stylesheet(has_dark=False)
            return f'<div class="figure">{write_svg(picture, key="network", style=style)}</div>'
        case Blank(name, symbol, note, definition, rows, columns):
            head = (
                f'<span class="name">{escape(name)}</span>{to_mathml(symbol)}'
                f'<span class="note">{escape(note)}</span>'
            )
            defined = f"<p>{escape(definition)}</p>" if definition else ""
            return f'<div class="blank">{head}{defined}{_boxes(rows, columns)}</div>'


def _boxes(rows: int, columns: int) -> str:
    row = f"<tr>{'<td></td>' * columns}</tr>"
    return f"<table>{row * rows}</table>" if rows else ""
