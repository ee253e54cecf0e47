"""Where the values of TOML texts stand, and why others are none."""

import tomllib
from typing import Any

import pytest

from gradgrade.problems import DocumentError, catalogue
from gradgrade.problems.documents.toml import TomlPlaces, loads

TEXT = '''\
a = 1  # one = 2
"b.c" = "x = [1]"
[d]  # a header
e.f = { g = [1, 2], "h i" = 'y' }
k = """
j = 1
"""
[[l.m]]
n = 2026-12-01 10:00:00
o = [
  "p",  # ]
  { q = true },
  [[1], [2]],
]
[l.m.r]
s = 1_000.5
[[l.m]]
n = \'\'\'
\'\'\'
t = 0x10
'''

LINES = {
    ("a",): 1,
    ("b.c",): 2,
    ("d",): 3,
    ("d", "e", "f", "g"): 4,
    ("d", "e", "f", "h i"): 4,
    ("d", "k"): 5,
    ("l", "m", 0, "n"): 9,
    ("l", "m", 0, "o"): 10,
    ("l", "m", 0, "o", 0): 11,
    ("l", "m", 0, "o", 1, "q"): 12,
    ("l", "m", 0, "o", 2, 0, 0): 10,
    ("l", "m", 0, "r", "s"): 16,
    ("l", "m", 1): 17,
    ("l", "m", 1, "n"): 18,
    ("l", "m", 1, "t"): 20,
    ("l", "m"): 8,
    ("l", "m", 0, "nothing"): 8,
}


@pytest.mark.parametrize("path", LINES, ids=str)
def test_every_value_has_its_line(path):
    assert TomlPlaces(TEXT).line(path) == LINES[path]


def test_what_is_nowhere_has_no_line():
    assert TomlPlaces(TEXT).line(("z",)) is None


def test_values_are_shown_as_they_stand():
    places = TomlPlaces(TEXT)
    assert places.written(("l", "m", 0, "r", "s")) == "1_000.5"
    assert places.written(("l", "m", 0, "n")) == "2026-12-01 10:00:00"
    assert places.written(("d", "e", "f", "g")) == "[1, 2]"
    assert places.written(("d", "k")) is None  # several lines


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths to all values of a document, but for those in lists of lists."""
    if isinstance(value, dict):
        return [path, *(each for key in value for each in paths(value[key], (*path, key)))]
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return [path, *(each for i, one in enumerate(value) for each in paths(one, (*path, i)))]
    return [path]


@pytest.mark.parametrize("name", catalogue.names())
def test_every_scalar_of_the_catalogue_stands_where_it_is_said_to(name):
    text = catalogue.text(name)
    places, lines = TomlPlaces(text), text.split("\n")
    for path in paths(tomllib.loads(text))[1:]:
        written = places.written(path)
        if written is not None:
            line = places.line(path)
            assert line is not None
            assert written in lines[line - 1]


def test_what_nests_too_deep_still_has_places_before_it():
    deep = "a = 1\nb = " + "[" * 400 + "]" * 400
    assert TomlPlaces(deep).line(("a",)) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 1\r\nb = 0,5", "line 2, column 6: a decimal comma: write 0.5 with a point"),
        ("a = week", 'line 1, column 5: text stands in quotation marks: write "week"'),
        ("a = 1.", "line 1, column 6: a number does not end with its point: write 1.0"),
        ("a = [1,\n2\nb = 3", "line 3, column 1: a comma is missing between entries"),
        ("a = {x = 1,}", "line 1, column 12: no comma stands before the closing brace }"),
        ('a = "\\d"', "line 1, column 8: a backslash in text is written twice"),
        ("[a]\nb = 1\n[a]", "line 3, column 3: a is stated twice: leave one out (the other is in"),
        ("a = 1\na = 2", "line 2, column 6: a is stated twice: leave one out (the other is in"),
        ("a", "line 1, column 2: a field is written as name = value"),
        ("[[a]", "line 1, column 4: an exercise begins with [[exercises]]"),
    ],
)
def test_what_is_no_toml_is_refused_with_its_line_and_what_to_write(text, said):
    with pytest.raises(DocumentError) as refused:
        loads(text.replace("\r\n", "\n"))
    assert str(refused.value).startswith(f"not TOML: {said}")
    assert "; the line is: " in str(refused.value)
