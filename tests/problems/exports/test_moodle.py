"""Moodle's question XML: valid, escaped, and right within the exercise's tolerance."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings

from gradgrade.oracle.nested import build, flatten, shape_of
from gradgrade.problems import Exercise, generate, solve
from gradgrade.problems.catalogue import load
from gradgrade.problems.documents.number import Number
from gradgrade.problems.exports.mistaken import MOST_MISTAKES, mistaken_parts
from gradgrade.problems.exports.moodle import MOST_MARK, write_moodle
from gradgrade.problems.walks.accepted import bands
from tests.examples import examples, spread
from tests.problems.exports.moodle_reader import Question, read_questions
from tests.problems.worksheet.worksheets import HOSTILE, KINDS, of_kind, titled, two_layers
from tests.strategies import dense, variant

NUMERAL = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")


def imported(*exercises: Exercise) -> list[Question]:
    return read_questions(write_moodle(exercises))


def right(exercise: Exercise) -> list[float]:
    solution = solve(exercise)
    return [entry for part in exercise.ask for entry in flatten(solution[part.name].float64)]


@pytest.mark.parametrize("kind", spread(KINDS))
def test_there_is_a_number_for_every_entry_with_its_value_and_tolerance(kind: str):
    exercise = of_kind(kind)
    (question,) = imported(exercise)
    solution = solve(exercise)
    widths = bands(solution)
    expected = [
        (Fraction(*entry), width)
        for part in exercise.ask
        for entry, width in zip(solution[part.name].entries, widths[part.name], strict=True)
    ]
    for field, (exactly, width) in zip(question.fields, expected, strict=True):
        first = field.alternatives[0]
        assert NUMERAL.fullmatch(first.value)
        assert NUMERAL.fullmatch(first.tolerance)
        assert abs(Fraction(first.value) - exactly) <= abs(exactly) / 10**16
        assert abs(Fraction(first.tolerance) - width) <= width / 10**16
    assert question.graded(right(exercise)) == question.mark


def test_weights_are_each_entrys_share_of_its_parts_points():
    exercise = two_layers(points=6, ask=["loss", {"name": "delta2", "points": 5}])
    (question,) = imported(exercise)
    assert [field.weight for field in question.fields] == [2] + [1] * 10


def a_quiz(points: Sequence[float]) -> list[Exercise]:
    """Exercises of other structures and other points, as a set has them."""
    return [
        variant(inputs=at + 1, layers=[dense(at + 2)], ask=["loss", "dW1", "db1"], points=each)
        for at, each in enumerate(points)
    ]


@pytest.mark.parametrize("points", [(5, 6, 8, 10, 8, 10), (0.07, 300), (33.33, 10)])
def test_one_scale_serves_all_questions_of_a_file(points: tuple[float, ...]):
    exercises = a_quiz(points)
    questions = imported(*exercises)
    first = questions[0].mark
    assert [each.mark * Fraction(str(points[0])) for each in questions] == [
        first * Fraction(str(each)) for each in points
    ]
    assert max(each.mark for each in questions) <= MOST_MARK
    for exercise, question in zip(exercises, questions, strict=True):
        fields = iter(question.fields)
        for part in exercise.ask:
            weights = [next(fields).weight for _ in flatten(solve(exercise)[part.name].float64)]
            assert max(weights) - min(weights) <= 1
            share = Fraction(part.points.text) / Fraction(exercise.points.text)
            assert sum(weights) == question.mark * share


def test_no_mark_is_more_than_moodle_holds():
    questions = imported(*a_quiz((0.07, 1000)))
    assert [each.mark for each in questions] == [4, MOST_MARK - 2]


def test_a_known_mistake_earns_nothing_and_is_named():
    exercise = two_layers()
    (question,) = imported(exercise)
    known, fields, named = mistaken_parts(exercise), list(question.fields), 0
    for part in exercise.ask:
        count = len(flatten(solve(exercise)[part.name].float64))
        of_part, fields = fields[:count], fields[count:]
        assert 0 < len(known[part.name]) <= MOST_MISTAKES
        for mistake in known[part.name]:
            for field, entry in zip(of_part, mistake.entries, strict=True):
                if entry is None:
                    continue
                chosen = field.chosen(float(entry.value))
                assert chosen is not None
                assert chosen.fraction == 0
                named += mistake.title in chosen.feedback
    assert named > 10


@pytest.mark.parametrize(("name", "number"), [("b2", "1e308"), ("W1", "1.7e308")])
def test_of_a_known_mistake_whose_numbers_overflow_nobody_is_warned(name: str, number: str):
    exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    array = exercise.given[name]
    huge = build([Number(number)] * len(flatten(array)), shape_of(array))
    found = mistaken_parts(exercise.model_copy(update={"given": {**exercise.given, name: huge}}))
    assert any(found.values())


def test_the_worked_solution_is_the_general_feedback():
    (question,) = imported(two_layers())
    page = ET.fromstring(f"<body>{question.general_feedback}</body>")
    labels = [each.text for each in page.iter("div") if each.get("class") == "label"]
    assert {"z1", "a2", "loss", "dW1", "W2_new"} <= set(labels)


def test_there_is_a_category_for_each_exercise_and_a_question_for_each_variant():
    first, second = two_layers(), two_layers(student="2")
    quiz = ET.fromstring(write_moodle([first, second]).encode("utf-8"))
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
    (question,) = imported(exercise)
    assert len(question.fields) == len(right(exercise))
    assert not set(re.sub(r"\{#\d+\}", "", question.text)) & {"{", "}"}
    ET.fromstring(f"<body>{question.text}</body>")
    assert "<script" not in question.text
