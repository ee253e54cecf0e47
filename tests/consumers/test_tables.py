"""Result and gradebook files, read by the libraries with which others read them."""

from io import BytesIO, StringIO

import pandas
import pytest
from junitparser import Failure, JUnitXml, Skipped
from openpyxl import load_workbook

from gradgrade.service.code_grading.results import Report, Result, write_junit
from gradgrade.service.gradebook_formats import FORMATS
from tests.service.gradebook_formats.books import book, cell


def a_report() -> Report:
    outcomes = ("correct", "incorrect", "carried_forward", "missing")
    results = (
        Result(
            name=f"dW{at}",
            outcome=outcome,
            points=5 if outcome == "correct" else 0,
            max_points=5,
            messages=(f"<{outcome}> & more",),
        )
        for at, outcome in enumerate(outcomes)
    )
    return Report(name="One step & more", outcome="partial", results=tuple(results))


def test_junitparser_reads_what_passed_failed_and_was_skipped():
    suites = JUnitXml.fromstring(write_junit(a_report()).encode())
    (suite,) = suites
    assert (suite.tests, suite.failures, suite.skipped, suite.errors) == (4, 3, 0, 0)
    kinds = [[type(each) for each in case.result] for case in suite]
    assert kinds == [[], [Failure], [Failure], [Failure]]
    assert [case.is_passed for case in suite] == [True, False, False, False]


def test_junitparser_reads_no_part_of_a_malformed_submission_as_passed():
    malformed = Result(name="loss", outcome="invalid", points=0, max_points=5)
    other = Result(name="dW1", outcome="not_judged", points=0, max_points=5)
    report = Report(name="a", outcome="invalid", results=(malformed, other), refused=("loss",))
    (suite,) = JUnitXml.fromstring(write_junit(report).encode())
    assert [[type(each) for each in case.result] for case in suite] == [[Failure], [Skipped]]
    assert not any(case.is_passed for case in suite)


@pytest.mark.parametrize("form", ["csv", "canvas", "moodle"])
def test_pandas_reads_points_as_numbers_and_what_is_missing_as_missing(form: str):
    text = FORMATS[form].write(book(cell(850), None)).decode("utf-8")
    table = pandas.read_csv(StringIO(text))
    row = table.iloc[-1]
    numbers = row[[name for name in table.columns if pandas.api.types.is_number(row[name])]]
    assert 8.5 in numbers.to_list()
    if form == "csv":
        assert pandas.isna(row["exercise-2 points"])
        assert row["total"] == 8.5


def test_pandas_reads_a_workbook_by_way_of_openpyxl():
    raw = FORMATS["xlsx"].write(book(cell(850), None))
    sheets = pandas.read_excel(BytesIO(raw), sheet_name=None)
    row = sheets["Gradebook"].iloc[0]
    assert (row["exercise-1"], row["total"]) == (8.5, 8.5)
    assert pandas.isna(row["exercise-2"])
    assert load_workbook(BytesIO(raw), read_only=True).sheetnames == ["Gradebook", "Attempts"]
