"""Where the values of a JSON text stand: by the keys that lead to each, its line."""

import json
import re
from collections.abc import Iterator

from gradgrade.problems.documents.toml.places import Path

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def json_lines(text: str) -> dict[Path, int]:
    r"""Return the line of every key and entry of a JSON text that was read, from 1.

    >>> json_lines('{\n "a": [\n  1, {"b":\n 2}]}')
    {(): 1, ('a',): 2, ('a', 0): 3, ('a', 1): 3, ('a', 1, 'b'): 3}
    """
    tokens = _numbered(text)
    token, line = next(tokens)
    return dict(_values((), token, line, tokens))


def line_of(lines: dict[Path, int], path: Path) -> int:
    """Return the line of a value, or of what it would be in.

    >>> line_of({(): 1, ("a",): 2}, ("a", "b", 3))
    2
    """
    while path not in lines and path:
        path = path[:-1]
    return lines.get(path, 1)


def _values(
    path: Path, token: str, line: int, tokens: Iterator[tuple[str, int]]
) -> Iterator[tuple[Path, int]]:
    """Yield the places in a value that begins with a token; a field's line is its key's."""
    yield path, line
    if token not in "{[":
        return
    is_array, count = token == "[", 0
    for token, line in tokens:
        if token in "}]":
            return
        if token == ",":
            continue
        if is_array:
            yield from _values((*path, count), token, line, tokens)
            count += 1
        else:
            next(tokens)  # the colon
            key, (value, _) = str(json.loads(token)), next(tokens)
            yield from _values((*path, key), value, line, tokens)


def _numbered(text: str) -> Iterator[tuple[str, int]]:
    line, at = 1, 0
    for found in _TOKEN.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        yield found[0], line
