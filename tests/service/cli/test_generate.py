"""Generating for many: whoever shares the work, the same bytes; interrupted, it goes on."""

import json
import os
import pty
import select
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gradgrade.problems import Exercise, ProblemSet, catalogue, generate
from gradgrade.service import jobs
from gradgrade.service.cli.generation import size_of_pieces
from tests.service.cli.run import COMMAND, assert_refused, run

SET = """
schema = "gradgrade/problem-set/1"
name = "many"

[[exercises]]
name = "sigmoid"
inputs = 1
layers = [
  { type = "dense", units = 2, activation = "sigmoid" },
  { type = "dense", units = 1, activation = "sigmoid" },
]
loss = { name = "half_squared_error" }
optimizer = { name = "sgd", learning_rate = 0.5 }
ask = ["gradients", "updates"]

[[exercises]]
name = "relu"
inputs = 1
layers = [
  { type = "dense", units = 2, activation = "relu" },
  { type = "dense", units = 2, activation = "softmax" },
]
loss = { name = "cross_entropy" }
optimizer = { name = "momentum", learning_rate = 0.5 }
batch = 2
ask = ["gradients", "updates"]
"""

# Four students find four numbers; a fifth none.
FEW = """
schema = "gradgrade/problem-set/1"
name = "few"

[[exercises]]
name = "line"
inputs = 1
layers = [{ type = "dense", units = 1, activation = "sigmoid", bias = "none" }]
loss = { name = "half_squared_error" }
optimizer = { name = "sgd", learning_rate = 0.5 }
ask = ["gradients"]
given = { x = [[0.7]], y = [[0.9]] }
draw = { weights = { low = 0.2, high = 0.5, step = 0.1 } }
"""


COUNT = "40"
PIECE = 8
"""So few students of an exercise make one piece of work here that there are several."""

IN_PIECES = (
    sys.executable,
    "-c",
    "from gradgrade.service.cli import generation, main\n"
    f"generation.CHUNK = generation.LEAST_CHUNK = {PIECE}\nmain()",
)
"""The command, in a process of its own."""


@pytest.fixture
def many(tmp_path: Path) -> Path:
    path = tmp_path / "many.toml"
    path.write_text(SET, encoding="utf-8")
    return path


