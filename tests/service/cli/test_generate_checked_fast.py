"""`gradgrade generate --check fast`: the same numbers, and everything says how it was checked."""

import json
from pathlib import Path

from tests.service.cli.run import assert_refused, run

SET, FIRST = "seeds", ("--count", "2")


def solutions(directory: Path) -> dict[str, str]:
    """The solutions in a directory, by the files' names."""
    return {path.name: path.read_text("utf-8") for path in directory.glob("*.solution.json")}


def checks(directory: Path) -> set[str | None]:
    """How the solutions in a directory say that they were checked."""
    return {json.loads(text).get("check") for text in solutions(directory).values()}


def test_each_solution_says_that_it_was_checked_fast(tmp_path: Path):
    assert run("generate", SET, "--out", tmp_path, *FIRST, "--check", "fast").exit_code == 0
    assert checks(tmp_path) == {"fast"}


def test_the_full_check_is_what_is_done_where_nothing_is_said(tmp_path: Path):
    said, unsaid = tmp_path / "said", tmp_path / "unsaid"
    assert run("generate", SET, "--out", said, *FIRST, "--check", "full").exit_code == 0
    assert run("generate", SET, "--out", unsaid, *FIRST).exit_code == 0
    assert checks(unsaid) == {None}
    assert solutions(said) == solutions(unsaid)


def test_solutions_that_were_checked_otherwise_are_written_again(tmp_path: Path):
    for check, told in (("fast", "fast"), ("full", None), ("fast", "fast")):
        assert run("generate", SET, "--out", tmp_path, *FIRST, "--check", check).exit_code == 0
        assert checks(tmp_path) == {told}


def test_a_solution_that_is_damaged_is_written_again(tmp_path: Path):
    assert run("generate", SET, "--out", tmp_path, *FIRST).exit_code == 0
    whole = solutions(tmp_path)
    (tmp_path / next(iter(whole))).write_text("[", "utf-8")
    assert run("generate", SET, "--out", tmp_path, *FIRST).exit_code == 0
    assert solutions(tmp_path) == whole


def test_the_report_says_how_the_solutions_were_checked(tmp_path: Path):
    for check in ("full", "fast"):
        asked = ("--report", "--format", "json", "--check", check)
        done = run("generate", SET, "--out", tmp_path / check, *asked)
        assert {each["check"] for each in json.loads(done.stdout)} == {check}
    told = run("generate", SET, "--out", tmp_path / "told", "--report", "--check", "fast").stdout
    assert "004-two-two-two: the solutions were checked fast" in told
    told = run("generate", SET, "--out", tmp_path / "whole", "--report").stdout
    assert "checked fast" not in told


def test_another_check_is_refused_in_one_line(tmp_path: Path):
    done = run("generate", SET, "--out", tmp_path / "out", "--check", "quick")
    assert_refused(done, "Invalid value for '--check': 'quick' is not one of 'full', 'fast'.")
    assert not (tmp_path / "out").exists()
