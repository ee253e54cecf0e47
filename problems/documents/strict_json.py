"""JSON as documents write it: a reader that refuses what JSON readers let pass, and a writer.

Refused: bytes that are no text, NaN and Infinity, numerals over 64 characters or beyond binary64,
duplicate keys, nesting over 8. Numbers come back as `Number`, their text unchanged.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from itertools import chain
from typing import Any, NoReturn

from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.text import decoded
from gradgrade.problems.errors import DocumentError

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


def loads(text: str | bytes) -> Any:
    """Read one JSON document.

    Args:
        text: the document; bytes as `gradgrade.problems.documents.text.decoded` reads them.

    Returns:
        dict, list, str, bool, None and `Number`.

    Raises:
        DocumentError: the text is refused; the message says where and why.

    >>> loads('{"dW1": [[0.10]]}')
    {'dW1': [[Number('0.10')]]}
    >>> loads('{"loss": NaN}')
    Traceback (most recent call last):
    gradgrade.problems.errors.DocumentError: NaN is not a number
    """
    if isinstance(text, bytes):
        text = decoded(text)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise DocumentError(_explain(error)) from None
    except RecursionError:
        raise DocumentError(_TOO_DEEP) from None
    _check_nesting(value)
    if _SURROGATE.search(text):
        _check_strings(value)
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


def canonical(value: Any) -> str:
    """Write a document without white space and with sorted keys: the text that is hashed.

    >>> canonical({"b": 1, "a": [Number("0.10")]})
    '{"a":[0.10],"b":1}'
    """
    if isinstance(value, Mapping):
        entries = (f"{json.dumps(key)}:{canonical(value[key])}" for key in sorted(value))
        return "{" + ",".join(entries) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(canonical, value)) + "]"
    return _scalar(value)


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


def _check_nesting(value: Any) -> None:
    level = [value]
    for _ in range(MAXIMUM_NESTING + 1):
        arrays = [each for each in level if type(each) is list]
        objects = [each.values() for each in level if type(each) is dict]
        if not arrays and not objects:
            return
        level = [*chain.from_iterable(arrays), *chain.from_iterable(objects)]
    raise DocumentError(_TOO_DEEP)


def _refuse_constant(text: str) -> NoReturn:
    raise DocumentError(f"{text} is not a number")


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
    return f"not JSON at {place}: {error.msg}"


def _written(value: Any, indent: str) -> str:
    deeper = indent + INDENT
    if isinstance(value, Mapping) and value:
        entries = (f"{deeper}{json.dumps(key)}: {_written(value[key], deeper)}" for key in value)
        return "{\n" + ",\n".join(entries) + f"\n{indent}}}"
    if isinstance(value, (list, tuple)):
        if _holds_object(value):
            entries = (deeper + _written(entry, deeper) for entry in value)
            return "[\n" + ",\n".join(entries) + f"\n{indent}]"
        return "[" + ", ".join(_written(entry, indent) for entry in value) + "]"
    return "{}" if isinstance(value, Mapping) else _scalar(value)


def _holds_object(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_holds_object, value))
    return isinstance(value, Mapping)


def _scalar(value: Any) -> str:
    if isinstance(value, Number):
        return value.text
    if isinstance(value, Written):
        return value
    return json.dumps(value, allow_nan=False, ensure_ascii=False)
