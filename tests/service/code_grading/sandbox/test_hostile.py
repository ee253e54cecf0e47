"""Hostile programs try their attacks for real, and every one of them is contained."""

import glob
import os
import sysconfig
from pathlib import Path

import numpy
import pytest

from gradgrade.service.code_grading import child
from tests.examples import spread
from tests.service.code_grading.conftest import needs_bubblewrap
from tests.service.code_grading.programs import label, programs

HOSTILE = programs("hostile")

SECONDS = 20.0
"""However hostile: start, import, one slow variant, and a machine that is busy."""

PLACES = (
    *("/", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/submission", "/harness", "/packages"),
    *(os.path.dirname(numpy.__file__), sysconfig.get_path("stdlib"), os.path.expanduser("~")),
    *(str(Path(child.__file__).parent), str(Path.cwd())),
)


def test_there_are_enough_of_them():
    assert len(HOSTILE) >= 40
    assert {each.expect[0] for each in HOSTILE} == {"contained"}


# Whose worker it is has a table of its own, or pytest would start one for each program.


@needs_bubblewrap
@pytest.mark.parametrize("worker", ["oneself"], indirect=True)
@pytest.mark.parametrize("program", HOSTILE, ids=label)
def test_a_hostile_program_is_contained(worker, program):
    assert_contained(worker, program)


@needs_bubblewrap
@pytest.mark.parametrize("worker", ["nobody"], indirect=True)
@pytest.mark.parametrize("program", spread(HOSTILE), ids=label)
def test_a_hostile_program_is_contained_where_the_worker_may_do_less(worker, program):
    assert_contained(worker, program)


def assert_contained(worker, program):
    is_slow = "timeout" in program.expect
    seconds = 1 if is_slow else 4
    result = worker.run(
        program,
        exercise="small",
        wall_seconds=seconds,
        cpu_seconds=seconds,
        total_seconds=8,
        most_timeouts=1,
    )
    executions = result["executions"]
    printed = "".join(each["stdout"] + each["stderr"] for each in executions)
    assert "ESCAPED" not in printed
    assert worker.canary not in str(executions)
    assert result["leaked"] == []
    assert result["survivors"] == []
    assert result["seconds"] < SECONDS
    assert [path for each in PLACES for path in glob.glob(f"{each}/gradgrade-was-here*")] == []
    assert all(each["is_confined"] for each in executions)
    assert all(each["outcome"] in ("incorrect", "invalid") for each in executions)
    expected = set(program.expect[1:]) or {None}
    assert executions[0]["kind"] in {None if each == "incorrect" else each for each in expected}
