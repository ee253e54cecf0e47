"""A process that runs submissions when it is asked to, with something to find in it.

It may be started as another user. Requests and replies are lines of JSON. What a hostile program
would look for is in its environment, its memory and a file: a canary, and the expected values.
"""

import ctypes
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from gradgrade.oracle.nested import flatten
from gradgrade.problems.grade import Grader
from gradgrade.service.code_grading import Execution, Limits, run
from tests.service.code_grading.programs import graders

SET_CHILD_SUBREAPER = 36
SECONDS_TO_END = 5.0
SHORT = 10


def main() -> None:
    """Serve requests until standard input ends."""
    # Processes that lose their parent come to this one, where they are counted.
    ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    secrets = [os.environ["GRADGRADE_CANARY"]]
    for line in sys.stdin:
        request = json.loads(line)
        # Worked out before the program runs, as they are when it is handed in again.
        judges = graders(request["exercise"], request["variants"])
        expected = [number for each in judges for number in expected_numbers(each)]
        secrets += expected
        limits = Limits(**request["limits"])
        start = time.monotonic()
        executions = list(
            run(
                Path(request["path"]),
                [each.exercise for each in judges],
                limits=limits,
                shape=request["shape"],
            )
        )
        reply = {
            "seconds": time.monotonic() - start,
            "survivors": survivors(),
            "user": os.geteuid(),
            "leaked": [
                number
                for number in expected
                if any(number in each.stdout + each.stderr for each in executions)
            ],
            "executions": list(map(told, executions, judges)),
        }
        print(json.dumps(reply), flush=True)


def expected_numbers(judge: Grader) -> list[str]:
    """The expected values of an exercise as a program would print them, of some length."""
    numbers = (
        repr(abs(number))
        for part in judge.exercise.ask
        for number in flatten(judge.solution[part.name].float64)
    )
    return [each for each in numbers if len(each) > SHORT]


def told(execution: Execution, judge: Grader) -> dict[str, Any]:
    """What a test wants to know of an execution."""
    failure = execution.failure
    verdict = judge.grade(execution.answers, explains=False)
    return {
        "kind": failure and failure.kind,
        "message": failure and failure.message,
        "line": failure and failure.line,
        "outcome": verdict.outcome,
        "findings": [[each.code, each.name] for each in execution.findings],
        "stdout": execution.stdout,
        "stderr": execution.stderr,
        "is_confined": execution.is_confined,
    }


def survivors() -> list[int]:
    """The processes below this one that do not end by themselves."""
    end = time.monotonic() + SECONDS_TO_END
    while True:
        while reaped():
            pass
        found = children(os.getpid())
        if not found or time.monotonic() > end:
            return found
        time.sleep(0.01)


def reaped() -> bool:
    """Whether a child had ended, and is gone now."""
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def children(process: int) -> list[int]:
    """The children of a process."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text("utf-8", "replace")
        except OSError:
            continue
        if int(text.rpartition(")")[2].split()[1]) == process:
            found.append(int(path.parent.name))
    return found


if __name__ == "__main__":
    main()
