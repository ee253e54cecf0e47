"""Computation graphs: every use an edge, nothing overlaps, no value but those that are given."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradgrade.problems import Exercise, ProblemSet, generate
from gradgrade.problems.drawing.draw import draw, draw_alone, picture
from gradgrade.problems.drawing.geometry import Rectangle, Segment, clearance
from gradgrade.problems.drawing.graphs.columns import Bend, column_numbers, in_columns
from gradgrade.problems.drawing.graphs.program import MOST_LINES, program_chart
from gradgrade.problems.drawing.graphs.rows import apart_in_order
from gradgrade.problems.drawing.marks import (
    marks_of_first_errors,
    marks_of_verdict,
    places_by_part,
)
from gradgrade.problems.drawing.picture import Arrow, Box, Circle, Group, Item, Label, Picture
from gradgrade.problems.drawing.text import plain
from gradgrade.problems.worksheet.worked import work
from tests.examples import examples
from tests.problems.drawing.drawn import SVG, as_set, parsed, texts
from tests.problems.programs import PROGRAMS, program, set_of

GRAPHS = ("mul-after-add", "neuron", "twice", "embedding", "attention", "normalization", "axes")


def shapes(items: tuple[Item, ...]) -> Iterator[Item]:
    for item in items:
        if isinstance(item, Group):
            yield from shapes(item.items)
        else:
            yield item


def without_bars(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Items without what lies upon the track of a bar."""
    return tuple(
        Group(css=item.css, items=item.items[:1] if item.css == "bar" else without_bars(item.items))
        if isinstance(item, Group)
        else item
        for item in items
    )


def solid(drawn: Picture) -> list[Rectangle]:
    """What covers something: circles, boxes, and texts that stand in none."""
    found = list(shapes(without_bars(drawn.items)))
    bodies = [
        Rectangle(each.x, each.y, 2 * each.radius, 2 * each.radius)
        if isinstance(each, Circle)
        else each.area
        for each in found
        if isinstance(each, Circle | Box)
    ]
    labels = [each.area for each in found if isinstance(each, Label)]
    return bodies + [one for one in labels if not any(inside(one, body) for body in bodies)]


def inside(one: Rectangle, other: Rectangle) -> bool:
    return (
        abs(one.x - other.x) + one.width / 2 <= other.width / 2 + 6
        and abs(one.y - other.y) + one.height / 2 <= other.height / 2 + 4
    )


def meet(one: Rectangle, other: Rectangle) -> bool:
    return (
        2 * abs(one.x - other.x) < one.width + other.width - 2
        and 2 * abs(one.y - other.y) < one.height + other.height - 4
    )


@pytest.mark.parametrize("is_turned", [False, True])
@pytest.mark.parametrize("name", GRAPHS)
def test_nothing_overlaps_with_and_without_marks(name: str, is_turned: bool):
    exercise = program(name)
    counts = {part.name: index for index, part in enumerate(exercise.ask)}
    for marks in ((), marks_of_first_errors(exercise, counts)):
        drawn = picture(exercise, is_turned=is_turned, marks=marks)
        assert drawn is not None
        for one, other in combinations(solid(drawn), 2):
            assert not meet(one, other), (one, other)


@pytest.mark.parametrize("is_turned", [False, True])
@pytest.mark.parametrize("name", GRAPHS)
def test_no_edge_runs_through_what_is_written_or_through_a_vertex(name: str, is_turned: bool):
    exercise = program(name)
    outcomes = {part.name: "incorrect" for part in exercise.ask}
    marks = marks_of_verdict(exercise, outcomes=outcomes, first_error=exercise.ask[0].name)
    for drawn in (
        picture(exercise, is_turned=is_turned),
        picture(exercise, is_turned=is_turned, marks=marks),
    ):
        assert drawn is not None
        for arrow in (each for each in shapes(drawn.items) if isinstance(each, Arrow)):
            for (x1, y1), (x2, y2) in pairwise(arrow.points):
                for area in solid(drawn):
                    # An edge ends on a circle, within the corners of its square.
                    corner = 12 if area.width == area.height else 0
                    small = area._replace(
                        width=area.width - 4 - corner, height=area.height - 5 - corner
                    )
                    assert clearance(small, Segment(x1, y1, x2, y2)) >= 0.97, (area, arrow)


