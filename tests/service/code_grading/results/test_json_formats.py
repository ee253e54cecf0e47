"""Gradescope, Classroom 50, PrairieLearn and Coursera, each against its published fields."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradgrade.service.code_grading.results import (
    Report,
    Result,
    Submission,
    write_classroom50,
    write_coursera,
    write_gradescope,
    write_prairielearn,
)
from gradgrade.service.code_grading.results.gradescope import Visibility
from tests.service.code_grading.results.strategies import reports

SCHEMAS = Path(__file__).parent / "schemas"
SUBMISSION = Submission(
    classroom="cs101",
    assignment="backpropagation",
    submission="submit/2026-01-01T00-00-00Z-abcdef0",
    commit="https://example.com/commit/abcdef0",
    release="https://example.com/releases/tag/1",
    review="https://example.com/commit/abcdef0",
    graded_at=datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
)


@cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    """Who knows the fields of a format."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def checked(name: str, text: str) -> Any:
    """What a document says, once it has proved to have the fields of the format and no others."""
    value = json.loads(text.encode())
    validator(name).validate(value)
    return value


def nothing_right(count: int = 1, message: str = "") -> Report:
    results = (
        Result(name=f"{at}", outcome="incorrect", points=0, max_points=5, messages=(message,))
        for at in range(count)
    )
    return Report(name="exercise", outcome="incorrect", results=tuple(results))


@given(reports(), st.sampled_from(get_args(Visibility)))
def test_gradescope(report: Report, visibility: Visibility):
    value = checked("gradescope", write_gradescope(report, visibility=visibility))
    assert value["score"] == report.points
    assert value["visibility"] == visibility
    assert value["stdout_visibility"] == "hidden"
    assert {value[f"{each}output_format"] for each in ("", "test_")} == {"text"}
    assert value["test_name_format"] == "text"
    assert [test["number"] for test in value["tests"]] == [
        str(number) for number in range(1, len(report.results) + 1)
    ]
    for test, result in zip(value["tests"], report.results, strict=True):
        assert test["name"] == result.name
        assert test["output"] == result.text
        assert (test["score"], test["max_score"]) == (result.points, result.max_points)
        assert test["status"] == ("passed" if result.outcome == "correct" else "failed")
        # One hidden test would hide the student's total.
        assert "visibility" not in test


@given(reports())
def test_classroom50(report: Report):
    value = checked("classroom50", write_classroom50(report, SUBMISSION))
    assert value["score"] == round(100 * report.points)
    assert value["max-score"] == round(100 * report.max_points)
    assert value["score"] == sum(test["score"] for test in value["tests"])
    assert value["max-score"] == sum(test["max-score"] for test in value["tests"])
    assert [test["test-name"] for test in value["tests"]] == [each.name for each in report.results]
    assert [test["passed"] for test in value["tests"]] == [each.passed for each in report.results]
    assert value["submission"] == SUBMISSION.submission


def test_classroom50_is_told_the_owner_and_the_type_of_the_assignment_where_they_are_known():
    value = checked("classroom50", write_classroom50(nothing_right(), SUBMISSION))
    assert not {"owner", "assignment_type"} & value.keys()
    known = replace(SUBMISSION, owner="ada", assignment_type="individual")
    value = checked("classroom50", write_classroom50(nothing_right(), known))
    assert (value["owner"], value["assignment_type"]) == ("ada", "individual")


def test_classroom50_tells_the_time_in_utc():
    value = checked("classroom50", write_classroom50(nothing_right(), SUBMISSION))
    assert value["datetime"] == "2026-01-01T00:00:00Z"
    assert SUBMISSION.graded_at == datetime(2026, 1, 1, tzinfo=UTC)


@given(reports())
def test_prairielearn(report: Report):
    value = checked("prairielearn", write_prairielearn(report))
    if report.refused:
        assert value == {"gradable": False, "format_errors": list(report.refused)}
        return
    assert value["gradable"] is True
    assert value["score"] == report.share
    for test, result in zip(value["tests"], report.results, strict=True):
        assert (test["points"], test["max_points"]) == (result.points, result.max_points)
        assert (test["name"], test["message"]) == (result.name, result.text)


@pytest.mark.parametrize(
    ("count", "message", "fields"),
    [(600, "δ" * 2000, {"name", "points", "max_points"}), (20000, "", set())],
)
def test_prairielearn_never_takes_more_than_a_megabyte(count: int, message: str, fields: set[str]):
    text = write_prairielearn(nothing_right(count, message))
    assert len(text.encode()) <= 1_000_000
    value = checked("prairielearn", text)
    assert value["score"] == 0
    assert set().union(*value.get("tests", [])) == fields


@given(reports())
def test_coursera(report: Report):
    value = checked("coursera", write_coursera(report))
    assert type(value["fractionalScore"]) is float
    assert value["fractionalScore"] == report.share
    assert all(each.text in value["feedback"] for each in report.results)


def test_no_points_are_written_as_0_and_never_left_out():
    report = nothing_right()
    assert checked("gradescope", write_gradescope(report))["score"] == 0
    assert checked("gradescope", write_gradescope(report))["tests"][0]["score"] == 0
    assert checked("classroom50", write_classroom50(report, SUBMISSION))["score"] == 0
    assert checked("prairielearn", write_prairielearn(report))["score"] == 0
    assert checked("coursera", write_coursera(report))["fractionalScore"] == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gradescope", {"output": "no score"}),
        ("gradescope", {"score": "1"}),
        ("gradescope", {"score": 1, "tests": [{"number": 1}]}),
        ("gradescope", {"score": 1, "visibility": "always"}),
        ("classroom50", {"schema": "classroom50/result/v1"}),
        ("prairielearn", {"score": 1.5}),
        ("prairielearn", {"gradable": False, "score": 0}),
        ("coursera", {"fractionalScore": True, "feedback": ""}),
        ("coursera", {"fractionalScore": 1}),
    ],
)
def test_the_schemas_reject_what_the_formats_do_not_take(name: str, value: Any):
    with pytest.raises(jsonschema.ValidationError):
        checked(name, json.dumps(value))
