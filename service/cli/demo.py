"""The demonstration behind `make demo`: generate, serve and grade, with the real commands.

Everything happens in a temporary directory and over HTTP, as a stranger would do it, and every
verdict is compared with what it has to be.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table
from rich.text import Text

SETS = ("seeds", "first-steps")
GRADGRADE = Path(sys.executable).with_name("gradgrade")
SECONDS = 60
"""How long any one command or request may take."""


class Failed(Exception):
    """The demonstration did not go as it must."""


@dataclass(frozen=True)
class Problem:
    """An exercise as its student has it, and what its instructor knows of it."""

    text: str
    values: dict[str, Any]

    @property
    def exercise(self) -> dict[str, Any]:
        """The exercise's document."""
        document: dict[str, Any] = json.loads(self.text)
        return document

    @property
    def answers(self) -> dict[str, Any]:
        """The correctly rounded doubles of what is asked."""
        return {part["name"]: self.values[part["name"]] for part in self.exercise["ask"]}


@dataclass(frozen=True)
class Submission:
    """Answers as JSON, and what has to come of them: a status, and the outcome of a 200."""

    title: str
    answers: str
    status: int
    outcomes: frozenset[str] = frozenset()


def main() -> int:
    """Run the demonstration and return the exit code: 0, or 1 where something is not as it must."""
    console = Console()
    try:
        with TemporaryDirectory(prefix="gradgrade-demo-") as name:
            _demonstrate(Path(name), console)
    except Failed as error:
        console.print(Text(f"The demonstration failed: {error}", style="bold red"))
        return 1
    console.print("Every verdict is what it has to be.", style="bold green")
    console.print("To look around in a course with thirty students: make try")
    return 0


def _demonstrate(directory: Path, console: Console) -> None:
    problems = []
    for name in SETS:
        _run(console, directory, "generate", name, "--out", name)
        problems.append(_pick(directory / name))
    with _served(console, directory) as address:
        for problem in problems:
            _grade_all(console, address, problem)