@pytest.fixture
def few(tmp_path: Path) -> Path:
    path = tmp_path / "few.toml"
    path.write_text(FEW, encoding="utf-8")
    return path


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What one process writes, each exercise in one piece."""
    directory = tmp_path_factory.mktemp("alone")
    path = directory / "many.toml"
    path.write_text(SET, encoding="utf-8")
    assert run("generate", path, "--out", directory / "out", "--count", COUNT).exit_code == 0
    return contents(directory / "out")


# Whoever shares the work


@pytest.mark.parametrize(
    ("entries", "students", "workers", "size"),
    [
        (50, 10_000, 1, 1024),
        (50, 1_000, 2, 500),
        (50, 1_000, 8, 256),
        (50, 1_000, None, 256),
        (100, 1_000, 1, 655),
        (100_000, 1_000, 1, 256),
    ],
)
def test_pieces_of_work_are_large_where_variants_are_small_and_few_share_them(
    entries, students, workers, size
):
    assert size_of_pieces(entries, students, workers) == size


def test_two_processes_write_the_bytes_of_one(many: Path, alone: dict[str, bytes], tmp_path: Path):
    arguments = ("generate", many, "--out", tmp_path / "out", "--count", COUNT, "--workers", "2")
    done = subprocess.run(
        [*IN_PIECES, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert contents(tmp_path / "out") == alone


def test_a_cluster_writes_the_bytes_of_one_process(
    many: Path, alone: dict[str, bytes], tmp_path: Path
):
    # A cluster of its own process: this one turns warnings into errors, and Dask has some.
    program = (
        "from distributed import LocalCluster\n"
        "import subprocess, sys\n"
        "if __name__ == '__main__':\n"
        "    with LocalCluster(n_workers=2, dashboard_address=None) as dask:\n"
        "        arguments = [*sys.argv[1:], '--cluster', dask.scheduler_address]\n"
        "        sys.exit(subprocess.run(arguments).returncode)\n"
    )
    script = tmp_path / "cluster.py"
    script.write_text(program, encoding="utf-8")
    arguments = [*IN_PIECES, "generate", many, "--out", tmp_path / "out", "--count", COUNT]
    done = subprocess.run([sys.executable, script, *arguments], timeout=120, check=False)
    assert done.returncode == 0
    assert contents(tmp_path / "out") == alone


def test_each_variant_is_the_one_that_generate_returns(alone: dict[str, bytes]):
    problem_set = ProblemSet.from_toml(SET)
    for name in ("sigmoid", "relu"):
        for student in ("1", "35", COUNT):
            exercise = generate(problem_set, name, student=student, secret=b"0")
            assert alone[f"{exercise.id}.exercise.json"] == exercise.to_json().encode()


def test_a_cluster_without_dask_is_refused(
    many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "distributed", None)
    result = run("generate", many, "--out", tmp_path / "out", "--cluster", "tcp://localhost:1")
    assert_refused(result, "pip install 'gradgrade[cluster]'")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("address", ["nonsense", "tcp://", "127.0.0.1:9", "tcp://host:port"])
def test_what_is_no_address_of_a_cluster_is_refused(many: Path, tmp_path: Path, address: str):
    result = run("generate", many, "--out", tmp_path / "out", "--cluster", address)
    assert_refused(result, f"{address}: no address of a Dask scheduler")


def test_a_cluster_that_does_not_answer_is_refused(many: Path, tmp_path: Path):
    address = "tcp://127.0.0.1:9"
    program = (
        "import sys\nfrom gradgrade.service import jobs\njobs.CLUSTER_TIMEOUT = 1\n"
        "from gradgrade.service.cli import main\nmain()"
    )
    arguments = ["generate", many, "--out", tmp_path / "out", "--cluster", address]
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"gradgrade: error: {address}: no Dask scheduler answers")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--workers", "0"], ["workers", "0"]),
        (["--workers", "2", "--cluster", "tcp://localhost:1"], ["exclude"]),
    ],
)
def test_workers_that_cannot_be_are_wrong_usage(
    many: Path, tmp_path: Path, options: list[str], words: list[str]
):
    assert_refused(run("generate", many, "--out", tmp_path / "out", *options), *words)


def test_results_come_in_the_order_of_the_tasks_whoever_works():
    tasks = list(range(-20, 20))
    with jobs.workers(1) as run:
        alone = list(run(abs, tasks))
    with jobs.workers(3) as run:
        shared = list(run(abs, tasks))
    assert alone == shared == [abs(each) for each in tasks]


def test_an_error_of_a_worker_is_the_callers():
    with jobs.workers(2) as run, pytest.raises(ValueError, match="invalid literal"):
        list(run(int, ["1", "x"]))


def test_a_worker_that_is_ended_from_outside_is_told():
    with pytest.raises(jobs.JobError, match="a worker was ended"), jobs.workers(2) as run:
        list(run(os._exit, [1]))


def test_work_that_a_worker_was_lost_with_is_told_to_go_on(many, tmp_path, monkeypatch):
    def lost(*_, **__):
        raise jobs.WorkersLost("a worker was ended")

    monkeypatch.setattr(jobs, "workers", lost)
    refused = run("generate", many, "--out", tmp_path / "out", "--workers", "2")
    assert_refused(refused, "a worker was ended; run again, it goes on where it stopped")


# Interrupted and run again


def begun(many: Path, out: Path, *options: str, files: int) -> subprocess.Popen[bytes]:
    """A process that generates, and has written so many files at least."""
    process = subprocess.Popen(
        [*IN_PIECES, "generate", str(many), "--out", str(out), "--count", COUNT, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Whoever runs the tests in the background ignores the signal, and that is inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 60
    while len(list(out.glob("*.json"))) < files:
        assert process.poll() is None, "it ended before it could be interrupted"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    return process


@pytest.mark.parametrize(
    ("workers", "number"),
    [("1", signal.SIGKILL), ("2", signal.SIGKILL), ("2", signal.SIGINT)],
)
def test_interrupted_and_run_again_it_writes_the_same_bytes(
    many: Path, alone: dict[str, bytes], tmp_path: Path, workers: str, number: signal.Signals
):
    out = tmp_path / "out"
    process = begun(many, out, "--workers", workers, files=10)
    process.send_signal(number)
    process.wait(timeout=30)
    assert process.returncode == (-number if number == signal.SIGKILL else 130)
    there = contents(out)
    whole = {name: text for name, text in there.items() if not name.startswith(".")}
    assert 10 <= len(whole) < len(alone)
    assert all(alone[name] == text for name, text in whole.items())
    # Killed while it writes, it leaves its temporary file at most.
    assert len(there) - len(whole) <= (number == signal.SIGKILL)
    before = {name: (out / name).stat().st_mtime_ns for name in whole}
    pairs = {name for name in whole if name.replace("solution", "exercise") in whole}
    assert run("generate", many, "--out", out, "--count", COUNT).exit_code == 0
    assert {n: t for n, t in contents(out).items() if not n.startswith(".")} == alone
    complete = {name for name in pairs if name.replace("exercise", "solution") in whole}
    assert all((out / name).stat().st_mtime_ns == before[name] for name in complete)


def test_workers_do_not_outlive_a_parent_that_is_killed(many: Path, tmp_path: Path):
    process = begun(many, tmp_path / "out", "--workers", "2", files=2)
    children = descendants(process.pid)
    assert children
    process.kill()
    process.wait(timeout=30)
    deadline = time.monotonic() + 30
    while any(is_running(each) for each in children):
        assert time.monotonic() < deadline, "a worker is still there"
        time.sleep(0.05)


def descendants(parent: int) -> list[int]:
    """The processes that a process has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(path.parent.name))
    return found


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(path.read_bytes()[:-20]),
        lambda path: path.write_text("{}", encoding="utf-8"),
        lambda path: path.write_text("[]", encoding="utf-8"),
    ],
)
def test_an_exercise_that_is_missing_or_damaged_is_written_again(few: Path, tmp_path: Path, damage):
    arguments = ("generate", few, "--out", tmp_path / "out", "--count", "3")
    run(*arguments)
    before = contents(tmp_path / "out")
    damage(next((tmp_path / "out").glob("*.exercise.json")))
    assert run(*arguments).exit_code == 0
    assert contents(tmp_path / "out") == before


