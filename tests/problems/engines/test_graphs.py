"""Programs that are drawn for engines, and those that are tried from the smallest on."""

from itertools import islice
from random import Random

import pytest

from gradgrade.problems import ProblemSet
from gradgrade.problems.documents.structures.engine import EngineModel
from gradgrade.problems.engines.drawing import drawn_exercises
from gradgrade.problems.engines.graphs import Graph, drawn_graph, small_graphs
from tests import ROOT

NUMBERS = EngineModel(operators=["+", "-", "*", "/", "**", "tanh", "log"])
ARRAYS = EngineModel(operators=["+", "*", "relu", "@", "mean"])
SET = ROOT / "tests" / "submissions" / "scripts" / "engines" / "set.toml"
DEFINITIONS = ProblemSet.from_toml(SET.read_text("utf-8")).exercises


def lines_read(graph: Graph) -> set[str]:
    """The lines and givens that a line reads."""
    made = {line.partition(" = ")[2] for line in graph.lines}
    return {name for name in graph.shapes for line in made if name in words(line)}


def words(text: str) -> list[str]:
    return "".join(each if each.isalnum() else " " for each in text).split()


@pytest.mark.parametrize("engine", [NUMBERS, ARRAYS])
@pytest.mark.parametrize("seed", range(5))
def test_every_line_of_a_drawn_program_leads_to_its_result(engine: EngineModel, seed: int):
    graph = drawn_graph(engine, Random(seed).choice)
    *others, last = (line.partition(" = ")[0] for line in graph.lines)
    assert set(others) <= lines_read(graph)
    assert graph.shapes[last] == ()
    assert set(graph.arrays) == {name for name in "abcw" if name in lines_read(graph)}


def test_among_drawn_programs_are_all_operators_and_nodes_used_twice():
    graphs = [drawn_graph(NUMBERS, Random(seed).choice) for seed in range(20)]
    for sign in ("+", "-", "*", "/", "**", "tanh(", "log("):
        assert any(sign in line for graph in graphs for line in graph.lines)
    assert any(words(graph.text).count("p1") > 2 for graph in graphs)


def test_small_programs_come_by_their_givens_and_lines():
    graphs = list(islice(small_graphs(NUMBERS, 500), 40))
    assert graphs[0].text == "L = a + a"
    assert [len(each.lines) for each in graphs[:30]] == sorted(
        len(each.lines) for each in graphs[:30]
    )
    texts = [each.text for each in small_graphs(ARRAYS, 500)]
    assert "p1 = b + a\nL = mean(p1)" in texts
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda each: each.name)
def test_drawn_exercises_are_proven_and_follow_from_the_key(definition):
    first, again, other = (
        [each.exercise for each in drawn_exercises(definition, key)] for key in (b"1", b"1", b"2")
    )
    assert first == again
    assert first != other
    assert len(first) == 20
    assert all(sum(float(part.points.text) for part in each.ask) > 9.99 for each in first)
    assert all(each.code is not None and "_.backward()" in each.code.script for each in first)


def test_a_program_without_gradients_is_not_issued():
    definition = DEFINITIONS[0]
    assert definition.code is not None
    engine = EngineModel(operators=["-", "log"], programs=5)
    code = definition.code.model_copy(update={"engine": engine})
    definition = definition.model_copy(update={"code": code})
    # The logarithm of a negative number has none: such draws are left out.
    for grader in drawn_exercises(definition, b"1"):
        assert grader.solution is not None
