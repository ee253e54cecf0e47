"""Engines of students' tried on drawn programs: the smallest that fails, and the mistake."""

from pathlib import Path

import pytest

from gradgrade.problems import ProblemSet
from gradgrade.service.code_grading.checking.check import Checked, check_program
from gradgrade.service.code_grading.checking.document import told
from gradgrade.service.code_grading.checking.script_proof import prove_script
from gradgrade.service.code_grading.checking.source import FromProblemSet
from gradgrade.service.code_grading.smallest.pasted import pasted_test
from tests import ROOT
from tests.service.code_grading.conftest import needs_bubblewrap

pytestmark = needs_bubblewrap

FOLDER = ROOT / "tests" / "submissions" / "scripts"
SET = ProblemSet.from_toml(Path(FOLDER, "engines", "set.toml").read_text("utf-8"))
VALUE = Path(FOLDER, "styles", "scalar_engine", "right.py").read_text("utf-8")
TENSOR = Path(FOLDER, "engines", "tensor.py").read_text("utf-8")

BACKWARD = VALUE[VALUE.index("    def backward(self):") :]
RECURSIVE = """    def backward(self, is_first=True):
        if is_first:
            self.grad = 1.0
        self._backward()
        for child in self._prev:
            child.backward(False)
"""
BREADTH_FIRST = """    def backward(self):
        self.grad = 1.0
        queue, seen = [self], {self}
        while queue:
            node = queue.pop(0)
            node._backward()
            queue += [each for each in node._prev if each not in seen]
            seen |= node._prev
"""


def checked(name: str, source: str, folder: Path) -> Checked:
    """What is found of an engine."""
    Path(folder, "student.py").write_text(source)
    variants = FromProblemSet(problem_set=SET, names=[name], count=2, secret=b"0")
    return check_program(variants, name, folder / "student.py")


@pytest.mark.parametrize("name", ["numbers", "arrays"])
def test_right_engines_earn_everything_on_the_drawn_programs_too(name: str):
    proof = prove_script(SET, name, FOLDER)
    assert list(proof.faults) == list(proof.warnings) == []


@pytest.mark.parametrize(
    ("name", "source", "codes"),
    [
        ("numbers", VALUE.replace(BACKWARD, RECURSIVE), ["passed_on_for_each_use"]),
        ("numbers", VALUE.replace(BACKWARD, BREADTH_FIRST), ["passed_on_too_early"]),
        (
            "arrays",
            TENSOR.replace(
                "unbroadcast(pulled(node.grad), parent.data.shape)", "pulled(node.grad)"
            ),
            ["broadcast_not_summed"],
        ),
    ],
)
def test_a_mistake_of_an_engine_is_named_on_the_smallest_program(
    name: str, source: str, codes: list[str], tmp_path: Path
):
    found = checked(name, source, tmp_path)
    assert not found.is_right
    assert found.smallest is not None
    assert [each.code for each in found.smallest.engine_mistakes] == codes
    assert found.smallest.exercise.program.count("\n") <= 2
    text = told(found, file="student.py")
    assert found.smallest.engine_mistakes[0].explanation in text
    assert "The smallest program on which it fails:" in text


def test_gradients_that_are_set_in_place_of_added_to_are_named(tmp_path: Path):
    source = VALUE.replace("self.grad += out.grad", "self.grad = out.grad")
    source = source.replace("other.grad += out.grad", "other.grad = out.grad")
    found = checked("numbers", source, tmp_path)
    assert found.smallest is not None
    assert found.smallest.exercise.program == "L = a + a"
    (wrong,) = (part for part in found.smallest.verdict.parts if part.outcome == "incorrect")
    assert [each.code for each in wrong.misconceptions] == ["path_overwritten"]


def test_a_failure_is_looked_for_where_it_is_raised(tmp_path: Path):
    source = VALUE.replace("t = math.tanh(self.data)", "t = math.tan_h(self.data)")
    found = checked("numbers", source, tmp_path)
    assert found.smallest is not None
    assert found.smallest.exercise.program == "L = tanh(a)"
    assert found.smallest.execution.failure is not None
    assert "tan_h" in found.smallest.execution.failure.message


def test_the_pasted_test_fails_with_the_engine_and_passes_with_a_right_one(tmp_path: Path):
    wrong = VALUE.replace(BACKWARD, RECURSIVE)
    found = checked("numbers", wrong, tmp_path)
    assert found.smallest is not None
    text = pasted_test(found.smallest.exercise).replace("from student import Value", "")
    for source, fails in ((wrong, True), (VALUE, False)):
        names: dict[str, object] = {}
        exec(f"{source}\n{text}", names)
        test = names["test_the_smallest_failure"]
        assert callable(test)
        try:
            test()
        except AssertionError:
            assert fails
        else:
            assert not fails
