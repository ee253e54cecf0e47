"""What of a network is drawn: every weight once, or its matrix; what is given, and no more."""

import re

import pytest
from hypothesis import given, settings

from gradgrade.oracle.nested import flatten
from gradgrade.problems import Exercise, solve
from gradgrade.problems.drawing.draw import draw
from gradgrade.problems.drawing.marks import marks_of_verdict
from gradgrade.problems.drawing.networks.network import MOST_WEIGHTS, network_scene
from gradgrade.problems.drawing.scene import Node
from gradgrade.problems.drawing.text import plain
from tests.examples import examples
from tests.problems.drawing.drawn import as_set, edge_labels, given_numbers, networks, texts
from tests.problems.worksheet.worksheets import KINDS, of_kind
from tests.strategies import dense, variant, written_exercise


def column(exercise: Exercise, index: int) -> tuple[Node, ...]:
    return network_scene(exercise).columns[index].nodes


@given(networks())
@settings(max_examples=examples(40), deadline=None)
def test_the_weights_of_a_matrix_are_all_on_edges_once_or_none_is(exercise: Exercise):
    written = []
    for number, bundle in enumerate(network_scene(exercise).bundles, start=1):
        weights = [as_set(each.text) for each in flatten(exercise.given[f"W{number}"])]
        found = [plain(edge.label) for edge in bundle.edges if edge.label]
        assert found in ([], *([found] if sorted(found) == sorted(weights) else []))
        assert plain(bundle.name) == f"W{number}"
        written += found
    assert len(written) <= MOST_WEIGHTS


@given(networks())
@settings(max_examples=examples(20), deadline=None)
def test_every_weight_is_drawn_once_or_its_matrix_is_named(exercise: Exercise):
    for is_turned in (False, True):
        shown = texts(draw(exercise, is_turned=is_turned))
        for number in range(1, len(exercise.layers) + 1):
            weights = [as_set(each.text) for each in flatten(exercise.given[f"W{number}"])]
            are_there = all(shown.count(each) >= weights.count(each) for each in weights)
            assert are_there or f"W{number}" in shown


@pytest.mark.parametrize("convention", ["column", "row"])
def test_a_weight_stands_between_the_units_that_it_connects(convention: str):
    exercise = written_exercise([dense(3), dense(2)], inputs=2, batch=1, convention=convention)
    weights = exercise.given["W1"]
    for edge in network_scene(exercise).bundles[0].edges:
        source, target = (int(key.partition(".")[2]) for key in (edge.source, edge.target))
        row, entry = (source, target) if convention == "row" else (target, source)
        assert plain(edge.label) == as_set(weights[row][entry].text)


def test_units_are_named_by_their_place():
    exercise = written_exercise([dense(2), dense(3), dense(1)], inputs=2)
    names = [[plain(node.lines[0]) for node in column(exercise, index)] for index in range(4)]
    assert names == [["x1", "x2"], ["h1,1", "h1,2"], ["h2,1", "h2,2", "h2,3"], ["o"]]


def test_values_and_targets_stand_where_there_is_one_sample():
    one, two = (written_exercise([dense(2)], inputs=2, batch=batch) for batch in (1, 2))
    assert [plain(node.value) for node in column(one, 0)] == [
        as_set(each.text) for each in flatten(one.given["x"])
    ]
    targets = flatten(one.given["y"])
    assert [plain(node.target) for node in column(one, 1)] == [
        f"y{index} = {each.text}" for index, each in enumerate(targets, start=1)
    ]
    assert [plain(node.value) for node in column(two, 0)] == ["", ""]
    assert [plain(node.target) for node in column(two, 1)] == ["y1", "y2"]


def test_without_a_loss_there_are_no_targets():
    exercise = variant(layers=[dense(2, "tanh")], loss=None, optimizer=None, ask=["a1"], batch=1)
    assert "y" not in exercise.given
    assert not any(node.target for node in column(exercise, 1))


def test_a_large_layer_is_drawn_in_part_and_counted():
    exercise = written_exercise([dense(6), dense(2)], inputs=2)
    scene = network_scene(exercise)
    assert [node.kind for node in scene.columns[1].nodes] == ["unit", "unit", "dots", "unit"]
    assert plain(scene.columns[1].nodes[-1].lines[0]) == "h6"
    assert plain(scene.columns[1].caption[1]) == "6 units"
    assert edge_labels(scene) == []


def test_a_network_of_many_weights_names_its_matrices_alone():
    exercise = written_exercise([dense(5)] * 5, inputs=5)
    assert edge_labels(network_scene(exercise)) == []


def test_a_one_that_extends_the_samples_has_weights_of_its_own():
    exercise = variant(layers=[dense(2, bias="ones")], inputs=3, ask=["loss"])
    scene = network_scene(exercise)
    assert [plain(node.lines[0]) for node in scene.columns[0].nodes] == ["x1", "x2", "x3", "1"]
    assert len(edge_labels(scene)) == 8


def test_a_bias_that_units_share_is_written_once():
    exercise = written_exercise([dense(3, bias="shared")], inputs=2)
    shown = texts(draw(exercise))
    assert shown.count(f"b = {as_set(exercise.given['b1'].text)}, shared") == 1


def test_a_long_number_stands_among_the_givens_alone():
    exercise = variant(given={"W1": [[0.12345678901234, 0.5], [0.25, 0.75]]})
    assert edge_labels(network_scene(exercise)) == []
    assert "0.12345678901234" not in draw(exercise)


@pytest.mark.parametrize("kind", KINDS)
def test_every_layer_that_is_not_dense_is_a_box_with_its_parameters(kind: str):
    exercise = of_kind(kind)
    for layer, column in zip(exercise.layers, network_scene(exercise).columns[1:], strict=True):
        if layer.type != "dense":
            (box,) = column.nodes
            assert box.kind == "box"
            lines = [plain(line) for line in box.lines]
            assert layer.type.replace("_", " ") in lines[0].lower()
            assert lines[-1].startswith("→ ")


NUMERAL = re.compile(r"[-\N{MINUS SIGN}]?\d+\.\d+")


@pytest.mark.parametrize("kind", KINDS)
def test_no_number_is_drawn_that_is_not_given(kind: str):
    exercise = of_kind(kind)
    numbers = given_numbers(exercise)
    for is_turned in (False, True):
        drawing = draw(exercise, is_turned=is_turned)
        for text in texts(drawing):
            assert set(NUMERAL.findall(text)) <= numbers, text


def test_no_expected_value_is_drawn_whatever_is_marked():
    exercise = variant(layers=[dense(3, "tanh"), dense(2)], inputs=2, batch=1)
    parts = [part.name for part in exercise.ask]
    outcomes = dict.fromkeys(parts, "incorrect")
    marks = marks_of_verdict(exercise, outcomes=outcomes, first_error=parts[0])
    solution = solve(exercise, digits=6)
    expected = {as_set(each) for name in parts for each in flatten(solution[name].value)}
    numbers = {each[:6] for each in given_numbers(exercise)}
    canaries = {each[:6] for each in expected if len(each) > 6} - numbers
    assert len(canaries) > 20
    for is_turned in (False, True):
        drawing = draw(exercise, is_turned=is_turned, marks=marks)
        assert not {each for each in canaries if each in drawing}
