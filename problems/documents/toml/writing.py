"""TOML written for people to read on: a field a line, and what is wide over several."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from gradgrade.problems.documents.number import Number
from gradgrade.problems.errors import DocumentError

WIDEST = 100
"""Of a field on one line, in characters."""


def dumps(data: Mapping[str, Any]) -> str:
    """Write a TOML document; the text of a number stays as it is.

    Args:
        data: str, bool, int, `Number`, dates and times, and lists and mappings of them.

    >>> print(dumps({"name": "a", "steps": [{"rate": Number("0.10")}], "shape": {"N": 4}}), end="")
    name = "a"
    steps = [{ rate = 0.10 }]
    shape = { N = 4 }
    """
    return "\n".join(_table(data, ())).lstrip("\n") + "\n"


def with_fields(text: str, fields: Mapping[str, Any]) -> str:
    """Change fields of a document's outermost table; comments and all else stay as they are.

    Args:
        text: the document.
        fields: their new values; None takes a field out.

    Raises:
        DocumentError: the text is no TOML.

    >>> print(with_fields("a = 1  # one", {"a": Number("2.0"), "b": None}))
    a = 2.0  # one
    """
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise DocumentError(f"not TOML: {error}") from None
    for name, value in fields.items():
        if value is None:
            document.pop(name, None)
        else:
            document[name] = tomlkit.value(_inline(value))
    return tomlkit.dumps(document)


def _table(table: Mapping[str, Any], place: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of a table: its fields, and then the tables in it, each with its header."""
    tables = {name: value for name, value in table.items() if _has_header(name, value)}
    for name, value in table.items():
        if name not in tables:
            yield f"{_key(name)} = {_laid_out(name, value)}"
    for name, value in tables.items():
        inner = (*place, _key(name))
        opening, closing = ("[", "]") if isinstance(value, Mapping) else ("[[", "]]")
        for each in [value] if isinstance(value, Mapping) else value:
            yield f"\n{opening}{'.'.join(inner)}{closing}"
            yield from _table(each, inner)


def _has_header(name: str, value: Any) -> bool:
    """Tell whether a field is a table, or a list of them, that is too wide for lines of its own."""
    if isinstance(value, Mapping):
        return not _fits(name, _inline(value))
    is_list_of_tables = _is_list(value) and all(isinstance(each, Mapping) for each in value)
    return is_list_of_tables and not all(_fits("", _inline(each)) for each in value)


def _laid_out(name: str, value: Any) -> str:
    if isinstance(value, str) and "\n" in value:
        quoted = tomlkit.string(value, multiline=True).as_string()
        # The line break behind the opening marks is none of the text's.
        return f"{quoted[:3]}\n{quoted[3:]}"
    written = _inline(value)
    if not _is_list(value) or _fits(name, written):
        return written
    return "[\n" + "".join(f"  {_inline(each)},\n" for each in value) + "]"


def _inline(value: Any) -> str:
    if isinstance(value, Number):
        return value.text
    if isinstance(value, Mapping):
        fields = (f"{_key(name)} = {_inline(each)}" for name, each in value.items())
        return f"{{ {', '.join(fields)} }}" if value else "{}"
    if _is_list(value):
        return f"[{', '.join(map(_inline, value))}]"
    written: str = tomlkit.item(value).as_string()
    return written


def _fits(name: str, written: str) -> bool:
    return len(name) + len(" = ") + len(written) <= WIDEST


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _key(name: str) -> str:
    written: str = tomlkit.key(name).as_string()
    return written
