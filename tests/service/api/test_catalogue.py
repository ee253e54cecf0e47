"""The problem sets that ship, over HTTP."""

from urllib.parse import quote

import pytest

from gradgrade.problems import Exercise, ProblemSet, catalogue, generate
from tests.service.api.problem_json import assert_problem


def test_the_list_names_every_set_with_its_title_and_exercises(live):
    reply = live.get("/api/v1/catalogue")
    assert [each["name"] for each in reply.json] == list(catalogue.names())
    for each in reply.json:
        problem_set = catalogue.load(each["name"])
        assert each["title"] == problem_set.title
        assert each["exercises"] == [exercise.name for exercise in problem_set.exercises]


@pytest.mark.parametrize("name", catalogue.names())
def test_a_set_comes_as_a_document_that_reads_back_the_same(live, name):
    reply = live.get(f"/api/v1/catalogue/{name}")
    assert ProblemSet.from_json(reply.body) == catalogue.load(name)


@pytest.mark.parametrize("name", ["nope", "seeds.toml", "..%2Fseeds", "%ff", "seeds/", "SEEDS"])
def test_a_set_that_is_not_there_is_a_404(live, name):
    assert_problem(live.get(f"/api/v1/catalogue/{name}"), 404)


@pytest.mark.parametrize("seed", ["0", "a seed", "é"])
def test_a_variant_is_the_first_that_generate_writes_for_the_seed(live, seed):
    reply = live.get(f"/api/v1/catalogue/first-steps/exercises/one-neuron?seed={quote(seed)}")
    expected = generate(
        catalogue.load("first-steps"), "one-neuron", student="1", secret=seed.encode()
    )
    assert Exercise.from_json(reply.body) == expected
    assert reply.body == expected.to_json().encode()


def test_an_exercise_that_is_not_there_is_a_404_and_a_seed_that_is_none_a_422(live):
    assert_problem(live.get("/api/v1/catalogue/first-steps/exercises/nope"), 404)
    assert_problem(live.get("/api/v1/catalogue/nope/exercises/one-neuron"), 404)
    long = "1" * 101
    reply = live.get(f"/api/v1/catalogue/first-steps/exercises/one-neuron?seed={long}")
    assert_problem(reply, 422)
