"""Honest programs of every style are right; of buggy ones, grading says what is wrong."""

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from gradgrade.problems.documents.verdict import Verdict
from gradgrade.problems.misconceptions import MISCONCEPTIONS
from gradgrade.service.code_grading import FINDINGS, Execution, run
from gradgrade.service.code_grading.checking.check import check_program
from gradgrade.service.code_grading.checking.source import Variants
from tests.examples import spread
from tests.service.code_grading.conftest import needs_bubblewrap
from tests.service.code_grading.programs import Program, graders, label, programs, variants

HONEST, BUGGY = programs("honest"), programs("buggy")

pytestmark = needs_bubblewrap


COUNT = 3


def executed(program: Program) -> list[Execution]:
    """Three variants, run."""
    if program.shape == "torch" and importlib.util.find_spec("torch") is None:
        pytest.skip("PyTorch is no dependency; programs that use it are graded where it is")
    return list(run(program.path, variants(program.exercise, COUNT), shape=program.shape))


def judged(program: Program, executions: list[Execution]) -> list[Verdict]:
    """The verdicts on three variants."""
    judges = graders(program.exercise, COUNT)
    return [judge.grade(each.answers) for judge, each in zip(judges, executions, strict=True)]


@dataclass(frozen=True)
class OfCorpus:
    """Two variants of each exercise of the corpus."""

    names: tuple[str, ...] = ()
    folder: Path = Path()
    knows_answers: bool = True

    def solution(self, name: str) -> None:
        """None stands beside it."""

    def variants(self, name: str) -> Variants:
        return Variants.of(graders(name, 2))


def test_there_are_enough_of_them():
    assert len(HONEST) >= 15
    assert len(BUGGY) >= 35
    known = {each.code for each in MISCONCEPTIONS}
    for program in BUGGY:
        kind, *what = program.expect
        assert kind in ("misconception", "finding", "failure", "invalid", "incorrect")
        assert kind != "misconception" or set(what) <= known
        assert kind != "finding" or set(what) <= set(FINDINGS)


@pytest.mark.parametrize("program", HONEST, ids=label)
def test_an_honest_program_has_full_marks_and_nothing_odd(program):
    unable = set(program.expect[2:])
    executions = executed(program)
    for execution, verdict in zip(executions, judged(program, executions), strict=True):
        assert execution.failure is None
        assert execution.findings == ()
        outcomes = {part.name: part.outcome for part in verdict.parts}
        assert {name for name, each in outcomes.items() if each != "correct"} == unable


def test_an_honest_program_is_right_whoever_grades_it(worker):
    program = next(each for each in HONEST if label(each) == "layer_classes")
    first, second = worker.run(program)["executions"]
    assert first["outcome"] == second["outcome"] == "correct"
    assert first["findings"] == []


@pytest.mark.parametrize("program", BUGGY, ids=label)
def test_a_buggy_program_is_told_what_is_wrong(program):
    kind, what = program.expect
    executions = executed(program)
    verdicts = judged(program, executions)
    parts = [part for verdict in verdicts for part in verdict.parts]
    found = {
        "misconception": {each.code for part in parts for each in part.misconceptions},
        "finding": {each.code for execution in executions for each in execution.findings},
        "failure": {each.failure.kind for each in executions if each.failure},
        "invalid": {part.name for part in parts if part.outcome == "invalid"},
        "incorrect": {part.name for part in parts if part.outcome == "incorrect"},
    }
    assert what in found[kind]
    # What is odd may be right all the same; everything else costs points.
    if kind != "finding":
        assert all(each.outcome != "correct" for each in verdicts)


@pytest.mark.parametrize("name", ["divides_by_zero", "syntax_error", "missing_import"])
def test_a_failure_names_the_line_of_the_students_file(name):
    program = next(each for each in BUGGY if label(each) == name)
    failure = executed(program)[0].failure
    lines = program.path.read_text("utf-8").splitlines()
    assert re.search(r"1 / 0|def solve|return sklearn", lines[failure.line - 1])


def test_nine_in_ten_buggy_programs_are_told_their_mistake_first_on_a_tiny_network():
    told, mistaken = 0, [each for each in BUGGY if each.expect[0] == "misconception"]
    known = spread(mistaken)
    for program in known:
        checked = check_program(OfCorpus(), program.exercise, program.path, shape=program.shape)
        verdict = checked.verdict
        first = next(part for part in verdict.parts if part.name == verdict.first_error)
        told += [each.code for each in first.misconceptions][:1] == [program.expect[1]]
        assert checked.smallest is not None, label(program)
        exercise = checked.smallest.exercise
        assert len(exercise.layers) <= 2, label(program)
        assert all(layer.units <= 2 for layer in exercise.layers), label(program)
    assert told >= 0.9 * len(known)
