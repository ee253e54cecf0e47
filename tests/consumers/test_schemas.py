"""Schemas and the API's description, read by ajv, spectral and redocly."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradgrade.problems import (
    Answers,
    Exercise,
    ProblemSet,
    SolutionDocument,
    Verdict,
    grade,
    solve,
)
from gradgrade.problems.catalogue import load
from gradgrade.problems.documents.base import Document
from gradgrade.problems.documents.json_schema import json_schema
from tests.consumers.node_programs import are_valid, needed, redocly_errors, spectral_errors
from tests.solved import right_answers
from tests.strategies import dense, variant

KINDS: tuple[type[Document], ...] = (ProblemSet, Exercise, Answers, Verdict, SolutionDocument)


@pytest.fixture(autouse=True)
def _needed() -> None:
    needed()


@pytest.fixture(scope="module")
def documents() -> dict[type[Document], Document]:
    """One of each kind."""
    exercise = variant(layers=[dense(2, "tanh"), dense(1)], ask=["loss", "dW1"])
    answers = right_answers(exercise)
    return {
        ProblemSet: load("seeds"),
        Exercise: exercise,
        Answers: Answers.of(answers),
        Verdict: grade(exercise, answers | {"loss": 7}),
        SolutionDocument: SolutionDocument.from_json(solve(exercise).to_json()),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_ajv_takes_every_schema_in_strict_mode_and_what_is_written(
    kind: type[Document], documents: dict[type[Document], Document]
):
    document = json.loads(documents[kind].to_json())
    broken = [document | {"unknown": 1}, document | {"schema": "another/1"}]
    assert are_valid(json_schema(kind), document, *broken) == [True, False, False]


def test_ajv_finds_an_entry_that_is_no_number():
    told = {"answers": {"dW1": [[0.5, "one half"]]}}
    blank: dict[str, Any] = {"answers": {"dW1": [[0.5, 1]], "loss": None, "z1": [[None]]}}
    deep = {"answers": {"dW1": [[[[[0.5]]]]]}}
    assert are_valid(json_schema(Answers), told, blank, deep) == [False, True, False]


def test_ajv_refuses_a_keyword_of_others():
    with pytest.raises(ValueError, match="unknown keyword"):
        are_valid({"type": "integer", "ge": 1})


@pytest.mark.parametrize("errors", [spectral_errors, redocly_errors])
def test_the_description_of_the_api_has_no_error(
    errors: Callable[[Path], list[str]], openapi: Path
):
    assert errors(openapi) == []


def test_what_the_linters_are_for_is_found(openapi: Path, tmp_path: Path):
    document = json.loads(openapi.read_text("utf-8"))
    del document["paths"]["/healthz"]["get"]["security"]
    document["components"]["schemas"]["Broken"] = {"type": "array"}
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert any("security" in each for each in redocly_errors(path))
    assert any("items" in each for each in spectral_errors(path))
