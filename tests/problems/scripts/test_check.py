"""A script is held to its exercise before anybody's code is graded by it."""

import json

import pytest

from gradgrade.problems import DocumentError, Exercise, ProblemSet, generate
from gradgrade.problems.scripts.check import used
from gradgrade.problems.templates.template import compile_template

from .scripts import NETWORK, problem_set

SCRIPT = "a1, cache = forward(x, W1, b1)\ndx, dW1, db1 = backward(da1, cache)\n"


def refusal(script: str, **rest: str) -> str:
    with pytest.raises(DocumentError) as raised:
        compile_template(problem_set(script, **rest), "layer")
    return str(raised.value)


def test_a_script_travels_with_the_exercise_and_a_solution_does_not():
    made = problem_set(SCRIPT, more='solution = "right.py"\nfiles = ["helper.py"]\n')
    exercise = generate(made, "layer", student="1", secret=b"0")
    assert exercise.code.script == SCRIPT
    assert exercise.code.files == ["helper.py"]
    assert "right.py" not in exercise.to_json()
    assert Exercise.from_json(exercise.to_json()) == exercise


def test_an_exercise_without_a_script_is_as_it_was():
    without = ProblemSet.from_toml(NETWORK.removesuffix("[exercises.code]\n"))
    document = generate(without, "layer", student="1", secret=b"0").to_json()
    assert "code" not in json.loads(document)


def test_a_script_forgets_nothing_that_is_asked():
    said = refusal("a1, cache = forward(x, W1, b1)\ndx, dW1 = backward(da1, cache)\n")
    assert "db1 is asked, and no line of the script binds it" in said
    assert "line 14" in said


@pytest.mark.parametrize(
    "line", ["a1 = np.maximum(x @ W1 + b1, 0)", "z = x @ W1 + b1\na1 = np.maximum(z, 0)"]
)
def test_what_the_script_works_out_itself_is_refused(line):
    said = refusal(f"{line}\ndx, dW1, db1 = backward(da1, x)\n")
    assert "a1 is worked out of the givens alone" in said


def test_what_comes_through_the_file_is_no_work_of_the_scripts():
    script = "net = Net(W1, b1)\nnet.x = x\na1 = net.forward()\ndx, dW1, db = net.backward(da1)\n"
    compile_template(problem_set(f"{script}db1 = db[:, 0]\n"), "layer")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("a1 = forward(x\n", "line 1"),
        ("\n\n    a1 = 1\n", "line 3"),
        ("try:\n    a1 = f(x)\nexcept Exception:\n    a1 = x @ W1\n", "no try"),
        ("from student import *\n", "imported by *"),
        ("assert forward(x) is None\n", "no assert"),
        ("# nothing\n", "no statement"),
        ("a1 = " + "(" * 500 + ")" * 500, "line 1"),
        ("a1 = '\\u0000'\n", "null bytes"),
    ],
)
def test_what_is_no_script_is_told_by_its_line(script, said):
    assert said in refusal(script)


def test_a_name_that_no_python_has_is_renamed():
    more = 'rename = { W1 = "weights", dW1 = "grad_weights" }\n'
    script = SCRIPT.replace("dW1", "grad_weights").replace("W1", "weights")
    made = problem_set(script, more=more)
    exercise = generate(made, "layer", student="1", secret=b"0")
    assert [each.name for each in used(exercise.code, exercise)] == ["forward", "backward"]
    assert "there is no such given" in refusal(SCRIPT, more='rename = { V1 = "v" }\n')


def test_a_script_may_stand_in_a_file_beside_the_set(tmp_path):
    (tmp_path / "use.py").write_text(SCRIPT)
    (tmp_path / "set.toml").write_text(f'{NETWORK}file = "use.py"\n')
    made = ProblemSet.load(tmp_path / "set.toml")
    assert generate(made, "layer", student="1", secret=b"0").code.script == SCRIPT


def test_a_file_that_is_not_there_is_told_at_its_line(tmp_path):
    (tmp_path / "set.toml").write_text(f'{NETWORK}file = "use.py"\n')
    with pytest.raises(DocumentError, match=r'line 14.*"use.py" cannot be read'):
        ProblemSet.load(tmp_path / "set.toml")


@pytest.mark.parametrize(
    ("renamed", "said"),
    [
        ('W1 = "w", b1 = "w"', 'code.rename.b1: "w" is what a script calls W1'),
        ('W1 = "x"', 'code.rename.W1: "x" is what a script calls x'),
        ('b1 = "np"', 'code.rename.b1: "np" is what a script calls np'),
        ('x = "N"', 'code.rename.x: "N" is what a script calls N'),
        ('dW1 = "grad", db1 = "grad"', 'code.rename.db1: "grad" is what a script calls dW1'),
    ],
)
def test_one_name_for_two_arrays_is_refused(renamed, said):
    assert said in refusal(SCRIPT, more=f"rename = {{ {renamed} }}\n")


def test_what_is_asked_may_have_the_name_of_a_given():
    script = SCRIPT.replace("a1, cache", "x, cache")
    compile_template(problem_set(script, more='rename = { a1 = "x" }\n'), "layer")


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../right.py", "a//b.py", "a\\\\b.py", "a\\u0000.py", "a\\nb.py"]
)
def test_a_path_out_of_the_folder_is_refused(path):
    with pytest.raises(DocumentError, match="refused"):
        problem_set(SCRIPT, more=f'solution = "{path}"\n')


def test_a_set_that_came_without_its_folder_needs_the_script_itself():
    with pytest.raises(DocumentError, match="write the script itself"):
        compile_template(ProblemSet.from_toml(f'{NETWORK}file = "use.py"\n'), "layer")


def test_a_script_is_written_once():
    with pytest.raises(DocumentError, match="leave one out"):
        problem_set(SCRIPT, more='file = "use.py"\n')
