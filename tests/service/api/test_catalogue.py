"""The problem sets that ship, over HTTP."""

import pytest

from gradgrade.problems import ProblemSet, catalogue
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