def test_a_quantity_that_is_used_twice_has_two_edges():
    chart = program_chart(program("twice"))
    assert chart is not None
    names = ["".join(run.text for run in each.lines[0]) for each in chart.vertices]
    uses = [(names[wire.source], names[wire.target]) for wire in chart.wires]
    # q = x + y; r = q * q; f = r * x + exp(q)
    assert uses.count(("+", "×")) == 2
    assert ("+", "exp") in uses
    assert sum(source == "x" for source, _ in uses) == 2
    arrows = {
        each.points[-1]
        for each in shapes(picture(program("twice")).items)
        if isinstance(each, Arrow)
    }
    assert len(arrows) == len(chart.wires) + 1


def test_what_is_given_stands_as_far_right_as_it_can():
    chart = program_chart(program("mul-after-add"))
    assert chart is not None
    names = ["".join(run.text for run in each.lines[0]) for each in chart.vertices]
    columns = dict(zip(names, column_numbers(chart), strict=True))
    assert columns == {"x": 0, "y": 0, "z": 1, "+": 1, "×": 2}


def test_a_wire_that_passes_a_column_has_a_bend_in_it():
    chart = program_chart(program("twice"))
    assert chart is not None
    found = in_columns(chart)
    bends = [stop for column in found.stops for stop in column if isinstance(stop, Bend)]
    for index, way in enumerate(found.ways):
        own = [stop for stop in way if isinstance(stop, Bend)]
        assert own == [each for each in bends if each.wire == index]


@pytest.mark.parametrize("name", GRAPHS)
def test_no_number_is_shown_but_those_that_are_given_or_stand_in_the_program(name: str):
    exercise = program(name)
    known = {as_set(text) for text in re.findall(r"[-\d.]+", exercise.program)} | {"1"}
    for array in exercise.given.values():
        known |= {as_set(array.text)} if not isinstance(array, list) else set()
    drawing = draw(exercise)
    values = [text for text in texts(drawing) if re.fullmatch(r"−?\d+(\.\d+)?", text)]
    sizes = {str(length) for part in exercise.ask for length in part.shape}
    sizes |= {str(size) for each in exercise.graph.givens.values() for size in each.shape}
    assert set(values) <= known | sizes


def test_a_worked_solution_shows_values_above_and_gradients_below():
    exercise = program("mul-after-add")
    numbers = work(exercise, digits=6).numbers
    drawn = picture(exercise, numbers=numbers)
    assert drawn is not None
    shown = {
        "".join(run.text for run in each.text): each
        for each in shapes(drawn.items)
        if isinstance(each, Label)
    }
    x, y = (float(exercise.given[name].text) for name in "xy")
    assert f"q = {x + y:.4f}".replace("-", "−")[:8] in {text[:8] for text in shown}
    edge = {round(each.points[0][1], 3) for each in shapes(drawn.items) if isinstance(each, Arrow)}
    values = [each for each in shapes(drawn.items) if isinstance(each, Group)]
    assert values == []
    for text, label in shown.items():
        if text.startswith("q = "):
            assert any(level - 30 < label.y < level for level in edge)


def test_what_is_asked_stands_in_slots_at_its_edge():
    drawing = parsed(draw(program("mul-after-add")))
    slots = [each for each in drawing.iter(f"{SVG}g") if "slot" in each.get("class", "").split()]
    assert ["".join(each.itertext()) for each in slots] == [
        "∂f/∂x", "∂f/∂y", "q", "∂f/∂q", "∂f/∂z", "f",
    ]  # fmt: skip
    assert all("Q" in each.get("class", "") for each in slots)


def test_a_verdict_is_marked_at_the_edges_that_it_is_about():
    exercise = program("mul-after-add")
    outcomes = {"q": "correct", "f": "incorrect", "dq": "carried_forward", "dx": "missing"}
    marks = marks_of_verdict(exercise, outcomes=outcomes, first_error="f")
    assert [(mark.name, mark.place.css) for mark in marks] == [
        ("q", "Q4"), ("f", "Q5"), ("dq", "Q4"), ("dx", "Q1"),
    ]  # fmt: skip
    for is_turned in (False, True):
        drawing = draw(exercise, marks=marks, is_turned=is_turned)
        for text in ("✓ q", "✗ first error: f", "↳ ∂f/∂q", "– ∂f/∂x"):
            assert text in texts(drawing)
        told = parsed(drawing).findtext(f"{SVG}desc") or ""
        assert "First error: f." in told
        assert "Follows from yours: dq." in told
        of_f = [each for each in parsed(drawing).iter(f"{SVG}g") if "Q5" in each.get("class", "")]
        assert any("first" in each.get("class", "").split() for each in of_f)
    assert places_by_part(exercise)["dz"].css == "Q3"


