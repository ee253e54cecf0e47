"""Documents are read back as they were written, as their JSON Schemas describe them."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from gradgrade.problems import (
    Answers,
    DocumentError,
    ProblemSet,
    grade,
    solve,
)
from gradgrade.problems.documents.base import Document
from tests.examples import examples
from tests.problems.documents.spoiled import MODELS, SET, changed
from tests.strategies import exercises, problem_sets


@given(problem_sets())
@settings(max_examples=examples(50))
def test_a_problem_set_is_read_back_as_it_was(problem_set):
    again = ProblemSet.from_json(problem_set.to_json())
    assert again == problem_set
    assert again.to_json() == problem_set.to_json()


def test_a_problem_sets_dates_are_read_back_as_they_were():
    dates = {"due": "2026-12-01T23:59:00Z", "late_until": "2026-12-03T23:59:00+02:00"}
    problem_set = ProblemSet.from_json(json.dumps(SET | dates))
    assert ProblemSet.from_json(problem_set.to_json()) == problem_set


@pytest.mark.parametrize("due", ["1970-01-01T00:00:00Z", "2999-12-31T23:59:59.999999Z"])
def test_the_first_and_the_last_moment_that_are_kept_are_taken(due):
    problem_set = ProblemSet.from_json(json.dumps(SET | {"due": due}))
    assert ProblemSet.from_json(problem_set.to_json()) == problem_set


@pytest.mark.parametrize(
    "due",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1733011200", "2026-12-01T10:00:00"],
)
def test_a_moment_in_toml_is_bound_as_one_in_json(due):
    text = f'schema = "gradgrade/problem-set/1"\nname = "set"\ndue = {due}\n'
    with pytest.raises(DocumentError, match="due: "):
        ProblemSet.from_toml(text)


def test_an_exercise_may_have_a_million_points():
    document = changed(SET, ("exercises", 0, "points"), 1_000_000)
    assert ProblemSet.from_json(json.dumps(document)).exercises[0].points.text == "1000000"


@given(exercises(most_iterations=2))
@settings(max_examples=examples(15))
def test_documents_are_read_back_as_they_were_and_their_schemas_describe_them(exercise):
    solution = solve(exercise).document()
    answers = {part.name: solution.values[part.name].float64 for part in exercise.ask}
    written = Answers.of({"exercise": exercise.id, "answers": answers})
    verdict = grade(exercise, written)
    for document in (exercise, solution, verdict, written):
        text = document.to_json()
        again = type(document).from_json(text)
        assert again == document
        assert again.to_json() == text
        assert errors(type(document), json.loads(text)) == []


@given(problem_sets())
@settings(max_examples=examples(15))
def test_a_problem_set_is_as_its_schema_describes(problem_set):
    assert errors(ProblemSet, json.loads(problem_set.to_json())) == []


def errors(model: type[Document], document: Any) -> list[str]:
    """What the JSON Schema of a document says against one."""
    validator = Draft202012Validator(model.model_json_schema())
    return [error.message for error in validator.iter_errors(document)]


@pytest.mark.parametrize("model", MODELS)
def test_schemas_are_valid(model):
    schema = model.model_json_schema()
    Draft202012Validator.check_schema(schema)
    json.dumps(schema, allow_nan=False)


KEYWORDS = set(Draft202012Validator.META_SCHEMA["properties"]) | {
    *("$defs", "$ref", "$schema", "$id", "additionalProperties", "allOf", "anyOf", "const"),
    *("contentMediaType", "default", "deprecated", "description", "discriminator", "enum"),
    *("examples", "exclusiveMaximum", "exclusiveMinimum", "format", "items", "maxItems"),
    *("maxLength", "maximum", "minItems", "minLength", "minimum", "multipleOf", "not", "oneOf"),
    *("pattern", "patternProperties", "prefixItems", "properties", "propertyNames", "required"),
    *("title", "type", "uniqueItems", "maxProperties", "minProperties"),
}


def unknown_keywords(schema: Any) -> set[str]:
    """The keywords of a schema that no validator knows."""
    if isinstance(schema, list):
        return set().union(*map(unknown_keywords, schema))
    if not isinstance(schema, dict):
        return set()
    found = set(schema) - KEYWORDS
    for name, value in schema.items():
        if name in ("properties", "$defs", "patternProperties"):
            found |= set().union(*map(unknown_keywords, value.values()))
        elif name not in ("default", "const", "enum", "examples", "discriminator"):
            found |= unknown_keywords(value)
    return found


@pytest.mark.filterwarnings("ignore:Default value:UserWarning")
@pytest.mark.parametrize("model", MODELS)
def test_schemas_use_no_keyword_that_validators_pass_over(model):
    assert unknown_keywords(model.model_json_schema()) == set()


@pytest.mark.filterwarnings("ignore:Default value:UserWarning")
@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("exercises", 0, "inputs"), 0),
        (("exercises", 0, "layers", 0, "units"), 0),
        (("exercises", 0, "layers", 0, "activation"), "sigmiod"),
        (("exercises", 0, "iterations"), 10**6),
        (("exercises", 0, "points"), 0),
        (("exercises", 0, "points"), 1_000_001),
        (("exercises", 0, "optimizer", "learning_rate"), 0),
        (("exercises", 0, "regularization", "l2"), -1),
        (("exercises", 0, "tolerance"), {"decimals": -1}),
        (("attempts",), 0),
        (("name",), "A B"),
        (("colour",), "blue"),
    ],
)
def test_a_schema_refuses_what_its_document_refuses(path, value):
    assert errors(ProblemSet, SET) == []
    assert errors(ProblemSet, changed(SET, path, value)) != []
