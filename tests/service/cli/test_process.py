"""The real command, in a process of its own: exit codes, streams, signals, what it imports."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from problems import Exercise, solve
from tests.service.cli.run import COMMAND, run_process

HEAVY = ("numpy", "flint", "mpmath", "flask", "pydantic", "problems", "oracle", "rich.table")


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_nothing_that_computes(option: str):
    program = (
        "import sys\nfrom service.cli import main\n"
        f"sys.argv = ['gradgrade', {option!r}]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "print(*sys.modules, sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True
    )
    imported = set(done.stdout.splitlines())
    assert "click" in imported
    assert not imported & (set(HEAVY) - {"rich.table"} if option == "--help" else set(HEAVY))


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
    assert run_process("grade", file, "-", input="{}").returncode == 1
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
def test_serve_says_where_it_listens_and_stops_cleanly(number: signal.Signals):
    process = subprocess.Popen(
        [str(COMMAND), "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("gradgrade serves http://127.0.0.1:")
        with urllib.request.urlopen(line.split()[-1] + "/healthz", timeout=30) as response:
            assert response.status == 200
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, stdout, stderr) == (0, "", "")


def test_a_port_that_is_taken_is_told_in_one_line():
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run_process("serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert done.stderr.startswith("gradgrade: error: cannot listen on 127.0.0.1:")
    assert done.stderr.count("\n") == 1
