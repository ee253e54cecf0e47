"""Which tests a quick run leaves out, and how few cases it draws."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT, durations, examples

REPORT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite>
<testcase classname="tests.test_x" name="test_it[a]" file="tests/test_x.py" time="0.4"/>
<testcase classname="tests.test_x" name="test_it[b[0]]" file="tests/test_x.py" time="0.34"/>
<testcase classname="tests.test_x" name="test_short" file="tests/test_x.py" time="0.1"/>
</testsuite></testsuites>
"""


def test_a_test_takes_as_long_as_all_of_its_cases(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(REPORT)
    assert durations.durations(tmp_path / "report.xml") == {"tests/test_x.py::test_it": 0.7}


def test_every_test_that_is_known_to_be_slow_is_there() -> None:
    """Otherwise it was given another name, and is run where nobody waits for it."""
    for test in durations.slow_tests():
        file, _, name = test.partition("::")
        assert name.rpartition(".")[2] in (ROOT / file).read_text("utf-8"), test


def test_a_quick_run_leaves_out_what_is_slow_or_needs_postgresql() -> None:
    quick = collected("-m", "not slow and not postgresql", "tests/service/store", "tests/meta")
    assert any("[SQLite]" in each for each in quick)
    assert not any("PostgreSQL" in each for each in quick)
    assert not {durations.without_case(each) for each in quick} & durations.slow_tests()
    assert durations.slow_tests() & {
        durations.without_case(each) for each in collected("-m", "slow", "tests/meta")
    }


def test_tests_and_examples_are_chosen_by_their_house() -> None:
    chosen = collected(
        "-m",
        "oracle",
        "tests/oracle/accuracy",
        "tests/meta",
        "oracle/arithmetic",
        "problems/marking",
    )
    places = {each.rpartition("/")[0] for each in chosen}
    assert "tests/oracle/accuracy" in places
    assert "src/gradgrade/oracle/arithmetic" in places
    assert not [each for each in places if "meta" in each or "problems" in each]


def collected(*arguments: str) -> list[str]:
    """The tests that pytest would run."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if "::" in line]


@pytest.mark.parametrize(
    ("share", "drawn"),
    [(None, [1, 3, 14]), ("1", [1, 30, 200]), ("0.2", [1, 6, 40]), ("0", [1, 3, 3])],
)
def test_how_many_cases_are_drawn_is_a_share(
    share: str | None, drawn: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(examples.VARIABLE, raising=False)
    if share is not None:
        monkeypatch.setenv(examples.VARIABLE, share)
    assert [examples.examples(number) for number in (1, 30, 200)] == drawn


def test_of_a_table_evenly_spread_cases_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(examples.VARIABLE, "0.5")
    assert examples.spread("abcdefgh") == ["a", "c", "e", "g"]
    assert examples.spread("ab") == ["a", "b"]
    assert examples.spread("") == []
    monkeypatch.setenv(examples.VARIABLE, "1")
    assert examples.spread("abcdefgh") == [*"abcdefgh"]