def test_a_missing_solution_is_written_again_and_private(few: Path, tmp_path: Path):
    arguments = ("generate", few, "--out", tmp_path / "out", "--count", "3")
    run(*arguments)
    before = contents(tmp_path / "out")
    solution = next((tmp_path / "out").glob("*.solution.json"))
    solution.unlink()
    run(*arguments)
    assert contents(tmp_path / "out") == before
    assert stat.S_IMODE(solution.stat().st_mode) == 0o600


# No two students alike


def weights(directory: Path) -> list[str]:
    paths = directory.glob("*.exercise.json")
    return [Exercise.from_json(path.read_bytes()).given["W1"][0][0].text for path in paths]


def test_students_who_would_have_the_same_numbers_are_drawn_others(few: Path, tmp_path: Path):
    assert run("generate", few, "--out", tmp_path / "out", "--count", "4").exit_code == 0
    assert sorted(weights(tmp_path / "out")) == ["0.2", "0.3", "0.4", "0.5"]


def test_who_avoids_whom_does_not_depend_on_where_it_was_interrupted(few: Path, tmp_path: Path):
    arguments = ("generate", few, "--count", "4", "--out")
    run(*arguments, tmp_path / "whole")
    whole = contents(tmp_path / "whole")
    result = json.loads(run(*arguments, tmp_path / "whole", "--format", "json").stdout)
    for interrupted_after in range(4):
        out = tmp_path / str(interrupted_after)
        out.mkdir()
        for each in result[:interrupted_after]:
            for path in (Path(each["file"]), Path(each["solution"])):
                (out / path.name).write_bytes(whole[path.name])
                os.chmod(out / path.name, path.stat().st_mode)
        run(*arguments, out)
        assert contents(out) == whole


def test_more_students_than_there_are_variants_are_refused_with_advice(few: Path, tmp_path: Path):
    result = run("generate", few, "--out", tmp_path / "out", "--count", "5")
    assert_refused(result, "'line' cannot be issued", "duplicate", "widen the ranges of `draw`")


def test_an_exercise_whose_numbers_are_all_given_is_the_same_for_all(tmp_path: Path):
    assert run("generate", "seeds", "--out", tmp_path, "--count", "2").exit_code == 0


