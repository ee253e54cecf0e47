"""Every example of the guide to programs can be set, proven and graded."""

import re

import pytest

from gradgrade.problems import ProblemSet, generate, grade, solve
from tests import ROOT

HEAD = 'schema = "gradgrade/problem-set/1"\nname = "guide"\n'
TEXT = (ROOT / "docs" / "programs.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def test_there_are_examples():
    assert len(EXAMPLES) >= 4


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: re.search(r'name = "(.*?)"', text)[1])
def test_an_example_is_issued_and_its_right_doubles_get_full_marks(text):
    problem_set = ProblemSet.from_toml(text if text.startswith("schema") else HEAD + text)
    (definition,) = problem_set.exercises
    exercise = generate(problem_set, definition.name, student="ada", secret=b"0")
    solution = solve(exercise)
    verdict = grade(exercise, {part.name: solution[part.name].float64 for part in exercise.ask})
    assert (verdict.outcome, verdict.score) == ("correct", verdict.max_score)
