"""The runner: what it refuses, what it limits, what it tells."""

import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import numpy
import pytest

from gradgrade.oracle.nested import shape_of
from gradgrade.problems import Exercise, grade
from gradgrade.problems.solve import solve
from gradgrade.service.code_grading import (
    Bubblewrap,
    CodeGradingError,
    Limits,
    SandboxUnavailable,
    Unconfined,
    run,
)
from gradgrade.service.code_grading.child.shapes import losses
from gradgrade.service.code_grading.sandbox import seccomp
from gradgrade.service.code_grading.sandbox.control_groups import PREFIX, new_control_groups
from gradgrade.service.code_grading.sandbox.single_sample import cut_to_one_sample
from gradgrade.service.code_grading.starters import starter
from tests import ROOT
from tests.service.code_grading.conftest import needs_bubblewrap
from tests.service.code_grading.programs import CORPUS, variants

SHAPES = ("solve", "functions", "layers", "torch")
COLUMN = CORPUS / "honest" / "column_arrays.py"


@pytest.fixture
def written(tmp_path: Path):
    """A function that writes a student's file."""

    def write(text: str) -> Path:
        path = tmp_path / "handed_in.py"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@needs_bubblewrap
def test_variants_come_back_in_their_order(written):
    path = written("def solve(exercise):\n    return {'loss': exercise['given']['x'][0, 0]}\n")
    exercises = variants("small", 5)
    answers = [each.answers["loss"] for each in run(path, exercises)]
    assert answers == [float(each.given["x"][0][0].text) for each in exercises]


@needs_bubblewrap
def test_a_crash_loses_one_variant_alone(written):
    exercises = variants("small", 3)
    path = written(
        "import ctypes\n"
        "def solve(exercise):\n"
        f"    if exercise['id'] == {exercises[1].id!r}:\n"
        "        ctypes.string_at(0)\n"
        "    return {'loss': 1.0}\n"
    )
    kinds = [each.failure and each.failure.kind for each in run(path, exercises)]
    assert kinds == [None, "crash", None]


@needs_bubblewrap
def test_what_is_printed_belongs_to_its_variant(written):
    path = written(
        "import sys\n"
        "print('imported')\n"
        "def solve(exercise):\n"
        "    print('asked', exercise['id'])\n"
        "    print('careful', file=sys.stderr)\n"
        "    return {}\n"
    )
    exercises = variants("small", 2)
    first, second = run(path, exercises)
    assert first.stdout == f"imported\nasked {exercises[0].id}\n"
    assert second.stdout == f"asked {exercises[1].id}\n"
    assert second.stderr == "careful\n"


@needs_bubblewrap
def test_long_output_is_cut_and_still_graded(written):
    path = written("def solve(exercise):\n    print('x' * 100_000)\n    return {'loss': 0.0}\n")
    (execution,) = run(path, variants("small", 1), limits=Limits(output_bytes=1000))
    assert execution.stdout == "x" * 1000
    assert execution.failure is None


@needs_bubblewrap
def test_slow_variants_are_given_up_after_a_few(written):
    path = written("import time\ndef solve(exercise):\n    time.sleep(60)\n")
    limits = Limits(wall_seconds=0.2, most_timeouts=2)
    kinds = [each.failure.kind for each in run(path, variants("small", 4), limits=limits)]
    assert kinds == ["timeout", "timeout", "not_run", "not_run"]


@needs_bubblewrap
def test_all_variants_together_have_their_time(written):
    path = written("import time\ndef solve(exercise):\n    time.sleep(0.3)\n    return {}\n")
    limits = Limits(total_seconds=0.1)
    kinds = [
        each.failure and each.failure.kind
        for each in run(path, variants("small", 2), limits=limits)
    ]
    assert kinds == [None, "not_run"]


@needs_bubblewrap
def test_processor_time_is_limited_where_the_clock_is_not(written):
    path = written("def solve(exercise):\n    while True:\n        pass\n")
    limits = Limits(wall_seconds=30, cpu_seconds=0, most_timeouts=1)
    start = time.monotonic()
    (execution,) = run(path, variants("small", 1), limits=limits)
    assert execution.failure.kind == "timeout"
    assert "processor time" in execution.failure.message
    assert time.monotonic() - start < 25


