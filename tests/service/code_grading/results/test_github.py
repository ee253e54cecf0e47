"""GitHub: workflow commands as its runner parses them, and the summary as Markdown renders."""

import re

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from markdown_it.token import Token

from gradgrade.service.code_grading.results import (
    Headline,
    Place,
    Report,
    Result,
    write_annotations,
    write_summary,
)
from tests.service.code_grading.results.strategies import reports


def command(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner reads it: its name, its properties, its message."""
    assert line.startswith("::")
    end = line.index("::", 2)
    name, _, fields = line[2:end].partition(" ")
    properties = dict(each.split("=", 1) for each in fields.split(","))
    assert all(":" not in value and "," not in value for value in properties.values())
    return name, {key: raw(value) for key, value in properties.items()}, raw(line[end + 2 :])


def raw(text: str) -> str:
    codes = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}
    return re.sub("%(0D|0A|3A|2C|25)", lambda match: codes[match.group()], text)


@given(reports())
def test_the_runner_reads_one_error_for_each_wrong_result_and_a_notice(report: Report):
    text = write_annotations(report)
    assert text.endswith("\n")
    *errors, notice = map(command, text[:-1].split("\n"))
    wrong = [
        each
        for each in report.results
        if not each.passed and each.was_judged and each.headline is None
    ]
    causes, errors = errors[: len(report.headlines)], errors[len(report.headlines) :]
    for (name, properties, message), each in zip(causes, report.headlines, strict=True):
        assert (name, message) == ("error", "\n".join(each.lines))
        place = {"file": each.place.file, "line": str(each.place.line)} if each.place else {}
        assert properties == {"title": report.name, **place}
    for (name, properties, message), each in zip(errors, wrong, strict=True):
        assert name == "error"
        assert message == (each.text or each.outcome)
        assert properties == {"title": f"{report.name}: {each.name}"}
    assert notice == ("notice", {"title": report.name}, report.summary)


@pytest.mark.parametrize(("count", "errors"), [(9, 9), (10, 9), (30, 9)])
def test_github_is_sent_no_more_than_the_ten_commands_that_it_shows(count: int, errors: int):
    results = (
        Result(name=f"{at}", outcome="incorrect", points=0, max_points=1) for at in range(count)
    )
    report = Report(name="Step", outcome="incorrect", results=tuple(results))
    *found, notice = map(command, write_annotations(report).splitlines())
    assert [name for name, _, _ in found] == ["error"] * errors
    assert notice[0] == "notice"
    told = count if count <= errors else errors - 1
    assert (found[-1][2] == f"{count - told} more are not right: see the summary") == (count > 9)


def test_one_exception_is_one_annotation_at_its_file_and_line():
    cause = Headline(
        text="exception: IndexError: list index out of range (line 12)",
        kind="exception",
        place=Place(file="student.py", line=12),
        printed=("shape (3, 2)",),
    )
    results = (
        Result(name=f"{at}", outcome="missing", points=0, max_points=5, headline=cause)
        for at in range(43)
    )
    report = Report(name="Step", outcome="incorrect", results=tuple(results))
    assert write_annotations(report).splitlines() == [
        "::error title=Step,file=student.py,line=12::exception: IndexError: "
        "list index out of range (line 12)%0Aprinted: shape (3, 2)",
        "::notice title=Step::incorrect: 0 of 215 points",
    ]


def rendered(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(text)


def plain(token: Token) -> str:
    """The text of an inline token, in which nothing is markup but a line break."""
    pieces = []
    for child in token.children or ():
        if child.type == "html_inline":
            assert child.content == "<br>"
            pieces.append("\n")
        else:
            assert child.type in ("text", "text_special"), child.type
            pieces.append(child.content)
    return "".join(pieces)


@given(reports())
def test_the_summary_renders_as_one_table_with_a_row_for_each_result(report: Report):
    tokens = rendered(write_summary(report))
    cells = [plain(tokens[at + 1]) for at, token in enumerate(tokens) if token.type == "td_open"]
    assert sum(token.type == "table_open" for token in tokens) == 1
    assert len(cells) == 4 * len(report.results)
    for at, each in enumerate(report.results):
        name, outcome, points, feedback = cells[4 * at : 4 * at + 4]
        assert name.strip() == each.name.strip()
        assert outcome == each.outcome
        assert points == f"{each.points}/{each.max_points}"
        assert feedback.strip() == each.text.strip()


@given(reports())
def test_nothing_of_a_report_is_markup_in_the_summary(report: Report):
    kinds = {token.type for token in rendered(write_summary(report))}
    assert not kinds & {
        "html_block",
        "fence",
        "code_block",
        "hr",
        "blockquote_open",
        "list_item_open",
    }


def test_a_summary_fits_what_github_takes():
    results = tuple(
        Result(name=f"{at}", outcome="missing", points=0, max_points=1, messages=("*" * 2000,))
        for at in range(1000)
    )
    report = Report(name="long", outcome="incorrect", results=results)
    text = write_summary(report)
    assert len(text.encode()) <= 1 << 20
    assert text.count("\n| ") == 1001
