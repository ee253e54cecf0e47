"""From the validator's errors to faults, of any model."""

import time
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, RootModel

from gradgrade.problems import DocumentError
from gradgrade.problems.documents.base import Model, OneOf, checked
from gradgrade.problems.documents.faults import as_written, nearest, unlisted
from gradgrade.problems.errors import Fault, FieldError

QUICK = 5
"""Seconds: the validator alone takes a tenth of it."""


class Inner(Model):
    size: Annotated[int, Field(ge=1, le=9)]
    kind: Literal["round", "square"] = "round"


class Outer(Model):
    inner: Inner
    names: dict[str, int] = Field(default_factory=dict)
    colour: Annotated[str, OneOf(("red", "green"))] = "red"
    weight: float = 1.0
    is_open: bool = False


class Rows(RootModel[list[Inner]]):
    pass


def said(model: type[BaseModel], data: Any) -> str:
    with pytest.raises(DocumentError) as refused:
        checked(model, data, "document")
    return str(refused.value).removeprefix("document: ")


@pytest.mark.parametrize(
    ("model", "data", "words"),
    [
        (Outer, {}, "inner: this field is missing"),
        (Outer, {"inner": 3}, "inner: 3 is a number, and a table belongs here"),
        (Outer, {"inner": {"size": 10}}, "inner.size: 10 is refused: it must be at most 9"),
        (Outer, {"inner": {"sise": 1}}, "inner.sise: there is no such field; did you mean size?"),
        (
            Outer,
            {"inner": {"size": 1}, "size": 1},
            "size: there is no such field here; it belongs into inner",
        ),
        (
            Outer,
            {"inner": {"size": 1, "kind": "rund"}},
            'inner.kind: "rund" is not one of round, square; did you mean "round"?',
        ),
        (
            Outer,
            {"inner": {"size": 1}, "colour": "blue"},
            'colour: "blue" is not one of red, green',
        ),
        (
            Outer,
            {"inner": {"size": 1}, "names": {"a": "1"}},
            'names.a: "1" is not a whole number but text: write 1, without quotation marks',
        ),
        (
            Outer,
            {"inner": {"size": 1}, "is_open": "yes"},
            'is_open: "yes" is refused: write true or false, without quotation marks',
        ),
        (Outer, {"inner": {"size": 1}, "weight": None}, "weight: null is not a number"),
        (
            Rows,
            [{"size": 1}, {"size": 1, "mass": 2}],
            "item 2: mass: there is no such field; there are size, kind",
        ),
        (Rows, {"size": 1}, '{"size": 1} is not a list in brackets'),
    ],
    ids=lambda value: str(value)[:40],
)
def test_every_model_is_explained_in_the_same_words(model, data, words):
    assert said(model, data) == words


def test_a_hostile_key_and_value_are_short_lines():
    text = said(Outer, {"inner": {"size": "\x1b[2J\n" * 10**4}, "k\n" * 10**4: 1})
    assert [len(line) < 400 for line in text.split("\n")] == [True] * 3
    assert "\x1b" not in text


def test_a_large_document_full_of_faults_is_refused_as_soon_as_a_small_one():
    rows = [{"size": [[0] * 300] * 300, "k" * 300: 1}] * 20_000
    start = time.perf_counter()
    text = said(Rows, rows)
    assert text.startswith("the first 10 faults:\n  item 1: kkk")
    assert max(map(len, text.split("\n"))) < 400
    assert time.perf_counter() - start < QUICK


def test_likening_a_long_name_takes_no_time():
    assert nearest("x" * 10**6, ["learning_rate"]) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        ("a\nb", '"a\\nb"'),
        ({"a": [1, None]}, '{"a": [1, null]}'),
        ([], "[]"),
        (10**400, "a number of 1329 bits"),
    ],
)
def test_values_are_written_as_documents_write_them(value, text):
    assert as_written(value) == text


def test_a_name_that_means_several_things_gets_all_of_them():
    told = unlisted("MSE", ["squared_error", "half_squared_error"])
    assert "half_squared_error" in told
    assert "mean_elements" in told


def test_a_pointer_is_escaped_as_its_standard_says():
    assert Fault(said="x", path=("a/b", "c~d", 0)).pointer == "/a~1b/c~0d/0"


def test_a_rule_of_several_fields_names_the_one_at_fault():
    assert str(FieldError(("a", "b"), "is wrong")) == "a.b: is wrong"
