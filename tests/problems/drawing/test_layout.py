"""Where things stand: nothing lies on anything else, and nothing outside."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradgrade.problems import Exercise
from gradgrade.problems.drawing.draw import picture
from gradgrade.problems.drawing.geometry import Rectangle, Segment, clearance, separation
from gradgrade.problems.drawing.layout.lanes import EDGE_WEIGHT, ENOUGH, Labelled, place_labels
from gradgrade.problems.drawing.picture import Box, Circle, Picture, areas
from gradgrade.problems.drawing.text import plain
from tests.examples import examples
from tests.problems.drawing.drawn import items, labels, networks, nodes
from tests.problems.worksheet.worksheets import KINDS, of_kind
from tests.strategies import dense, written_exercise

EXACT = 1e-9
FORMS = (False, True)


def overlapping(rectangles: list[Rectangle]) -> list[tuple[Rectangle, Rectangle]]:
    pairs = combinations(rectangles, 2)
    return [(one, other) for one, other in pairs if separation(one, other) < 1 - EXACT]


def area(shape: Circle | Box) -> Rectangle:
    (found,) = areas([shape])
    return found


def assert_is_inside(picture: Picture) -> None:
    right, bottom = picture.left + picture.width, picture.top + picture.height
    for each in areas(picture.items):
        assert picture.left <= each.x - each.width / 2
        assert picture.top <= each.y - each.height / 2
        assert each.x + each.width / 2 <= right
        assert each.y + each.height / 2 <= bottom


@pytest.mark.parametrize("is_turned", FORMS)
@given(exercise=networks())
@settings(max_examples=examples(25), deadline=None)
def test_nothing_that_is_read_lies_on_anything_else(is_turned: bool, exercise: Exercise):
    drawn = picture(exercise, is_turned=is_turned)
    assert_is_inside(drawn)
    units = [area(each) for each in nodes(drawn)]
    assert overlapping(units) == []
    weights = [label.area for label in labels(drawn, "weights")]
    beside = [label for label in labels(drawn, "units") if label.css == "quiet halo"]
    assert overlapping([*weights, *(label.area for label in beside)]) == []
    for label in weights:
        assert all(separation(label, unit) >= 1 - EXACT for unit in units)
    captions = [label.area for label in labels(drawn, "captions")]
    assert overlapping(captions) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_network_stays_in_its_frame(kind: str):
    for is_turned in FORMS:
        drawn = picture(of_kind(kind), is_turned=is_turned)
        assert_is_inside(drawn)
        assert overlapping([area(each) for each in nodes(drawn)]) == []


def test_a_matrix_is_named_on_its_band_or_below_its_edges():
    exercise = written_exercise([dense(5), dense(5)], inputs=1, batch=1)
    drawn = picture(exercise)
    names = [plain(label.text) for name in ("weights", "captions") for label in labels(drawn, name)]
    assert names.count("W1") == names.count("W2") == 1


def test_columns_stand_at_equal_gaps():
    drawn = picture(of_kind(KINDS[0]))
    places = sorted({area(each).x for each in nodes(drawn)})
    gaps = {round(after - before, 6) for before, after in pairwise(places)}
    assert len(gaps) == 1


def test_a_drawing_for_narrow_pages_is_narrow():
    for kind in KINDS:
        assert picture(of_kind(kind), is_turned=True).width <= 480, kind


# Labels on edges

COORDINATES = st.floats(-100, 100)


@given(
    label=st.builds(Rectangle, COORDINATES, COORDINATES, st.just(30.0), st.just(14.0)),
    edge=st.builds(Segment, COORDINATES, COORDINATES, COORDINATES, COORDINATES),
)
def test_a_clearance_is_the_least_over_the_edge(label: Rectangle, edge: Segment):
    found = clearance(label, edge)
    points = [edge.at(step / 200) for step in range(201)]
    least = min(
        max(abs(x - label.x) * 2 / label.width, abs(y - label.y) * 2 / label.height)
        for x, y in points
    )
    assert found <= least + EXACT
    length = abs(edge.x2 - edge.x1) + abs(edge.y2 - edge.y1)
    assert least - found <= length / 200 * 2 / label.height + EXACT


def bundle(sources: int, targets: int, *, width: float, gap: float) -> list[Labelled]:
    return [
        Labelled(
            source=source,
            target=target,
            line=Segment(0, 90 * source, gap, 90 * target),
            width=width,
            height=15,
        )
        for source in range(sources)
        for target in range(targets)
    ]


@given(st.integers(1, 4), st.integers(1, 4))
@settings(max_examples=examples(16), deadline=None)
def test_the_score_of_a_placement_is_what_it_says(sources: int, targets: int):
    edges = bundle(sources, targets, width=40, gap=200)
    placement = place_labels(edges, [])
    if placement is None:
        return
    standing = [edge.label(share) for edge, share in zip(edges, placement.shares, strict=True)]
    gaps = [separation(one, other) for one, other in combinations(standing, 2)]
    gaps += (
        EDGE_WEIGHT * clearance(label, edge.line)
        for index, label in enumerate(standing)
        for other, edge in enumerate(edges)
        if other != index
    )
    assert placement.score == min(gaps, default=float("inf"))
    assert placement.score >= ENOUGH


def test_labels_that_do_not_fit_are_not_placed():
    assert place_labels(bundle(3, 3, width=150, gap=150), []) is None
    assert place_labels(bundle(3, 3, width=30, gap=200), []) is not None


def test_an_obstacle_is_kept_clear_of():
    edges = bundle(1, 1, width=40, gap=200)
    free = place_labels(edges, [])
    assert free is not None
    beside = Rectangle(70, 0, 60, 30)
    placement = place_labels(edges, [beside])
    assert placement is not None
    assert separation(edges[0].label(placement.shares[0]), beside) >= 1


def test_items_of_a_class_are_found():
    assert list(items(picture(of_kind(KINDS[0])).items, "no-such-class")) == []
