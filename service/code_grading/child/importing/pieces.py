"""A student's file as pieces that parse, or do not, each by itself: a notebook has its cells."""

import ast
import codecs
import json
import re
from importlib.util import decode_source
from itertools import chain
from typing import Any, NamedTuple

NOTEBOOK = ".ipynb"

PYTHON_CELLS = frozenset({"capture", "prun", "time", "timeit"})
"""Cell magics of IPython's below which Python stands."""

_MAGIC = re.compile(r"(\s*)(?:[%!?]|[\w.\s,]+=\s*[%!](?!=)|[\w.*%]+\?{1,2}\s*$)")
"""The beginning of a line that IPython reads in its own way; its indentation."""

_CODING = re.compile(rb"[ \t\f]*#.*?coding[:=]")
"""A line that says how the file is encoded, as PEP 263 has it."""

_DEFINED = re.compile(r"^(?:(?:async\s+)?def|class)\s+(\w+)|^(\w+)\s*=(?!=)", re.MULTILINE)


class Piece(NamedTuple):
    """One of them.

    Args:
        text: Python, as far as that is known.
        first_line: its line in the whole file, or in all cells one below the other.
        cell: its number, from 1, among a notebook's cells of code.
    """

    text: str
    first_line: int = 1
    cell: int | None = None

    def parsed(self, path: str) -> ast.Module:
        """Return its statements, with their lines in the whole.

        Raises:
            SyntaxError: it does not parse; the line is that of the piece.
        """
        try:
            tree = (
                ast.parse(self.text, path) if self.cell is None else _parsed_cell(self.text, path)
            )
        except (MemoryError, RecursionError):
            raise _refused("it is nested too deeply", path) from None
        except ValueError as error:  # null characters
            raise _refused(str(error), path) from None
        ast.increment_lineno(tree, self.first_line - 1)
        return tree

    def names(self) -> frozenset[str]:
        """Return the names that it seems to bind, where it does not parse."""
        found = chain.from_iterable(_DEFINED.findall(self.text))
        return frozenset(filter(None, found))


def pieces_of(data: bytes, path: str) -> list[Piece]:
    """Return the pieces of a file.

    Raises:
        SyntaxError: it is no text, or no notebook.
    """
    text = _decoded(data, path)
    if not path.endswith(NOTEBOOK):
        return [Piece(text)]
    found, line = [], 1
    for number, cell in enumerate(_cells(text, path), start=1):
        found.append(Piece(cell, line, number))
        line += cell.count("\n") + 1
    return found


def _parsed_cell(text: str, path: str) -> ast.Module:
    r"""Return the statements of a cell, without what IPython alone reads.

    >>> lines = "%matplotlib inline", "if x:", "    !ls", "f?", "y = !ls", "y = (1", "% 2)"
    >>> print(ast.unparse(_parsed_cell("\n".join(lines), "")))
    pass
    if x:
        pass
    pass
    pass
    y = 1 % 2
    >>> ast.unparse(_parsed_cell("%%bash\nls", "")), ast.unparse(_parsed_cell("%%time\nx = 1", ""))
    ('', 'pass\nx = 1')
    """
    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%") and first[2:].strip().partition(" ")[0] not in PYTHON_CELLS:
        return ast.parse("", path)
    while True:
        try:
            return ast.parse("\n".join(lines), path)
        except SyntaxError as error:
            # Within brackets such a line may be Python: it is left out only where it is none.
            at = (error.lineno or 1) - 1
            found = _MAGIC.match(lines[at]) if at < len(lines) else None
            if found is None:
                raise
            lines[at] = f"{found[1]}pass"


def _refused(why: str, path: str) -> SyntaxError:
    return SyntaxError(why, (path, None, None, None))


def _decoded(data: bytes, path: str) -> str:
    """Return the text of a file: UTF-16 with its mark, what it says of itself, or UTF-8."""
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            data = data.decode("utf-16").encode()
        if not any(map(_CODING.match, data.splitlines()[:2])):
            data.decode()  # of the first two lines decode_source does not tell the byte
        return decode_source(data)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{data[error.start]:02x} in line {line}"
        told = f"the text is not {error.encoding.upper()}: {byte}; save it as UTF-8"
        raise _refused(told, path) from None


def _cells(text: str, path: str) -> list[str]:
    try:
        document = json.loads(text)
        cells = [each for each in _all_cells(document) if each.get("cell_type") == "code"]
        return [_source(each) for each in cells]
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        raise _refused("the file is no notebook: it has no cells in JSON", path) from None


def _all_cells(document: Any) -> list[Any]:
    # Notebooks of format 3 have worksheets, and `input` for source.
    sheets = document.get("worksheets") or [document]
    return [cell for sheet in sheets for cell in sheet["cells"]]


def _source(cell: Any) -> str:
    source = cell["source"] if "source" in cell else cell["input"]
    text = source if isinstance(source, str) else "".join(source)
    return text.replace("\r\n", "\n").replace("\r", "\n")
