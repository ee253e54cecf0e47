"""The code that courses ask for is graded as it is handed out, by a script of a few lines."""

from pathlib import Path

import pytest

from gradgrade.problems.misconceptions import MISCONCEPTIONS
from gradgrade.service.code_grading.checking.script_proof import prove_script
from tests.examples import spread
from tests.service.code_grading.conftest import needs_bubblewrap

from .styles import NAMED, Bug, Style, styles

pytestmark = needs_bubblewrap

STYLES = styles()
BUGS = [bug for style in STYLES for bug in style.bugs]
MOST_LINES = 7


def test_there_are_styles_enough_each_with_bugs_most_of_which_are_named():
    assert len(STYLES) >= 13
    assert all(len(style.bugs) >= 5 for style in STYLES)
    assert sum(bug.kind in NAMED for bug in BUGS) >= 0.8 * len(BUGS)
    known = {each.code for each in MISCONCEPTIONS}
    assert {bug.which[0] for bug in BUGS if bug.kind == "misconception"} <= known


@pytest.mark.parametrize("style", STYLES, ids=str)
def test_a_script_has_a_few_lines(style: Style):
    assert len(str(style.code.script).strip().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("style", STYLES, ids=str)
def test_right_code_proves_its_script_and_earns_everything(style: Style):
    proof = prove_script(style.problem_set, style.exercise, style.folder)
    assert list(proof.faults) == list(proof.warnings) == []
    checked = style.checked(style.right)
    assert checked.is_right
    assert checked.findings == ()


@pytest.mark.parametrize("bug", spread(BUGS), ids=str)
def test_a_bug_loses_marks_and_is_told(bug: Bug, tmp_path: Path):
    checked = bug.style.checked(bug.written_in(tmp_path))
    assert checked.failed == checked.variants
    verdict, failures = checked.verdict, checked.execution.failures
    told = {
        "misconception": {(each.code,) for part in verdict.parts for each in part.misconceptions},
        "finding": {(each.code,) for each in checked.findings},
        "failure": {(each.kind, each.line) for each in failures}
        | {(each.kind, "script", each.script_line) for each in failures},
        "first_error": {(verdict.first_error,)},
    }
    assert bug.which in told[bug.kind]