@needs_bubblewrap
def test_leaving_early_ends_the_sandbox():
    executions = run(COLUMN, variants("column", 3))
    next(executions)
    executions.close()
    assert list(executions) == []


@needs_bubblewrap
def test_a_verdict_follows_the_answers_alone(written):
    path = written("import os\ndef solve(exercise):\n    print('correct')\n    os._exit(0)\n")
    (execution,) = run(path, variants("small", 1))
    assert execution.failure.kind == "exited"
    assert {part.outcome for part in grade(execution.exercise, execution.answers).parts} == {
        "missing"
    }


@needs_bubblewrap
@pytest.mark.parametrize("value", ["7", "np.float32(0.5)", "np.array(0.5)", "np.float64(0.5)"])
def test_a_scalar_may_come_in_any_of_numpys_forms(written, value):
    path = written(f"import numpy as np\ndef solve(exercise):\n    return {{'loss': {value}}}\n")
    (execution,) = run(path, variants("small", 1))
    assert shape_of(execution.answers["loss"]) == ()


@needs_bubblewrap
@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("np.ones(1, dtype=np.float16)", "single_precision"),
        ("np.ones(1, dtype=int)", "integer_array"),
        ("np.ones(1, dtype=object)", "object_array"),
        ("'0.5'", "not_numbers"),
        ("True", "not_numbers"),
        ("1j", "not_numbers"),
        ("[[1.0], [1.0, 2.0]]", "ragged"),
        ("[]", "empty"),
        ("np.ones((1, 1, 1, 1, 1))", "too_many_axes"),
    ],
)
def test_odd_types_are_named(written, value, code):
    path = written(f"import numpy as np\ndef solve(exercise):\n    return {{'loss': {value}}}\n")
    (execution,) = run(path, variants("small", 1))
    assert (code, "loss") in [(each.code, each.name) for each in execution.findings]
    assert grade(execution.exercise, execution.answers).outcome != "correct"


def test_a_file_that_is_too_large_is_refused(written):
    with pytest.raises(CodeGradingError, match="over 16777216 bytes"):
        run(written("#" * (1 << 25)), variants("small", 1))


def test_a_link_to_another_file_is_not_followed(tmp_path):
    link = tmp_path / "student.py"
    link.symlink_to(COLUMN)
    with pytest.raises(CodeGradingError, match="symbolic link"):
        run(link, variants("small", 1))


def test_what_is_no_file_is_refused(tmp_path):
    pipe = tmp_path / "student.py"
    os.mkfifo(pipe)
    with pytest.raises(CodeGradingError, match="not a file"):
        run(pipe, variants("small", 1))


@needs_bubblewrap
def test_the_program_has_no_capability_and_cannot_gain_any(written):
    path = written(
        "import ctypes, platform\n"
        "LIBC = ctypes.CDLL(None)\n"
        "NUMBER = {'x86_64': 125, 'aarch64': 90}[platform.machine()]\n"
        "def solve(exercise):\n"
        "    header = (ctypes.c_uint32 * 2)(0x20080522, 0)\n"
        "    data = (ctypes.c_uint32 * 6)()\n"
        "    assert LIBC.syscall(NUMBER, header, data) == 0\n"
        "    print(data[0], data[1], data[3], data[4], LIBC.prctl(39, 0, 0, 0, 0))\n"
        "    return {}\n"
    )
    (execution,) = run(path, variants("small", 1))
    assert execution.stdout == "0 0 0 0 1\n"


def test_without_bubblewrap_nothing_is_run(monkeypatch, written):
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(
        "gradgrade.service.code_grading.sandbox.sandbox.BUBBLEWRAP_PATHS", "/nonexistent"
    )
    with pytest.raises(SandboxUnavailable, match="bubblewrap"):
        list(run(written("raise SystemExit"), variants("small", 1)))


