"""Marks: what is told of a verdict, each at its place, in signs and in words."""

from collections.abc import Mapping

import pytest

from gradgrade.problems import Exercise
from gradgrade.problems.drawing.draw import draw, picture
from gradgrade.problems.drawing.marks import (
    STATUSES,
    marks_of_first_errors,
    marks_of_verdict,
    places_by_part,
)
from gradgrade.problems.drawing.networks.network import network_scene
from gradgrade.problems.drawing.scene import Mark, Place, Status
from gradgrade.problems.drawing.text import plain
from tests.problems.drawing.drawn import SVG, labels, parsed, texts
from tests.problems.drawing.test_layout import assert_is_inside, overlapping
from tests.problems.worksheet.worksheets import KINDS, of_kind, two_layers
from tests.strategies import variant

OUTCOMES = {
    "a1": "correct",
    "loss": "correct",
    "delta1": "incorrect",
    "dW2": "correct",
    "dW1": "carried_forward",
    "b1_new": "missing",
}


def exercise(**fields: object) -> Exercise:
    return two_layers(ask=["all"], **fields)


def classes(svg: str, name: str) -> set[str]:
    """The classes of the groups that have a class."""
    groups = [each.get("class", "").split() for each in parsed(svg).iter(f"{SVG}g")]
    return {each for group in groups if name in group for each in group}


def statuses(marks: tuple[Mark, ...]) -> Mapping[Place, Status]:
    """The status of each place that marks give."""
    return network_scene(exercise(), marks=marks).statuses


def test_each_mark_has_its_sign_its_class_and_its_word():
    marks = marks_of_verdict(exercise(), outcomes=OUTCOMES, first_error="delta1")
    for is_turned in (False, True):
        drawing = draw(exercise(), marks=marks, is_turned=is_turned)
        shown = texts(drawing)
        for text in ("✗ first error: δ1", "✓ a1", "✓ L", "✓ ∂L/∂W2", "↳ ∂L/∂W1", "– b1new"):
            assert text in shown
        told = parsed(drawing).findtext(f"{SVG}desc") or ""
        for words in (
            "First error: delta1.",
            "Right: a1, loss, dW2.",
            "Follows from yours: dW1.",
            "Not answered: b1_new.",
        ):
            assert words in told
        assert {"edges", "W1", "carry"} <= classes(drawing, "W1")
        assert {"edges", "W2", "right"} <= classes(drawing, "W2")
        assert {"units", "L1", "first"} <= classes(drawing, "L1")
        assert "right" not in classes(drawing, "L1") - classes(drawing, "mark")


def test_a_place_has_the_worst_status_of_its_quantities():
    marks = marks_of_verdict(exercise(), outcomes=OUTCOMES, first_error="delta1")
    found = {place.css: status for place, status in statuses(marks).items()}
    assert found == {
        "L1": Status.FIRST,
        "loss": Status.RIGHT,
        "W2": Status.RIGHT,
        "W1": Status.FOLLOWS,
    }


def test_of_several_iterations_the_worst_is_marked():
    several = variant(iterations=3, ask=["all"])
    outcomes = {"loss@1": "correct", "loss@2": "incorrect", "loss@3": "carried_forward"}
    (mark,) = marks_of_verdict(several, outcomes=outcomes, first_error="loss@2")
    assert (mark.name, mark.status) == ("loss@2", Status.FIRST)


@pytest.mark.parametrize("outcome", ["invalid", "not_judged"])
def test_nothing_is_marked_where_nothing_was_judged(outcome: str):
    assert marks_of_verdict(exercise(), outcomes={"loss": outcome}, first_error=None) == ()


def test_a_part_that_is_no_longer_there_is_not_marked():
    outcomes = {"W9_new": "correct", "loss": "correct"}
    (mark,) = marks_of_verdict(exercise(), outcomes=outcomes, first_error=None)
    assert mark.name == "loss"


def test_first_errors_are_counted_with_a_bar_where_there_are_any():
    counts = {"a1": 3, "delta2": 6, "loss": 0}
    marks = marks_of_first_errors(exercise(), counts)
    assert [(plain(mark.symbol), mark.count, mark.share) for mark in marks] == [
        ("a1", 3, 0.5),
        ("L", 0, 0.0),
        ("δ2", 6, 1.0),
    ]
    drawing = draw(exercise(), marks=marks)
    assert {"✗ a1 3", "✗ δ2 6", "L"} <= set(texts(drawing))
    assert "Students who first went wrong: a1 3, loss 0, delta2 6." in drawing
    assert statuses(marks) == {}


def test_nobody_going_wrong_has_no_bars():
    drawing = draw(exercise(), marks=marks_of_first_errors(exercise(), {"a1": 0}))
    assert classes(drawing, "bar") == set()


@pytest.mark.parametrize("kind", KINDS)
def test_marks_of_every_kind_of_network_stand_apart_and_inside(kind: str):
    of_it = of_kind(kind)
    for outcome in STATUSES:
        outcomes = {part.name: outcome for part in of_it.ask}
        marks = marks_of_verdict(of_it, outcomes=outcomes, first_error=of_it.ask[0].name)
        drawn = picture(of_it, marks=marks)
        assert_is_inside(drawn)
        assert overlapping([label.area for label in labels(drawn, "mark")]) == []


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_asked_has_a_place_that_is_drawn(kind: str):
    of_it = of_kind(kind)
    drawing = draw(of_it)
    for name, place in places_by_part(of_it).items():
        assert classes(drawing, place.css), name


def test_marks_move_no_weight_along_its_edge():
    bare = draw(exercise())
    marked = draw(
        exercise(), marks=marks_of_verdict(exercise(), outcomes=OUTCOMES, first_error=None)
    )

    def heights(drawing: str) -> list[str | None]:
        weights = parsed(drawing).findall(f".//{SVG}g[@class='weights W1']/{SVG}text")
        return [each.get("y") for each in weights]

    assert len(heights(bare)) == 12
    assert heights(bare) == heights(marked)
