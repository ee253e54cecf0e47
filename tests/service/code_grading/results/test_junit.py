"""JUnit XML: its structure, its counts, and that hostile texts stay texts."""

from xml.etree import ElementTree

from hypothesis import given

from gradgrade.service.code_grading.results import Headline, Report, Result, write_junit
from tests.service.code_grading.results.strategies import reports

COUNTS = ("tests", "failures", "errors", "skipped")


@given(reports())
def test_the_structure_is_suites_of_suites_of_cases(report: Report):
    root = ElementTree.fromstring(write_junit(report).encode())
    (suite,) = root
    assert (root.tag, suite.tag) == ("testsuites", "testsuite")
    assert {case.tag for case in suite} == {"testcase"}
    assert {each.tag for case in suite for each in case} <= {"failure", "error", "skipped"}
    for each in (root, suite):
        assert set(each.attrib) <= {"name", *COUNTS}
    for case in suite:
        assert set(case.attrib) <= {"classname", "name", "file", "line"}
        assert all(set(failure.attrib) == {"message", "type"} for failure in case.iter("failure"))


@given(reports())
def test_the_counts_are_those_of_the_cases(report: Report):
    root = ElementTree.fromstring(write_junit(report).encode())
    cases = root.findall("testsuite/testcase")
    failures = root.findall("testsuite/testcase/failure")
    errors = root.findall("testsuite/testcase/error")
    skipped = root.findall("testsuite/testcase/skipped")
    for each in (root, root[0]):
        counted = [int(each.attrib[name]) for name in COUNTS]
        assert counted == [len(cases), len(failures), len(errors), len(skipped)]
    assert [len(case) for case in cases] == [int(not each.passed) for each in report.results]


@given(reports())
def test_every_text_is_read_back_as_it_stands_in_the_report(report: Report):
    cases = ElementTree.fromstring(write_junit(report).encode()).findall("testsuite/testcase")
    for case, result in zip(cases, report.results, strict=True):
        assert case.attrib["classname"] == report.name
        assert case.attrib["name"] == result.name
        place = result.headline and result.headline.place
        if place:
            assert case.attrib["file"] == place.file
            assert int(case.attrib["line"]) == place.line
        if not result.was_judged:
            assert [each.tag for each in case] == ["skipped"]
        elif not result.passed:
            assert case[0].tag == ("failure" if result.headline is None else "error")
            assert (case[0].text or "").endswith(result.text)
            assert f"{result.points} of {result.max_points} points" in (case[0].text or "")


def test_what_raised_is_an_error_told_whole_in_its_first_case_and_a_wrong_answer_a_failure():
    cause = Headline(text="exception: ValueError: no", kind="exception")
    short = {"outcome": "missing", "points": 0, "max_points": 2, "messages": ("See above.",)}
    wrong = Result(name="loss", outcome="incorrect", points=0, max_points=2, messages=("Wrong.",))
    raised = (Result(name=each, headline=cause, **short) for each in ("dW1", "db1"))
    report = Report(name="Step", outcome="incorrect", results=(*raised, wrong))
    (suite,) = ElementTree.fromstring(write_junit(report).encode())
    assert [each[0].tag for each in suite] == ["error", "error", "failure"]
    assert [suite.attrib[name] for name in COUNTS] == ["3", "1", "2", "0"]
    assert ["ValueError" in (each[0].text or "") for each in suite] == [True, False, False]
