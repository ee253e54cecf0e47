"""Programs against the script itself: none of them earns a point."""

import pytest

from gradgrade.problems.grade import Grader
from gradgrade.service.code_grading import run
from tests.service.code_grading.conftest import needs_bubblewrap
from tests.service.code_grading.programs import CORPUS

from .running import RIGHT, executed, exercise_with, outcomes

pytestmark = needs_bubblewrap

PROGRAMS = sorted((CORPUS / "scripts" / "hostile").glob("*.py"))


def test_there_are_enough_of_them():
    assert len(PROGRAMS) >= 12


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_against_the_script_earns_nothing(path):
    exercise = exercise_with()
    executions = list(run(path, [exercise] * 2, code=exercise.code))
    assert len(executions) == 2
    for execution in executions:
        assert Grader(exercise).grade(execution.answers).score == 0
        assert "found" not in execution.stdout


def test_an_honest_program_earns_beside_them():
    (execution,) = executed(RIGHT, exercise_with())
    assert set(outcomes(execution).values()) == {"correct"}