@pytest.mark.parametrize(
    ("says", "told"),
    [
        ("bwrap: setting up uid map: Permission denied", "AppArmor"),
        ("bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted", "AppArmor"),
        ("bwrap: Unknown option --disable-userns", "too old"),
        ("bwrap: something else", "something else"),
    ],
)
def test_a_sandbox_that_cannot_be_made_says_why(monkeypatch, tmp_path, written, says, told):
    bubblewrap = tmp_path / "bin" / "bwrap"
    bubblewrap.parent.mkdir()
    bubblewrap.write_text(f"#!/bin/sh\necho '{says}' >&2\nexit 1\n")
    bubblewrap.chmod(0o755)
    monkeypatch.setenv("PATH", f"{bubblewrap.parent}:{os.environ['PATH']}")
    with pytest.raises(SandboxUnavailable, match=told):
        list(run(written("raise SystemExit"), variants("small", 1)))


@needs_bubblewrap
def test_a_program_cannot_pretend_that_there_is_no_sandbox(written):
    path = written(
        "import os\nos.write(2, b'bwrap: setting up uid map: Permission denied\\n')\nos._exit(1)\n"
    )
    (execution,) = run(path, variants("small", 1))
    assert execution.failure.kind == "exited"


def test_unconfined_runs_are_marked(written):
    path = written("def solve(exercise):\n    return {'loss': 1.0}\n")
    (execution,) = run(path, variants("small", 1), sandbox=Unconfined())
    assert not execution.is_confined
    assert execution.answers == {"loss": 1.0}


@pytest.mark.parametrize("name", ["shell", "socket"])
def test_attacks_do_succeed_where_nothing_contains_them(name):
    """The corpus can tell: these do no harm, and are seen to escape."""
    path = CORPUS / "hostile" / f"{name}.py"
    (execution,) = run(path, variants("small", 1), sandbox=Unconfined())
    assert "ESCAPED" in execution.stdout


@needs_bubblewrap
@pytest.mark.parametrize("shape", ["solve", "functions", "layers"])
def test_a_starter_file_runs_and_says_what_is_to_do(written, shape):
    (execution,) = run(written(starter(shape)), variants("small", 1), shape=shape)
    assert execution.failure.kind == "exception"
    assert execution.failure.message.startswith("NotImplementedError: TODO")
    assert execution.failure.line is not None


@needs_bubblewrap
def test_the_starter_file_for_torch_fails_cleanly(written):
    (execution,) = run(written(starter("torch")), variants("small", 1), shape="torch")
    assert execution.failure.kind in ("exception", "wrong_type", "missing")


@needs_bubblewrap
@pytest.mark.parametrize("shape", SHAPES)
def test_a_file_of_another_shape_is_refused(written, shape):
    (execution,) = run(written("x = 1\n"), variants("small", 1), shape=shape)
    assert execution.failure.kind == "missing"


@needs_bubblewrap
def test_half_a_pair_of_surrogates_in_a_message_is_told_escaped(written):
    text = "def solve(exercise):\n    raise ValueError('half \\ud800 of it')\n"
    (execution,) = run(written(text), variants("small", 1))
    assert execution.failure.kind == "exception"
    assert execution.failure.message == r"ValueError: half \ud800 of it"


@needs_bubblewrap
@pytest.mark.parametrize("text", ["import torch\n", '"""\nimport torch\n"""\n', ""])
def test_what_a_file_says_changes_no_limit(written, text):
    program = f"{text}import resource\n\n\ndef solve(exercise):\n    raise ValueError(LIMIT)\n"
    program = f"LIMIT = __import__('resource').getrlimit(9)\n{program}"
    (execution,) = run(written(program), variants("small", 1))
    assert str(Limits().memory_bytes) in execution.failure.message


# What runs inside


@pytest.mark.parametrize("name", ["column", "row", "classes"])
def test_the_childs_losses_are_the_oracles(name):
    for exercise in variants(name, 3):
        solution = solve(exercise)
        document = {
            "loss": {"name": exercise.loss.name, "reduction": exercise.loss.reduction},
        }
        output = numpy.array(solution["a2"].float64)
        y = numpy.array([[float(each.text) for each in row] for row in exercise.given["y"]])
        expected = numpy.array(solution["da2"].float64)
        if exercise.convention == "column":
            output, y, expected = output.T, y.T, expected.T
        assert numpy.isclose(losses.loss(document, output, y, numpy), solution["loss"].float64)
        assert numpy.allclose(losses.gradient(document, output, y, numpy), expected)