def test_first_errors_are_counted_at_their_edges():
    exercise = program("mul-after-add")
    marks = marks_of_first_errors(exercise, {"q": 0, "f": 4, "dq": 2})
    drawing = draw(exercise, marks=marks)
    assert {"q", "✗ f 4", "✗ ∂f/∂q 2"} <= set(texts(drawing))
    # Where something is told, nothing looks like a box to fill in.
    assert "slot" not in drawing
    assert "slot" in draw(exercise)


def test_a_large_program_is_drawn_by_its_lines_and_a_larger_one_not_at_all():
    lines = program_of_lines(20)
    chart = program_chart(lines)
    assert chart is not None
    assert {each.kind for each in chart.vertices} == {"given", "line"}
    assert len(chart.vertices) == 21
    assert "a1 * x + 1" in texts(draw(lines))
    assert draw(program_of_lines(MOST_LINES)) == draw_alone(program_of_lines(MOST_LINES)) == ""


def program_of_lines(count: int) -> Exercise:
    text = "\n".join(f"a{i + 1} = a{i} * x + 1" for i in range(1, count))
    return generate(
        ProblemSet.from_data(
            {
                "schema": "gradgrade/problem-set/1",
                "name": "long",
                "exercises": [
                    {
                        "name": "chain",
                        "type": "program",
                        "arrays": {"x": []},
                        "program": f"a1 = x * 0.5 + 1\n{text}",
                        "differentiate": f"a{count}",
                        "ask": ["a1"],
                        "points": 1,
                    }
                ],
            }
        ),
        "chain",
        student="1",
        secret=b"0",
    )


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_drawing_is_strict_xml_with_a_title_and_the_same_each_time(name: str):
    exercise = program(name)
    drawing = draw_alone(exercise)
    root = ET.fromstring(drawing)
    assert root.findtext(f"{SVG}title", "").startswith("The computation graph of ")
    assert "Given: " in root.findtext(f"{SVG}desc", "")
    assert drawing == draw_alone(exercise)
    assert "style=" not in draw(exercise)


@given(st.lists(st.tuples(st.floats(-100, 100), st.floats(1, 50)), min_size=1, max_size=8))
@settings(max_examples=examples(100))
def test_places_stay_in_order_and_apart_and_near_to_what_is_wanted(
    pairs: list[tuple[float, float]],
):
    wanted, gaps = [each for each, _ in pairs], [gap for _, gap in pairs]
    places = apart_in_order(wanted, gaps)
    for before, after, gap in zip(places, places[1:], gaps[1:], strict=False):
        assert after - before >= gap - 1e-9
    assert sum(places) == pytest.approx(sum(wanted), abs=1e-6)


SCALED = """
sizes = { T = 3, d = 4 }
arrays = { Q = ["T", "d"], K = ["T", "d"], M = { shape = ["T", "T"], mask = true } }
given = { M = [[1, 0, 0], [1, 1, 0], [1, 1, 1]] }
program = '''
S = Q @ K.T / (2 * np.sqrt(d))
A = softmax(np.where(M, S, -np.inf), axis=-1)
'''
upstream = "A"
ask = ["A", "dS", "dQ"]
"""


def test_what_numbers_of_the_text_make_is_one_constant_as_the_text_has_it():
    exercise = generate(set_of(SCALED), "program", student="1", secret=b"0")
    chart = program_chart(exercise)
    assert chart is not None
    (constant,) = (each for each in chart.vertices if plain(each.lines[0]) == "2 * np.sqrt(d)")
    assert constant.kind == "given"
    assert constant.below == ()
    signs = [plain(each.lines[0]) for each in chart.vertices if each.kind == "operation"]
    assert signs == ["T", "@", "÷", "softmax where M"]


def test_a_constant_has_its_value_in_a_worked_solution_and_no_gradient():
    exercise = generate(set_of(SCALED), "program", student="1", secret=b"0")
    chart = program_chart(exercise, numbers=work(exercise, digits=6).numbers)
    assert chart is not None
    (constant,) = (each for each in chart.vertices if plain(each.lines[0]) == "2 * np.sqrt(d)")
    assert [plain(each.text) for each in (*constant.above, *constant.below)] == ["4.000"]


def test_a_line_that_is_a_constant_is_drawn_with_its_source():
    text = SCALED.replace("S = Q @ K.T / (2 * np.sqrt(d))", "c = 0.5\nS = Q @ K.T * c")
    chart = program_chart(generate(set_of(text), "program", student="1", secret=b"0"))
    assert chart is not None
    (line,) = (each for each in chart.vertices if each.kind == "line")
    assert [plain(each) for each in line.lines] == ["c", "0.5"]