def test_on_a_terminal_it_shows_how_many_rate_and_time_left(many: Path, tmp_path: Path):
    terminal, standard_error = pty.openpty()
    arguments = ["generate", str(many), "--out", str(tmp_path / "out"), "--count", "40"]
    process = subprocess.Popen(
        [str(COMMAND), *arguments],
        stdout=subprocess.DEVNULL,
        stderr=standard_error,
        env=os.environ | {"COLUMNS": "100", "TERM": "xterm"},
    )
    os.close(standard_error)
    shown = b""
    while process.poll() is None or select.select([terminal], [], [], 0)[0]:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                shown += os.read(terminal, 4096)
            except OSError:  # Linux's way to say that nobody writes any more
                break
    os.close(terminal)
    assert process.wait(timeout=30) == 0
    assert b"Generating" in shown
    assert b"/80" in shown
    assert b"/s " in shown
    assert b"0:0" in shown


# Refusals and the report


def test_a_tolerance_under_which_mistakes_pass_is_refused_with_advice_and_nothing_is_written(
    tmp_path: Path,
):
    path = tmp_path / "wide.toml"
    wide = SET.replace(
        'ask = ["gradients", "updates"]', 'ask = ["dW1"]\ntolerance = {decimals = 0}'
    )
    path.write_text(wide, encoding="utf-8")
    result = run("generate", path, "--out", tmp_path / "out")
    assert_refused(result, "'sigmoid' cannot be issued", "passed_by_zeros", "tighten the tolerance")
    assert not (tmp_path / "out").exists()


def report_of(*arguments: Any) -> list[dict[str, Any]]:
    result = run("generate", *arguments, "--report", "--format", "json")
    assert result.exit_code == 0
    return json.loads(result.stdout)


def test_the_report_adds_up(many: Path, tmp_path: Path):
    for each in report_of(many, "--out", tmp_path / "out", "--count", "40"):
        assert each["variants"] == 40
        assert each["attempts"] == 40 + sum(each["reasons"].values())
        assert each["acceptance"] == pytest.approx(40 / each["attempts"])
        assert 0 < each["lost_median"] < each["lost_largest"] < 1e-6
        assert 0 <= each["forward_share"] <= 1
        assert all(share > 0 for share in each["widest_bands"].values())
    assert len(list((tmp_path / "out").iterdir())) == 2 * 2 * 40


def test_the_report_of_the_worked_examples_tells_what_they_hide(tmp_path: Path):
    (report,) = (
        each
        for each in report_of("seeds", "--out", tmp_path)
        if each["exercise"] == "001-four-layer-column"
    )
    assert (report["attempts"], report["reasons"]) == (1, {})
    found = {each["subject"]: each for each in report["findings"]}
    assert found["mean_missing_in_gradient"]["kind"] == "identical"
    assert "sample" in found["mean_missing_in_gradient"]["advice"]


def test_the_report_as_text_has_a_table_of_exercises_and_one_of_findings(
    many: Path, tmp_path: Path
):
    result = run("generate", many, "--out", tmp_path / "out", "--count", "40", "--report")
    lines = result.stdout.splitlines()
    assert lines[0].split()[:4] == ["exercise", "variants", "draws", "accepted"]
    assert lines[1].split()[:2] == ["sigmoid", "40"]
    assert "sigmoid: not gated, since no draw can help" in lines
    assert any("mean_missing_in_gradient" in line and "100%" in line for line in lines)


def test_the_report_as_text_tells_the_widest_bands_and_warns_of_wide_ones(tmp_path: Path):
    path = tmp_path / "set.toml"
    text = catalogue.text("first-steps").replace("decimals = 4", "decimals = 2")
    path.write_text(text, encoding="utf-8")
    lines = run("generate", path, "--out", tmp_path / "out", "--report").stdout.splitlines()
    (told,) = (line for line in lines if line.startswith("relu: ") and "backward pass" in line)
    assert "% of the points need no backward pass" in told
    assert " dW1 " in told
    assert any(
        line.startswith("Warning: exercise 'relu' accepts answers that are off by more than 20%")
        for line in lines
    )


def test_a_report_on_files_that_are_there_counts_none(few: Path, tmp_path: Path):
    run("generate", few, "--out", tmp_path / "out")
    (report,) = report_of(few, "--out", tmp_path / "out")
    assert (report["variants"], report["attempts"], report["reasons"]) == (0, 0, {})