@pytest.mark.parametrize("reduction", ["mean", "mean_elements", "sum"])
@pytest.mark.parametrize(
    "name",
    [
        *("half_squared_error", "squared_error", "absolute_error", "huber"),
        *("binary_cross_entropy", "cross_entropy"),
    ],
)
def test_the_childs_loss_gradients_are_slopes_of_its_losses(name, reduction):
    document = {"loss": {"name": name, "reduction": reduction, "threshold": 0.3}}
    random = numpy.random.default_rng(0)
    output, y = random.uniform(0.1, 0.9, (2, 4, 3))
    step, direction = 1e-6, random.normal(size=output.shape)
    ends = [losses.loss(document, output + sign * step * direction, y, numpy) for sign in (1, -1)]
    slope = (losses.gradient(document, output, y, numpy) * direction).sum()
    assert numpy.isclose((ends[0] - ends[1]) / (2 * step), slope, rtol=1e-6)


def test_one_sample_of_an_exercise_is_an_exercise():
    for name in ("column", "row", "classes", "momentum"):
        (exercise,) = variants(name, 1)
        document = cut_to_one_sample(exercise)
        assert Exercise.from_data(document).batch == 1
    (single,) = variants("single", 1)
    assert cut_to_one_sample(single) is None


# What the kernel is told


def test_every_denied_call_has_a_number_of_its_own():
    for machine in seccomp.MACHINES.values():
        assert len(set(machine.denied.values())) == len(machine.denied)
        assert max(machine.denied.values()) <= machine.highest


def test_the_filter_is_within_the_kernels_bounds():
    for name in seccomp.MACHINES:
        assert 0 < len(seccomp.program(name)) / 8 <= 4096


def test_a_machine_without_a_filter_gets_no_sandbox(monkeypatch, written):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(SandboxUnavailable, match="riscv64"):
        list(run(written(""), variants("small", 1), sandbox=Bubblewrap()))


def test_control_groups_leave_nothing_behind():
    with new_control_groups(Limits()) as groups:
        assert all(each.is_dir() for each in groups)
    assert not any(each.exists() for each in groups)


def test_control_groups_of_the_dead_are_removed():
    ended = subprocess.Popen(["true"])
    ended.wait()
    with new_control_groups(Limits()) as groups:
        left = [each.with_name(f"{PREFIX}{ended.pid}-0123") for each in groups]
        for each in left:
            each.mkdir()
        with new_control_groups(Limits()):
            assert not any(each.exists() for each in left)
        assert all(each.exists() for each in groups)


@needs_bubblewrap
def test_a_sandbox_ends_with_the_process_that_started_it(tmp_path):
    """Even where that is killed, and the program inside does all to live on."""
    script = tmp_path / "parent.py"
    script.write_text(
        "from gradgrade.service.code_grading import run\n"
        "from tests.service.code_grading.programs import CORPUS, variants\n"
        "path = CORPUS / 'hostile' / 'outlives_its_parent.py'\n"
        "exercises = variants('small', 1)\n"
        "print('ready', flush=True)\n"
        "list(run(path, exercises))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env=environment, cwd=ROOT
    )
    assert parent.stdout.readline() == b"ready\n"
    deadline = time.monotonic() + 20
    while not (inside := descendants(parent.pid)) or len(inside) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    while any(Path(f"/proc/{each}").exists() and not is_zombie(each) for each in inside):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def descendants(process: int) -> list[int]:
    """All processes below one."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == process:
            child = int(path.parent.name)
            found += [child, *descendants(child)]
    return found


def is_zombie(process: int) -> bool:
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return True
    return text.rpartition(")")[2].split()[0] == "Z"


@needs_bubblewrap
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_is_run_however_an_editor_on_windows_writes_it(tmp_path, encoding):
    path = tmp_path / "handed_in.py"
    text = "def solve(exercise):\r\n    return {'loss': float(len('é'))}\r\n"
    path.write_bytes(text.encode(encoding))
    assert [each.answers["loss"] for each in run(path, variants("small", 1))] == [1]
