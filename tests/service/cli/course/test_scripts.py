"""A script is proved before anybody is graded by it, by `check` and by `publish`."""

import json
from pathlib import Path

import pytest

from tests.service.cli.run import run
from tests.service.code_grading.conftest import needs_bubblewrap

pytestmark = needs_bubblewrap

SET = """
schema = "gradgrade/problem-set/1"
name = "code"
[[exercises]]
name = "layer"
inputs = 3
layers = [{ type = "dense", units = 2 }]
upstream = true
batch = 4
convention = "row"
ask = ["a1", "dW1"]
[exercises.code]
"""

SCRIPT = 'script = "a1 = forward(x, W1, b1)\\ndW1 = backward(da1, x)"\nsolution = "right.py"\n'
RIGHT = """
def forward(x, W, b):
    return x @ W + b

def backward(dout, x):
    return x.T @ dout
"""
FREE = """
script = '''
if len(x) == 4:
    a1 = x @ W1 + b1
else:
    a1 = forward(x, W1, b1)
dW1 = backward(da1, x)
'''
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "right.py").write_text(RIGHT)
    (tmp_path / "set.toml").write_text(f"{SET}{SCRIPT}")
    return tmp_path / "set.toml"


def test_a_script_with_which_right_code_earns_everything_can_be_published(source: Path):
    checked = run("check", source)
    assert checked.exit_code == 0
    assert "can be published" in checked.stdout
    database = f"sqlite:///{source.parent}/course.db"
    assert run("publish", source, "--database", database).exit_code == 0
    assert RIGHT.encode() not in Path(source.parent, "course.db").read_bytes()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (RIGHT.replace("x.T @ dout", "2 * x.T @ dout"), "dW1: 6 of 6 entries are wrong"),
        (RIGHT.replace("def backward", "def back"), "the file defines no backward (there is back)"),
        ("x = (\n", "right.py"),
    ],
)
def test_a_solution_that_does_not_earn_everything_is_refused(source: Path, wrong: str, told: str):
    (source.parent / "right.py").write_text(wrong)
    database = ("--database", f"sqlite:///{source}.db")
    checked, published = run("check", source), run("publish", source, *database)
    assert (checked.exit_code, published.exit_code) == (2, 2)
    assert told in checked.stdout
    assert told in published.stderr
    assert not Path(f"{source}.db").exists()


def test_a_script_that_earns_beside_an_empty_file_is_refused(source: Path):
    source.write_text(f"{SET}{FREE}")
    refused = run("check", source)
    assert refused.exit_code == 2
    assert "beside an empty file a1 would be right" in refused.stdout


HOPELESS = """
[[exercises]]
name = "hopeless"
inputs = 3
layers = [{ type = "dense", units = 2, activation = "sigmoid" }]
loss = "half_squared_error"
ask = ["loss"]
tolerance = { decimals = 0 }
"""


def test_faults_of_scripts_and_exercises_that_cannot_be_issued_are_counted_together(source: Path):
    source.write_text(f"{SET}{FREE}{HOPELESS}")
    refused = run("check", source)
    assert refused.exit_code == 2
    lines = [line for line in refused.stdout.splitlines() if line.startswith("Refused: ")]
    assert refused.stderr.endswith(f"would be refused: {len(lines)} faults\n")
    assert any("beside an empty file" in line for line in lines)
    assert any("'hopeless' cannot be issued" in line for line in lines)


def test_a_script_without_a_solution_is_warned_of(source: Path):
    source.write_text(f"{SET}{SCRIPT.partition('solution')[0]}")
    checked = run("check", source, "--format", "json")
    assert checked.exit_code == 0
    (warning,) = json.loads(checked.stdout)["warnings"]
    assert "code.solution is not named" in warning


def test_a_file_of_the_courses_that_is_not_there_is_named(source: Path):
    source.write_text(f'{SET}{SCRIPT}files = ["helper.py"]\n')
    refused = run("check", source)
    assert refused.exit_code == 2
    assert "helper.py cannot be read" in refused.stderr


def test_the_courses_own_files_lie_beside_what_is_handed_in_and_win(source: Path):
    (source.parent / "helper.py").write_text("def product(x, W):\n    return x @ W\n")
    using = RIGHT.replace("x @ W + b", "product(x, W) + b")
    source.write_text(f'{SET}{SCRIPT}files = ["helper.py"]\n')
    (source.parent / "right.py").write_text(f"from helper import product\n{using}")
    assert run("check", source).exit_code == 0
    folder = source.parent / "handed-in"
    folder.mkdir()
    (folder / "mine.py").write_text(f"from helper import product\n{using}")
    (folder / "helper.py").write_text("raise SystemExit\n")
    graded = run("check-code", source, folder, "--variants", "2")
    assert graded.exit_code == 0, graded.output
