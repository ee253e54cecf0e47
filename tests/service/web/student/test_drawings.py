"""The drawing on the pages of an exercise and of a verdict."""

from gradgrade.service.web.assets import address
from tests.service.course_api.classroom import NAME, problem_set, right
from tests.service.web.visitor import EXERCISE, Visitor, boxes, one_database

pytestmark = one_database


def wrong_gradients(published) -> dict[str, str]:
    answers = right(published.students["s001"].exercise())
    answers["dW1"] = [[7 - entry for entry in row] for row in answers["dW1"]]
    return boxes(answers)


def drawings(page) -> list[tuple[str, str]]:
    """The form and the text of each drawing."""
    found = page.all("svg")
    return [(each.attributes["class"].split()[1], each.text) for each in found]


def test_an_exercise_is_drawn_in_both_forms(student, published):
    page = student.get(EXERCISE)
    assert [form for form, _ in drawings(page)] == ["wide-form", "turned-form"]
    for _, text in drawings(page):
        assert "2 inputs, 2 tanh outputs" in text
    parts = [each.attributes["class"] for each in page.all("section") if "class" in each.attributes]
    assert [each for each in parts if "at-" in each] == [
        *("part at-loss", "part at-L1", "part at-W1")
    ]


def test_a_verdict_is_marked_with_signs_and_in_words(student, published):
    verdict = student.get(student.fill_in(EXERCISE, **wrong_gradients(published)).location)
    assert len(drawings(verdict)) == 2
    for _, text in drawings(verdict):
        assert "✗ first error: ∂L/∂W1" in text
        assert "✓ δ1" in text
        assert "First error: dW1. Right: loss, delta1." in text
    assert "✗ first error ✓ right" in verdict.text


def test_no_more_is_marked_than_is_told(student, published):
    place = student.fill_in(EXERCISE, **wrong_gradients(published)).location
    told = {"parts": (2, "✗ ∂L/∂W1"), "score": (0, "")}
    for feedback, (count, mark) in told.items():
        published.instructor.put(f"/problem-sets/{NAME}", problem_set(feedback=feedback))
        verdict = student.get(place)
        assert len(drawings(verdict)) == count
        assert "first error" not in verdict.source
        assert all(mark in text for _, text in drawings(verdict))


def test_the_style_lights_the_part_that_one_is_at(student):
    style = student.get(address("style.css")).source
    assert ".desk:has(.at-W64:focus-within) .drawing .W64 {" in style
    assert "prefers-color-scheme: dark" in style


def test_staff_sees_the_drawing_too(published):
    published.students["s001"].exercise()
    instructor = Visitor.of(published.instructor)
    assert len(drawings(instructor.get(f"{EXERCISE}?student=s001"))) == 2
