"""The real command, in a process of its own: exit codes, streams, signals, what it imports."""

import json
import os
import re
import signal
import stat
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from gradgrade.problems import Exercise, solve
from gradgrade.service.cli.output import progress, with_lines
from tests.service.cli.run import COMMAND, run_process


def test_the_way_from_a_set_to_full_marks(tmp_path: Path):
    generated = run_process("generate", "seeds", "--out", tmp_path, "--format", "json")
    file = json.loads(generated.stdout)[0]["file"]
    solved = run_process("solve", file, "--format", "json")
    solution = json.loads(solved.stdout)
    exercise = Exercise.from_json(Path(file).read_bytes())
    assert solved.stdout == solve(exercise).to_json()
    answers = {part.name: solution["values"][part.name]["float64"] for part in exercise.ask}
    graded = run_process("grade", file, "-", input=json.dumps(answers))
    assert graded.returncode == 0
    assert run_process("grade", file, "-", input='{"loss": 7}').returncode == 1
    assert generated.stderr == solved.stderr == graded.stderr == ""


def test_a_refusal_is_one_line_without_a_traceback(tmp_path: Path):
    done = run_process("solve", tmp_path / "none.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"gradgrade: error: {tmp_path}/none.json: No such file or directory\n"


def test_output_that_nobody_reads_is_told_in_one_line(exercise_file: Path):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [str(COMMAND), "solve", str(exercise_file)],
        stdout=writer,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    os.close(writer)
    assert done.returncode == 2
    assert done.stderr.startswith("gradgrade: error: standard output was closed")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("asked", [["--help"], ["grade", "--help"], ["token"]], ids=" ".join)
def test_help_that_cannot_be_written_is_told_in_one_line(asked: list[str]):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [str(COMMAND), *asked],
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "gradgrade: error: input or output: No space left on device\n"


def test_output_is_utf_8_whatever_the_terminal_s_encoding(exercise_file: Path):
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    done = run_process("solve", exercise_file, env=environment)
    assert done.returncode == 0
    assert "δ2 = " in done.stdout


def test_control_c_exits_with_130():
    process = subprocess.Popen(
        [str(COMMAND), "solve", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Whoever runs the tests in the background ignores the signal, and that is inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdin is not None
    # More than a pipe holds: once it is written, the command reads, and soon waits for more.
    process.stdin.write(b" " * 200_000)
    process.stdin.flush()
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    # An interrupt between two reads is seen when the input ends.
    stdout, stderr = process.communicate(timeout=30)
    assert (process.returncode, stdout) == (130, b"")
    assert b"Traceback" not in stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_says_where_it_listens_and_stops_cleanly(number: signal.Signals, tmp_path: Path):
    process = subprocess.Popen(
        [str(COMMAND), "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        cwd=tmp_path,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("gradgrade serves http://127.0.0.1:")
        with urllib.request.urlopen(line.split()[-1] + "/healthz", timeout=30) as response:
            assert response.status == 200
        process.send_signal(number)
        stdout = process.stdout.read()
        _, stderr = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0
    assert re.fullmatch(r"The instructor's token, shown this once: gg_[\w-]{43}\n", stdout)
    (entry,) = map(json.loads, stderr.splitlines())
    assert (entry["route"], entry["status"]) == ("/healthz", 200)


def test_the_instructors_token_is_shown_at_the_first_start_alone(tmp_path: Path):
    shown = [first_lines(tmp_path) for _ in range(2)]
    assert ["token" in each for each in shown] == [True, False]
    assert stat.S_IMODE((tmp_path / "gradgrade.secret").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "gradgrade.db").stat().st_mode) == 0o600


def test_a_stateless_server_grades_for_anybody_and_makes_nothing(tmp_path: Path):
    def asked(address: str) -> None:
        path = f"{address}/api/v1/catalogue/seeds/exercises/004-two-two-two"
        with urllib.request.urlopen(path, timeout=30) as response:
            exercise = json.load(response)
        body = json.dumps({"exercise": exercise, "answers": {"loss": 0.5}}).encode()
        headers = {"Content-Type": "application/json"}
        grade = urllib.request.Request(f"{address}/api/v1/grade", body, headers)
        with urllib.request.urlopen(grade, timeout=30) as response:
            assert json.load(response)["outcome"] == "incorrect"

    assert "token" not in first_lines(tmp_path, "--stateless", asked=asked)
    assert list(tmp_path.iterdir()) == []


def test_a_stateless_server_has_no_database(tmp_path: Path):
    done = run_process("serve", "--stateless", "--database", f"sqlite:///{tmp_path}/course.db")
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert "--stateless and --database exclude each other" in done.stderr


def first_lines(
    directory: Path, *options: str, asked: Callable[[str], None] = lambda address: None
) -> str:
    """All that a server in a directory prints until it is told to stop, after it was asked."""
    process = subprocess.Popen(
        [str(COMMAND), "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        cwd=directory,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline()
        urllib.request.urlopen(address.split()[-1] + "/healthz", timeout=30).close()
        asked(address.split()[-1])
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
        assert process.wait(30) == 0
        return address + rest
    finally:
        process.kill()
        process.communicate()


def test_a_port_that_is_taken_is_told_in_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        database = f"sqlite:///{tmp_path / 'course.db'}"
        done = run_process("serve", "--port", port, "--database", database)
    assert done.returncode == 2
    assert done.stderr.startswith("gradgrade: error: cannot listen on 127.0.0.1:")
    assert done.stderr.count("\n") == 1
    # Whoever starts it again is told the first token then.
    assert list(tmp_path.iterdir()) == []
    assert "The instructor's token" in first_lines(tmp_path)


# How far something is, where there is no terminal


def test_long_work_tells_a_log_how_far_it_is_and_short_work_tells_nothing(capsys):
    seconds = iter([0, 5, 40, 50, 80])
    passed = list(with_lines("abcd", "Drawing", 4, clock=lambda: next(seconds)))
    assert passed == list("abcd")
    assert capsys.readouterr().err.splitlines() == [
        "Drawing: 2 of 4 in 40 s, 40 s left",
        "Drawing: 4 of 4 in 80 s, 0 s left",
    ]
    assert list(progress("abcd", "Drawing")) == passed
    assert capsys.readouterr().err == ""
