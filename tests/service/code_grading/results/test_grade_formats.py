"""`gradgrade grade` in every format: what it prints, writes, refuses, and exits with."""

import json
import os
import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from gradgrade.problems import Exercise, solve
from gradgrade.service.cli.results import FORMATS
from tests.service.cli.run import assert_refused, run
from tests.service.code_grading.results.test_json_formats import checked

Files = dict[str, Path]

CLASSROOM50 = {
    "CLASSROOM": "cs101",
    "ASSIGNMENT": "backpropagation",
    "SUBMISSION_TAG": "submit/1",
    "COMMIT_URL": "https://example.com/commit/1",
    "RELEASE_URL": "https://example.com/release/1",
}
JSON_FORMATS = ("gradescope", "classroom50", "prairielearn", "coursera")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner's variables of Classroom 50, and none of GitHub's."""
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    for name in ("REVIEW_URL", "OWNER", "ASSIGNMENT_TYPE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in CLASSROOM50.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("form", JSON_FORMATS)
@pytest.mark.parametrize("answers", ["right", "partly", "malformed"])
def test_what_is_printed_has_the_fields_of_the_format(files: Files, form: str, answers: str):
    result = run("grade", files["exercise"], files[answers], "--format", form)
    assert result.exit_code == (0 if answers == "right" else 1)
    assert result.stderr == ""
    checked(form, result.stdout)


def test_full_marks_are_full_marks_in_every_format(files: Files):
    def value(form: str) -> Any:
        return json.loads(run("grade", files["exercise"], files["right"], "--format", form).stdout)

    assert value("gradescope")["score"] == 10
    assert value("classroom50")["score"] == value("classroom50")["max-score"] == 1000
    assert value("prairielearn")["score"] == value("coursera")["fractionalScore"] == 1
    printed = run("grade", files["exercise"], files["right"], "--format", "junit").stdout
    assert ElementTree.fromstring(printed.encode()).attrib["failures"] == "0"


def test_a_malformed_answer_leaves_nothing_in_any_format(files: Files):
    def value(form: str) -> Any:
        return json.loads(
            run("grade", files["exercise"], files["malformed"], "--format", form).stdout
        )

    assert value("gradescope")["score"] == 0
    assert {test["score"] for test in value("gradescope")["tests"]} == {0}
    assert value("classroom50")["score"] == 0
    assert value("coursera")["fractionalScore"] == 0
    assert value("prairielearn") == {
        "gradable": False,
        "format_errors": ["loss: The shape is [1]; it must be a number alone, without brackets."],
    }


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_holds_what_would_be_printed(files: Files, tmp_path: Path, form: str):
    arguments = ["grade", files["exercise"], files["partly"], "--format", form]
    arguments += ["--datetime", "2026-01-01T00:00:00Z"]
    out = tmp_path / "made" / "results"
    printed, written = run(*arguments), run(*arguments, "--out", out)
    assert printed.exit_code == written.exit_code == 1
    if form == "github":
        # The runner reads annotations from standard output alone; the file holds the summary.
        assert written.stdout == printed.stdout
        assert out.read_text("utf-8").startswith("## One step \\& more\n")
    else:
        assert written.stdout == ""
        assert out.read_text("utf-8") == printed.stdout
    assert [path.name for path in out.parent.iterdir()] == ["results"]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("answers", ["partly", "malformed"])
def test_nothing_that_a_student_sees_tells_an_expected_value(
    exercise: Exercise, right_answers: dict[str, Any], files: Files, form: str, answers: str
):
    """The answers are all left out, or 0: not even a right one comes back."""
    wrong = {name: (0 if name == "loss" else None) for name in right_answers}
    result = run("grade", files["exercise"], "-", "--format", form, stdin=json.dumps(wrong))
    result_of_file = run("grade", files["exercise"], files[answers], "--format", form)
    digits = set()
    for values in solve(exercise).values():
        digits |= set(re.findall(r"\d\.\d{4}|\d{5}", json.dumps(values.value)))
    assert digits
    for text in (result.stdout, result_of_file.stdout):
        # An identifier is no value; nor is a time.
        text = text.replace(exercise.id, "")
        assert not any(each in text for each in digits)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("exercise_name", "answers", "code"),
    [("exercise", "refused", 2), ("uncertain", "right", 3), ("exercise", "nowhere", 2)],
)
def test_a_run_that_fails_leaves_an_earlier_result_as_it_was(
    files: Files, tmp_path: Path, form: str, exercise_name: str, answers: str, code: int
):
    out = tmp_path / "out" / "results.json"
    out.parent.mkdir()
    out.write_text("full marks", encoding="utf-8")
    path = files.get(answers, tmp_path / "nowhere.json")
    if exercise_name == "uncertain":
        path.write_text('{"dW1": [[0], [0]]}', encoding="utf-8")
    arguments = [files[exercise_name], path, "--format", form, "--out", out, "--exit-zero"]
    assert_refused(run("grade", *arguments), code=code)
    assert out.read_text("utf-8") == "full marks"
    assert [each.name for each in out.parent.iterdir()] == ["results.json"]


def test_a_run_that_fails_makes_no_file(files: Files, tmp_path: Path):
    out = tmp_path / "out" / "results.json"
    assert_refused(run("grade", files["exercise"], files["refused"], "--out", out))
    assert not out.exists()


def test_an_earlier_result_is_replaced_by_another_file(files: Files, tmp_path: Path):
    out = tmp_path / "results.json"
    out.write_text("earlier", encoding="utf-8")
    with out.open(encoding="utf-8") as earlier:
        run("grade", files["exercise"], files["right"], "--format", "gradescope", "--out", out)
        # Whoever has it open still reads the whole of the earlier one.
        assert earlier.read() == "earlier"
    assert checked("gradescope", out.read_text("utf-8"))["score"] == 10


def test_a_result_is_not_written_through_a_link(files: Files, tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("precious", encoding="utf-8")
    (tmp_path / "link").symlink_to(elsewhere / "precious")
    (tmp_path / "dangling").symlink_to(elsewhere / "none")
    (tmp_path / "directory").symlink_to(elsewhere)
    for out in ("link", "dangling", "directory/results.json"):
        result = run("grade", files["exercise"], files["right"], "--out", tmp_path / out)
        assert_refused(result, str(tmp_path / Path(out).parts[0]))
    assert [path.name for path in elsewhere.iterdir()] == ["precious"]
    assert (elsewhere / "precious").read_text("utf-8") == "precious"
    assert (tmp_path / "link").is_symlink()


def test_a_result_replaces_nothing_but_a_plain_file(files: Files, tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "directory").mkdir()
    for out in (tmp_path / "pipe", tmp_path / "directory"):
        result = run("grade", files["exercise"], files["right"], "--out", out)
        assert_refused(result, str(out), "plain file")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.mark.parametrize("command", ["grade", "check-code"])
@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("file/results.json", "Not a directory"),
        ("file/below/results.json", "Not a directory"),
        ("directory", "plain file"),
        ("link/results.json", "symbolic link"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_read_or_graded(
    tmp_path: Path, command: str, out: str, words: str
):
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "directory").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "directory")
    result = run(command, "nothing.json", "nothing.py", "--out", tmp_path / out)
    assert_refused(result, str(tmp_path / out.partition("/results")[0]), words)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["directory", "file", "link"]


def test_a_file_in_a_folder_that_is_closed_to_us_is_refused_before_anything_is_graded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # Nothing is closed to root, as whom tests may run.
    monkeypatch.setattr(os, "access", lambda place, _: place != tmp_path)
    out = tmp_path / "new" / "results.json"
    result = run("check-code", "nothing.json", "nothing.py", "--out", out)
    assert_refused(result, f"{out}: Permission denied")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("answers", ["right", "partly", "malformed"])
def test_exit_zero_is_for_all_that_was_graded(files: Files, answers: str):
    arguments = ("grade", files["exercise"], files[answers], "--format", "classroom50")
    assert run(*arguments, "--exit-zero").exit_code == 0


@pytest.mark.parametrize("visibility", ["hidden", "after_due_date", "after_published", "visible"])
def test_visibility_is_gradescope_s(files: Files, visibility: str):
    arguments = ("grade", files["exercise"], files["partly"], "--format", "gradescope")
    printed = run(*arguments, "--visibility", visibility).stdout
    assert checked("gradescope", printed)["visibility"] == visibility


def test_classroom50_names_come_from_the_environment_and_arguments_win(
    files: Files, monkeypatch: pytest.MonkeyPatch
):
    arguments = ("grade", files["exercise"], files["partly"], "--format", "classroom50")
    value = checked("classroom50", run(*arguments).stdout)
    assert value["classroom"] == "cs101"
    assert value["submission"] == "submit/1"
    assert value["review"] == value["commit"] == "https://example.com/commit/1"
    monkeypatch.setenv("REVIEW_URL", "https://example.com/pull/1")
    monkeypatch.setenv("OWNER", "ada")
    monkeypatch.setenv("ASSIGNMENT_TYPE", "individual")
    given = ("--classroom", "cs102", "--datetime", "2026-03-01T12:00:00+02:00")
    given += ("--assignment-type", "group")
    value = checked("classroom50", run(*arguments, *given).stdout)
    assert (value["owner"], value["assignment_type"]) == ("ada", "group")
    assert value["review"] == "https://example.com/pull/1"
    assert (value["classroom"], value["datetime"]) == ("cs102", "2026-03-01T10:00:00Z")


def test_the_time_of_grading_is_now_unless_it_is_given(files: Files):
    arguments = ("grade", files["exercise"], files["partly"], "--format", "classroom50")
    before = datetime.now(UTC) - timedelta(seconds=1)
    graded_at = datetime.fromisoformat(json.loads(run(*arguments).stdout)["datetime"])
    assert before <= graded_at <= datetime.now(UTC)


@pytest.mark.parametrize("missing", CLASSROOM50)
def test_what_classroom50_needs_is_told_when_it_is_missing(
    files: Files, monkeypatch: pytest.MonkeyPatch, missing: str
):
    monkeypatch.delenv(missing)
    result = run("grade", files["exercise"], files["right"], "--format", "classroom50")
    assert_refused(result, missing, "--format classroom50")
    assert run("grade", files["exercise"], files["right"]).exit_code == 0


@pytest.mark.parametrize("time", ["yesterday", "2026-01-01T00:00:00", ""])
def test_a_time_without_a_zone_is_refused(files: Files, time: str):
    result = run("grade", files["exercise"], files["right"], "--datetime", time)
    assert_refused(result, "--datetime", repr(time))


def test_the_step_summary_is_added_to_the_runner_s_file(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "summary.md"
    path.write_text("# Earlier\n\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    result = run("grade", files["exercise"], files["partly"], "--format", "github")
    assert result.exit_code == 1
    assert result.stdout.startswith("::error title=One step & more%3A loss::Wrong.")
    text = path.read_text("utf-8")
    assert text.startswith("# Earlier\n\n## One step \\& more\n")
    assert "| loss | incorrect | 0/" in text.replace("\\", "")


def test_a_step_summary_is_not_written_through_a_link(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "precious").write_text("precious", encoding="utf-8")
    (tmp_path / "summary.md").symlink_to(tmp_path / "precious")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    result = run("grade", files["exercise"], files["partly"], "--format", "github")
    assert_refused(result, "summary.md")
    assert (tmp_path / "precious").read_text("utf-8") == "precious"


def test_the_same_answers_give_the_same_bytes(files: Files):
    for form in set(FORMATS) - {"classroom50"}:
        arguments = ("grade", files["exercise"], files["partly"], "--format", form)
        assert run(*arguments).stdout == run(*arguments).stdout