def _run(console: Console, directory: Path, *arguments: str) -> None:
    console.print(Text(f"$ gradgrade {' '.join(arguments)}", style="bold"))
    try:
        subprocess.run(
            [GRADGRADE, *arguments],
            cwd=directory,
            timeout=SECONDS,
            check=True,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError:
        raise Failed(f"there is no command {GRADGRADE}") from None
    except subprocess.TimeoutExpired:
        raise Failed(f"`gradgrade {arguments[0]}` took longer than {SECONDS} s") from None
    except subprocess.CalledProcessError as error:
        last_line = (error.stderr.strip() or "nothing was said").splitlines()[-1]
        message = f"`gradgrade {arguments[0]}` exited with {error.returncode}: {last_line}"
        raise Failed(message) from None


def _pick(directory: Path) -> Problem:
    """Return the generated exercise that asks for most."""
    texts = [path.read_text("utf-8") for path in sorted(directory.glob("*.exercise.json"))]
    if not texts:
        raise Failed(f"`gradgrade generate {directory.name}` wrote no exercise")
    text = max(texts, key=lambda each: len(json.loads(each)["ask"]))
    solution = (directory / f"{json.loads(text)['id']}.solution.json").read_text("utf-8")
    values = json.loads(solution)["values"]
    return Problem(text, {name: value["float64"] for name, value in values.items()})


@contextmanager
def _served(console: Console, directory: Path) -> Iterator[str]:
    """Run `gradgrade serve`, yield its address, and stop it."""
    console.print(Text("$ gradgrade serve --stateless --port 0", style="bold"))
    log = directory / "serve.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [GRADGRADE, "serve", "--stateless", "--port", "0"],
            cwd=directory,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    try:
        address = _address(server, log)
        console.print(f"gradgrade serves {address}")
        yield address
    finally:
        server.terminate()
        try:
            server.wait(SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        ended = server.poll() is not None
        text = log.read_text("utf-8")
        if found := re.search(r"^gradgrade serves (http://\S+)$", text, re.MULTILINE):
            return found[1]
        if ended:
            raise Failed(f"`gradgrade serve` ended with {server.returncode}: {text.strip()}")
        time.sleep(0.05)
    raise Failed(f"`gradgrade serve` did not listen within {SECONDS} s")


def _grade_all(console: Console, address: str, problem: Problem) -> None:
    exercise = problem.exercise
    table = Table(
        title=f"{exercise['problem_set']} / {exercise['name']}: {exercise['title']}",
        title_justify="left",
    )
    for column in ("answers", "status", "outcome", "score", "what is said"):
        table.add_column(column)
    failures = []
    for submission in _submissions(problem):
        status, reply = _post(address, problem.text, submission.answers)
        table.add_row(submission.title, str(status), *_summary(reply))
        if status != submission.status:
            failures.append(f"{submission.title}: status {status}, not {submission.status}")
        elif status == 200 and reply["outcome"] not in submission.outcomes:
            expected = " or ".join(sorted(submission.outcomes))
            failures.append(f"{submission.title}: outcome {reply['outcome']!r}, not {expected!r}")
    console.print(table)
    if failures:
        raise Failed(f"{exercise['name']}: {'; '.join(failures)}")


def _submissions(problem: Problem) -> Iterator[Submission]:
    answers = problem.answers
    yield Submission("exact", json.dumps(answers), 200, frozenset({"correct"}))
    rounded = {
        name: _each(answers[name], lambda x, allowed=allowed: _rounded(x, allowed))
        for name, allowed in _allowed_digits(problem.exercise)
    }
    yield Submission("rounded as allowed", json.dumps(rounded), 200, frozenset({"correct"}))
    name, flipped = _flipped(answers)
    wrong = frozenset({"partial", "incorrect"})
    yield Submission(f"a sign of {name} flipped", json.dumps(flipped), 200, wrong)
    reshaped = {**answers, name: [answers[name]]}
    yield Submission(f"{name} of another shape", json.dumps(reshaped), 200, frozenset({"invalid"}))
    not_a_number = json.dumps({**answers, name: float("nan")})
    yield Submission(f"NaN for {name}", not_a_number, 400)


def _each(value: Any, change: Any) -> Any:
    return [_each(entry, change) for entry in value] if isinstance(value, list) else change(value)


def _allowed_digits(exercise: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each part's name, and the rounding that its tolerance or the exercise allows."""
    for part in exercise["ask"]:
        is_derived = part["tolerance"] == "auto"
        yield part["name"], (exercise.get("rounding") or {}) if is_derived else part["tolerance"]


def _rounded(value: float, allowed: dict[str, Any]) -> float:
    """Return a value with no more digits than are asked for; with all of them if all are."""
    if "decimals" in allowed:
        return float(f"{value:.{allowed['decimals']}f}")
    if "significant" in allowed:
        return float(f"{value:.{allowed['significant'] - 1}e}")
    if "relative" in allowed:
        return float(f"{value:.{-Decimal(str(allowed['relative'])).adjusted()}e}")
    return value


def _flipped(answers: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return answers with the sign of their largest entry changed, and that entry's name."""
    flipped = deepcopy(answers)
    entries = [
        (abs(array[index]), name, array, index)
        for name in flipped
        for array, index in _entries(flipped, name)
    ]
    _, name, array, index = max(entries, key=lambda entry: entry[0])
    array[index] = -array[index]
    return name, flipped


def _entries(container: Any, index: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the place of every number: the list or dict that holds it, and its index there."""
    value = container[index]
    if isinstance(value, list):
        for position in range(len(value)):
            yield from _entries(value, position)
    else:
        yield container, index


def _post(address: str, exercise: str, answers: str) -> tuple[int, dict[str, Any]]:
    connection = HTTPConnection(urlsplit(address).netloc, timeout=SECONDS)
    body = f'{{"exercise": {exercise}, "answers": {answers}}}'.encode()
    try:
        connection.request("POST", "/api/v1/grade", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    except (OSError, HTTPException, ValueError) as error:
        raise Failed(f"no answer from {address}: {error!r}") from None
    finally:
        connection.close()


def _summary(reply: dict[str, Any]) -> tuple[str, str, str]:
    if "detail" in reply:
        return "refused", "", reply["detail"]
    score = f"{reply['score']} of {reply['max_score']}"
    remarks = [
        f"{part['name']}: {part['feedback']}"
        for part in reply["parts"]
        if part["outcome"] not in ("correct", "not_judged")
    ]
    return reply["outcome"], score, "\n".join(remarks) or "Everything is right."


if __name__ == "__main__":
    sys.exit(main())
