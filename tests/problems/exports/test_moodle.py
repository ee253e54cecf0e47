"""Moodle's question XML: valid, escaped, and right within the exercise's tolerance."""

import re
import xml.etree.ElementTree as ET
from fractions import Fraction

import pytest
from hypothesis import given, settings

from gradgrade.oracle.nested import flatten
from gradgrade.problems import Exercise, solve
from gradgrade.problems.exports.moodle import moodle
from gradgrade.problems.walks.accepted import bands
from tests.examples import examples
from tests.problems.worksheet.worksheets import HOSTILE, KINDS, of_kind, titled, two_layers

FIELD = re.compile(r"\{(\d+):NUMERICAL:=([^:{}]+):([^:{}]+)\}")
NUMERAL = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")


def questions(text: str) -> list[ET.Element]:
    quiz = ET.fromstring(text.encode("utf-8"))
    assert quiz.tag == "quiz"
    return [each for each in quiz if each.get("type") == "cloze"]


def fields(question: ET.Element) -> list[tuple[int, str, str]]:
    text = question.findtext("questiontext/text") or ""
    return [(int(weight), value, band) for weight, value, band in FIELD.findall(text)]


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_a_number_for_every_entry_with_its_value_and_tolerance(kind: str):
    exercise = of_kind(kind)
    (question,) = questions(moodle([exercise]))
    solution = solve(exercise)
    widths = bands(solution)
    expected = [
        (Fraction(*entry), width)
        for part in exercise.ask
        for entry, width in zip(solution[part.name].entries, widths[part.name], strict=True)
    ]
    found = fields(question)
    assert len(found) == len(expected)
    for (_, value, band), (exactly, width) in zip(found, expected, strict=True):
        assert NUMERAL.fullmatch(value)
        assert NUMERAL.fullmatch(band)
        assert abs(Fraction(value) - exactly) <= abs(exactly) / 10**16
        assert abs(Fraction(band) - width) <= width / 10**16


def test_weights_are_each_entrys_share_of_its_parts_points():
    exercise = two_layers(points=6, ask=["loss", {"name": "delta2", "points": 5}])
    (question,) = questions(moodle([exercise]))
    weights = [weight for weight, _, _ in fields(question)]
    assert weights == [2] + [1] * 10


def test_there_is_a_category_for_each_exercise_and_a_question_for_each_variant():
    first, second = two_layers(), two_layers(student="2")
    quiz = ET.fromstring(moodle([first, second]).encode("utf-8"))
    assert [each.get("type") for each in quiz] == ["category", "cloze", "cloze"]
    assert quiz[0].findtext("category/text") == "$course$/top/set/exercise"
    assert [each.findtext("idnumber") for each in quiz[1:]] == [first.id, second.id]


@given(HOSTILE)
@settings(max_examples=examples(40))
def test_a_title_breaks_neither_the_xml_nor_the_fields(title: str):
    check(titled(title))


@pytest.mark.parametrize("title", ["{1:NUMERICAL:=5}", "</text>", "]]>", "<script>", "a{~=}"])
def test_a_title_that_looks_like_an_answer_is_text(title: str):
    check(titled(title))


def check(exercise: Exercise) -> None:
    (question,) = questions(moodle([exercise]))
    text = question.findtext("questiontext/text") or ""
    entries = sum(len(flatten(solve(exercise)[part.name].float64)) for part in exercise.ask)
    assert len(fields(question)) == entries
    assert not set(FIELD.sub("", text)) & {"{", "}"}
    ET.fromstring(f"<body>{text}</body>")
    assert "<script" not in text
