"""JSON as documents write it: a reader that refuses what JSON readers let pass, and a writer.

Refused: bytes that are no text, NaN and Infinity, numerals over 64 characters or beyond binary64,
duplicate keys, nesting over 8. Numbers come back as `Number`, their text unchanged.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import chain, islice
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any, NoReturn

from gradgrade.problems.documents.faults.explaining import placed
from gradgrade.problems.documents.faults.tables import Path
from gradgrade.problems.documents.faults.writing import Unreadable, line_as_written
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.text import decoded
from gradgrade.problems.errors import MOST_FAULTS, DocumentError

MAXIMUM_NESTING = 8
_TOO_DEEP = f"the document is nested deeper than {MAXIMUM_NESTING} levels"
INDENT = "  "

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
_DECIMAL_COMMA = re.compile(r"[0-9],[0-9]")
_TYPOGRAPHIC_MINUS = "−–—‒"


class Written(str):
    """A part of a document that is written already, and goes into it as it is."""

    __slots__ = ()

    @classmethod
    def of(cls, value: Any) -> "Written":
        """Write an entry of a document's outermost object.

        >>> dumps({"note": Written.of({"dW1": [1]})}) == dumps({"note": {"dW1": [1]}})
        True
        """
        return cls(_written(value, INDENT))

    @classmethod
    def array(cls, value: Any, scalar: Callable[[Any], str]) -> "Written":
        """Write a number or an array of any depth, given how one of its entries is written.

        >>> Written.array([[0.1, 2.0]], repr)
        '[[0.1, 2.0]]'
        """
        return cls(_array(value, scalar))


def loads(text: str | bytes) -> Any:
    """Read one JSON document.

    Args:
        text: the document; bytes as `gradgrade.problems.documents.text.decoded` reads them.

    Returns:
        dict, list, str, bool, None and `Number`.

    Raises:
        DocumentError: the text is refused; the message says where and why, and of numbers that
            cannot be read each is a fault.

    >>> loads('{"dW1": [[0.10]]}')
    {'dW1': [[Number('0.10')]]}
    >>> loads('{"loss": NaN}')
    Traceback (most recent call last):
    gradgrade.problems.errors.DocumentError: loss: NaN is not a number: write a finite one
    """
    if isinstance(text, bytes):
        text = decoded(text)
    try:
        value, is_readable = _decoded(text)
    except json.JSONDecodeError as error:
        raise DocumentError(_explain(error)) from None
    except RecursionError:
        raise DocumentError(_TOO_DEEP) from None
    check_nesting(value)
    if _SURROGATE.search(text):
        _check_strings(value)
    if not is_readable:
        found = islice(_unreadable(value, ()), MOST_FAULTS)
        raise DocumentError("", [placed(path, each.said, value) for path, each in found])
    return value


def dumps(value: Any) -> str:
    """Write a document: objects an entry a line, arrays of numbers on one line, a final newline.

    >>> print(dumps({"dW1": [[Number("0.10"), 1]], "note": None}), end="")
    {
      "dW1": [[0.10, 1]],
      "note": null
    }
    """
    return _written(value, "") + "\n"


HOLE = Written("\0")
"""What stands where documents differ; no text of a document holds it as it is."""


def with_holes(value: Any) -> str:
    """Write what documents have in common, with %s in place of every hole.

    >>> with_holes({"share": "100%", "dW1": HOLE}) % "[0.10]" == dumps(
    ...     {"share": "100%", "dW1": [Number("0.10")]}
    ... )
    True
    """
    return dumps(value).replace("%", "%%").replace(HOLE, "%s")


def canonical(value: Any) -> str:
    """Write a document without white space and with sorted keys: the text that is hashed.

    >>> canonical({"b": 1, "a": [Number("0.10")]})
    '{"a":[0.10],"b":1}'
    """
    if isinstance(value, (list, tuple)):
        # Numbers are most of what there is.
        written = [each.text if isinstance(each, Number) else canonical(each) for each in value]
        return "[" + ",".join(written) + "]"
    if isinstance(value, Mapping):
        entries = (f"{json.dumps(key)}:{canonical(value[key])}" for key in sorted(value))
        return "{" + ",".join(entries) + "}"
    return _scalar(value)


def check_nesting(value: Any) -> None:
    """Hold what was read to the nesting of documents: further in nothing is looked at.

    Raises:
        DocumentError: it is nested deeper.
    """
    level = [value]
    for _ in range(MAXIMUM_NESTING + 1):
        arrays = [each for each in level if type(each) is list]
        objects = [each.values() for each in level if type(each) is dict]
        if not arrays and not objects:
            return
        level = [*chain.from_iterable(arrays), *chain.from_iterable(objects)]
    raise DocumentError(_TOO_DEEP)


def _decoded(text: str) -> tuple[Any, bool]:
    """Return what a text says, and whether all of its numbers can be read."""
    try:
        return _DECODER.decode(text), True
    except DocumentError:
        # Read once more, to tell where they stand.
        return _telling_decoder().decode(text), False


def _unreadable(value: Any, path: Path) -> Iterator[tuple[Path, Unreadable]]:
    """Yield the numbers that cannot be read, and the paths to them."""
    if isinstance(value, Unreadable):
        yield path, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _unreadable(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            # Numbers are most of what there is.
            if isinstance(each, (dict, list, Unreadable)):
                yield from _unreadable(each, (*path, index))


def _check_strings(value: Any) -> None:
    """Refuse half of a surrogate pair, which no text can hold."""
    if isinstance(value, Mapping):
        for key, entry in value.items():
            _check_strings(key)
            _check_strings(entry)
    elif isinstance(value, list):
        for entry in value:
            _check_strings(entry)
    elif isinstance(value, str) and not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise DocumentError("a string holds half of a surrogate pair") from None


def _refuse_constant(text: str) -> NoReturn:
    raise DocumentError(f"{text} is not a number: write a finite one")


def _telling_decoder() -> json.JSONDecoder:
    """Return what reads a text of which numbers cannot be read, and tells the first of them."""
    told: list[Unreadable] = []

    def read(text: str, *, as_number: Callable[[str], Any] = Number) -> Any:
        if len(told) == MOST_FAULTS:
            return None
        try:
            return as_number(text)
        except DocumentError as error:
            told.append(Unreadable(text, str(error)))
            return told[-1]

    return json.JSONDecoder(
        parse_float=read,
        parse_int=read,
        parse_constant=partial(read, as_number=_refuse_constant),
        object_pairs_hook=_object,
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        duplicate, _ = counts.most_common(1)[0]
        raise DocumentError(f"the key {duplicate!r} stands twice in one object")
    return result


_DECODER = json.JSONDecoder(
    parse_float=Number,
    parse_int=Number,
    parse_constant=_refuse_constant,
    object_pairs_hook=_object,
)


def _explain(error: json.JSONDecodeError) -> str:
    place = f"line {error.lineno}, column {error.colno}"
    around = error.doc[max(error.pos - 2, 0) : error.pos + 2]
    if error.doc[error.pos : error.pos + 1] in tuple(_TYPOGRAPHIC_MINUS):
        return f"a typographic minus at {place}: write the sign as - (hyphen-minus)"
    if _DECIMAL_COMMA.search(around):
        return f"a decimal comma at {place}: write decimals with a point"
    if not error.doc.strip():
        return f"not JSON at {place}: the text is empty"
    said = next(said for sign, said in _MESSAGES if sign in error.msg)
    rest = error.doc[error.pos :]
    if error.msg.startswith(("Expecting value", "Expecting property")):
        slips = ((re.match(pattern, rest), slip) for pattern, slip in _SLIPS)
        said = next((slip.format(found[0]) for found, slip in slips if found), said)
    elif _LEADING_ZERO.search(error.doc[max(error.pos - 3, 0) : error.pos]) and rest[:1].isdigit():
        said = "a number does not begin with 0: leave it out"
    return f"not JSON at {place}: {said}{line_as_written(error.doc, error.lineno)}"


_LEADING_ZERO = re.compile(r"(?<![\d.])0$")

_SLIPS = (
    (r"```|~~~", "a Markdown fence: leave it out, and the one at the end"),
    (r"[“”„«»‘’]", 'a curly quotation mark {0}: write the straight "'),
    (r"'", "text and names stand between \", not '"),
    (r"True\b", "True is not JSON: write true"),
    (r"False\b", "False is not JSON: write false"),
    (r"None\b", "None is not JSON: write null"),
    (r"//|/\*|#", "JSON has no comments: leave it out"),
    (r"[}\]]", "no comma stands before the {0} that closes"),
    (r"\+\d", "a number has no + before it: leave it out"),
    (r"\.\d+", "a number begins with a digit: write 0{0}"),
    (r"(?i)[+-]?(nan|inf)", "{0} is not a number"),
    (r"[A-Za-z_]\w*", 'text and names stand in quotation marks: write "{0}"'),
)
"""What is looked for where a text is no JSON, and what is said where it is found."""

_MESSAGES = (
    ("property name", 'a name in quotation marks " belongs here'),
    ("':' delimiter", "a colon : belongs between a name and its value"),
    ("',' delimiter", "a comma belongs between entries, or the bracket or brace that closes them"),
    ("Extra data", "the document ends before this: leave the rest out"),
    ("Unterminated string", 'the quotation mark " is not closed'),
    ("control character", r"text stands on one line: write a line break as \n, a tab as \t"),
    ("escape", r"a backslash in text is written twice, \\"),
    ("", "a value belongs here"),
)
"""What is said elsewhere, by what the reader says."""


def _written(value: Any, indent: str) -> str:
    if isinstance(value, (str, Number)):
        return _scalar(value)
    deeper = indent + INDENT
    if isinstance(value, Mapping) and value:
        entries = (
            f"{deeper}{encode_basestring_ascii(key)}: {_written(value[key], deeper)}"
            for key in value
        )
        return "{\n" + ",\n".join(entries) + f"\n{indent}}}"
    if isinstance(value, (list, tuple)):
        if _holds_object(value):
            entries = (deeper + _written(entry, deeper) for entry in value)
            return "[\n" + ",\n".join(entries) + f"\n{indent}]"
        return "[" + ", ".join(_written(entry, indent) for entry in value) + "]"
    return "{}" if isinstance(value, Mapping) else _scalar(value)


def _array(value: Any, scalar: Callable[[Any], str]) -> str:
    if not isinstance(value, list):
        return scalar(value)
    if isinstance(value[0], list):
        return "[" + ", ".join([_array(each, scalar) for each in value]) + "]"
    return "[" + ", ".join(map(scalar, value)) + "]"


def _holds_object(value: Any) -> bool:
    if isinstance(value, (str, Number)):
        return False
    if isinstance(value, (list, tuple)):
        return any(map(_holds_object, value))
    return isinstance(value, Mapping)


def _scalar(value: Any) -> str:
    if isinstance(value, Number):
        return value.text
    if isinstance(value, Written):
        return value
    if isinstance(value, str):
        return encode_basestring(value)
    return json.dumps(value, allow_nan=False, ensure_ascii=False)
