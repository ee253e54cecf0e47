"""Programs on students' pages: the listing and the graph, fields for each part, and a verdict."""

import json
import re

import pytest

from gradgrade.problems import Exercise, solve
from tests.problems.programs import program_set
from tests.service.course_api.classroom import NAME, right
from tests.service.web.visitor import Visitor, boxes, one_database

pytestmark = one_database

GRAPH, ARRAYS = (f"/sets/{NAME}/{name}" for name in ("mul-after-add", "embedding"))


@pytest.fixture
def classroom_of_programs(classroom):
    exercises = [
        each
        for each in json.loads(program_set().to_json())["exercises"]
        if each["name"] in ("mul-after-add", "embedding")
    ]
    classroom.publish(exercises=exercises)
    classroom.enrol("s001")
    return classroom


@pytest.fixture
def student(classroom_of_programs):
    return Visitor.of(classroom_of_programs.students["s001"].asker)


def test_an_exercise_shows_the_program_and_its_graph(student):
    page = student.get(GRAPH)
    headings = [each.text.strip() for each in page.all("h2")]
    assert headings[0] == "The program"
    assert "Its formulas" not in headings
    (listing,) = (each.text for each in page.all("pre") if "q = x + y" in each.text)
    assert listing == "q = x + y\nf = q * z"
    titles = [each.text for each in page.all("title") if "graph" in each.text]
    assert titles == ["The computation graph of f"] * 2
    assert "dNAME is the derivative of f by NAME" in page.text


def test_no_expected_value_is_on_the_page_or_in_its_drawing(classroom_of_programs):
    pages = []
    for each in classroom_of_programs.enrol(*(f"s{number:03}" for number in range(2, 8))):
        exercise = Exercise.from_json(each.exercise("mul-after-add"))
        given = {written(array.text) for array in exercise.given.values()}
        solution = solve(exercise)
        hidden = {written(solution[name].float64) for name in ("q", "f")} - given
        pages.append((given, hidden, numbers_in(Visitor.of(each.asker).get(GRAPH).text)))
    # Points, attempts and the page's own words are on all pages, and tell nothing of a value.
    of_every_page = set.intersection(*(shown for _given, _hidden, shown in pages))
    told_apart = 0
    for given, hidden, shown in pages:
        assert shown >= given
        assert (hidden - of_every_page).isdisjoint(shown)
        told_apart += len(hidden - of_every_page)
    assert told_apart


def numbers_in(text):
    """The magnitudes of all numbers in a text, each as `written`."""
    return {written(each) for each in re.findall(r"\d+(?:\.\d+)?", text)}


def written(number):
    """A magnitude to six digits: in doubles 0.6 + 0.7 is not the 1.3 that may be given."""
    return f"{abs(float(number)):g}"


def test_what_is_wrong_is_marked_on_the_graph(classroom_of_programs, student):
    answers = right(classroom_of_programs.students["s001"].exercise("mul-after-add"))
    answers["dq"] = answers["dq"] + 1
    page = student.get(student.fill_in(GRAPH, **boxes(answers), confirmed="yes").location)
    texts = [each.text for each in page.all("text")]
    assert {"✓ q", "✗ first error: ∂f/∂q", "✓ ∂f/∂z"} <= set(texts)
    assert any("Right: q, f" in each.text for each in page.all("desc"))


def test_arrays_and_indices_are_answered_and_copied(classroom_of_programs, student):
    page = student.get(ARRAYS)
    assert re.search(r"ids = np\.array\(\[\d, \d, \d, \d\]\)", page.text)
    answers = right(classroom_of_programs.students["s001"].exercise("embedding"))
    page = student.get(student.fill_in(ARRAYS, **boxes(answers), confirmed="yes").location)
    assert "✓ correct" in page.text


CHECKED = {
    "name": "checked",
    "type": "program",
    "sizes": {"N": 3},
    "arrays": {"x": ["N"], "w": [], "y": ["N"]},
    "program": "a = sigmoid(w * x)\nL = sum((a - y)**2) / N",
    "differentiate": "L",
    "parameters": ["w"],
    "optimizer": {"name": "momentum", "learning_rate": 0.5, "momentum": 0.9},
    "ask": ["a", "vw", {"quotient": "w", "h": 0.01}, {"shape": "x"}],
}


@pytest.mark.parametrize("page", ["", "/practice"])
def test_what_is_asked_the_update_and_functions_are_defined(classroom, page: str):
    classroom.publish(exercises=[CHECKED], practice=True)
    classroom.enrol("s001")
    shown = Visitor.of(classroom.students["s001"].asker).get(f"/sets/{NAME}/checked{page}")
    paragraphs = [each.text.strip() for each in shown.all("p")]
    assert any(each.startswith("(L(w + h) − L(w − h)) / (2h) with h = 0.01") for each in paragraphs)
    assert "The lengths of the axes of x in order, whole numbers." in paragraphs
    headings = [each.text.strip() for each in shown.all("h2")]
    assert headings[:3] == ["The program", "The update", "Given"]
    texts = [each.text for each in shown.all("pre")]
    assert texts[1].startswith("def sigmoid(x):\n")
    (copied,) = (each for each in texts if each.startswith("import numpy as np"))
    assert "\ndef sigmoid(x):\n" in copied
    assert "\nN = 3\n" in copied
