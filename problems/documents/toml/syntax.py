"""What is no TOML, in words: the line, what is likely wrong in it, and what to write."""

import re

from gradgrade.problems.documents.faults.writing import line_as_written

_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'')
_FIELD = re.compile(r"\s*([\w.-]+)\s*=")
_HEADER = re.compile(r"\s*\[\[?\s*([\w.-]+)\s*\]")
_DATE = "no date as TOML writes it: write it with its zone, such as 2026-12-01T23:59:00Z"

_SLIPS: tuple[tuple[str, str], ...] = (
    (r"^\s*(?:```|~~~)", "a Markdown fence: leave it out, and the one at the end"),
    (r"[“”„«»]", 'a curly quotation mark {0}: write the straight "'),
    (r"[‘’‚]", "a curly quotation mark {0}: write the straight '"),
    (r"[−–—‒](?=\s*[.\d])", "a typographic minus: write the sign as - (hyphen-minus)"),
    (r"=\s*(-?\d+),(\d+)\s*(?:[,}#]|$)", "a decimal comma: write {1}.{2} with a point"),
    (r"=\s*True\b", "True is not TOML: write true"),
    (r"=\s*False\b", "False is not TOML: write false"),
    (r"=\s*(None|null|nil)\b", "{1} is not TOML: leave the field out"),
    (r"^\s*[{]", "JSON is not TOML: write each field as name = value, or name the file .json"),
    (r'^\s*""\s*:', "JSON is not TOML: write each field as name = value"),
    (r"^\s*(?:-\s+)?[\w-]+\s*:(?:\s|$)", "YAML is not TOML: write each field as name = value"),
    (r"^\s*-\s", "YAML is not TOML: begin an exercise with [[exercises]]"),
    (r"\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d{1,2}-\d{1,2}", _DATE),
    (r"(?<![\d\w])(\.\d+)", "a number begins with a digit: write 0{1}"),
    (r"(?<![\d\w.])(\d+\.)(?!\d)", "a number does not end with its point: write {1}0"),
    (r"(?<![\w.])0(\d+)\b", "a number does not begin with 0: write {1}"),
    (
        r"=\s*(?!(?:true|false|nan|inf)\b)([A-Za-z_][\w .-]*?)\s*(?:[,}\]#]|$)",
        'text stands in quotation marks: write "{1}"',
    ),
    (
        r"=.*?[\[,]\s*(?!(?:true|false|nan|inf)\b)([A-Za-z_]\w*)\s*(?=[,\]])",
        'text stands in quotation marks: write "{1}"',
    ),
    (r"[{][^}]*$", "a table in braces stands on one line, from {{ to }}"),
    (r"=[^\[{]*,\s*$", "no comma stands behind a field"),
    (r",\s*[}]", "no comma stands before the closing brace }}"),
    (r"[^\x00-\x7f]", "a field's name has the letters A to Z, digits, _ and - alone"),
)
"""What a line at fault is searched for, its strings left empty, and what is said of it: {0} is what
was found, {1} its first group."""


def syntax_error(text: str, message: str) -> str:
    """Return what is said of a text that is no TOML.

    Args:
        text: it.
        message: what the reader says, with the place.

    >>> print(syntax_error("ask = “loss”", "Invalid value (at line 1, column 7)"))
    line 1, column 7: a curly quotation mark “: write the straight "; the line is: ask = “loss”
    """
    lines = text.split("\n")
    place = _PLACE.search(message)
    if place:
        row, column = int(place[1]), int(place[2])
    else:
        row = max((count for count, each in enumerate(lines, 1) if each.strip()), default=1)
        column = len(lines[row - 1]) + 1
    is_twice = "overwrite" in message or "twice" in message or "mutate" in message
    said = _stated_twice(lines, row) if is_twice else _slip(lines[row - 1], message)
    return f"line {row}, column {column}: {said}{line_as_written(text, row)}"


def _slip(line: str, message: str) -> str:
    plain = _STRINGS.sub('""', line)
    if "Illegal character" in message and plain.count('"') % 2:
        return 'the quotation mark " is not closed on its line'
    for pattern, said in _SLIPS:
        if found := re.search(pattern, plain):
            return said.format(found[0], *found.groups())
    return next(said for sign, said in _MESSAGES if sign in message)


_MESSAGES: tuple[tuple[str, str], ...] = (
    ("Unclosed array", "a comma is missing between entries, or the bracket ] that closes them"),
    ("Unclosed inline table", "a comma is missing between fields, or the brace } that closes them"),
    ("table declaration", "a table's name stands between brackets: [name]"),
    ("array declaration", "an exercise begins with [[exercises]], two brackets on either side"),
    ("Expected '='", "a field is written as name = value"),
    ("Unescaped", r"a backslash in text is written twice, \\, or the text between ' and '"),
    ("Illegal character", "a character that no text may hold"),
    ("Expected newline", "one field stands on a line, and nothing behind its value"),
    ("Invalid value", "no value: text stands in quotation marks, numbers stand without"),
    ("", "this is not TOML: a field is written as name = value"),
)
"""What is said where nothing is found, by what the reader says."""


def _stated_twice(lines: list[str], row: int) -> str:
    """Say what is stated twice, and where the other is."""
    for count in range(row, 0, -1):
        found = _FIELD.match(lines[count - 1]) or _HEADER.match(lines[count - 1])
        if found:
            break
    else:
        return "something is stated twice: leave one out"
    name, is_table = found[1], found.re is _HEADER
    for other in range(count - 1, 0, -1):
        line = lines[other - 1]
        earlier = _HEADER.match(line) or _FIELD.match(line)
        if earlier and earlier[1] == name:
            where = f" (the other is in line {other})"
            if is_table and name == "exercises":
                return f"begin each exercise with [[exercises]], two brackets on either side{where}"
            return f"{name} is stated twice: leave one out{where}"
        if not is_table and _HEADER.match(line):
            break
    return f"{name} is stated twice: leave one out"
