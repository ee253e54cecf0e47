"""A script proved before anybody is graded: right code earns all with it, and no code nothing.

After that every failure is the student's. What its text alone tells, that it binds all that is
asked, a set's template has been held to already.
"""

import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gradgrade.problems import Exercise, ProblemSet
from gradgrade.service.code_grading.checking.beside import course_files, solution_of
from gradgrade.service.code_grading.checking.report import why
from gradgrade.service.code_grading.checking.source import FromProblemSet, Variants
from gradgrade.service.code_grading.sandbox.outcome import Execution
from gradgrade.service.code_grading.sandbox.runner import run
from gradgrade.service.code_grading.sandbox.sandbox import Sandbox

VARIANTS = 3
"""On so many a solution must be right."""

SECRET = b"proof of a script"

Start = Callable[[Path, Iterable[Exercise]], Generator[Execution, None, None]]
"""Runs code on exercises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptProof:
    """What is found of an exercise's script.

    Args:
        faults: why nobody can be graded by it.
        warnings: what was not tried.
    """

    faults: Sequence[str] = ()
    warnings: Sequence[str] = ()


def prove_script(
    problem_set: ProblemSet, name: str, folder: Path, *, sandbox: Sandbox | None = None
) -> ScriptProof:
    """Run an exercise's script with no code, and with the code that is said to be right.

    Args:
        problem_set: the set.
        name: of the exercise.
        folder: where the set's files lie.
        sandbox: bubblewrap's, unless said otherwise.

    Raises:
        CodeGradingError: a file cannot be read.
        SandboxUnavailable: there is no working sandbox.
    """
    code = problem_set.exercise(name).code
    if code is None:
        return ScriptProof()
    source = FromProblemSet(
        problem_set=problem_set, names=[name], count=VARIANTS, secret=SECRET, folder=folder
    )
    variants = source.variants(name)
    start = partial(
        run,
        sandbox=sandbox,
        code=variants.exercises[0].code,
        course_files=course_files(code, folder),
    )
    faults = list(_earned_by_nothing(start, variants))
    solution = solution_of(code, folder)
    if solution is None:
        warning = f"{name}: code.solution is not named: nobody knows whether its script can earn"
        return ScriptProof(faults=_of(name, faults), warnings=[warning])
    faults += _lost_by(start, solution, variants)
    return ScriptProof(faults=_of(name, faults))


def _of(name: str, faults: Sequence[str]) -> list[str]:
    return [f"exercise {name!r}: {each}" for each in faults]


def _earned_by_nothing(start: Start, variants: Variants) -> Iterator[str]:
    """Yield what earns points beside an empty file."""
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder, "empty.py")
        empty.touch()
        verdicts = variants.grade([each.answers for each in start(empty, variants.exercises)])
    right = [part.name for part in verdicts[0].parts if part.outcome == "correct"]
    if right:
        yield (
            f"code.script: beside an empty file {', '.join(right)} would be right: the script "
            "works it out itself; take it from the student's file"
        )


def _lost_by(start: Start, solution: Path, variants: Variants) -> Iterator[str]:
    """Yield why code that is said to be right does not earn all."""
    executions = list(start(solution, variants.exercises))
    verdicts = variants.grade([each.answers for each in executions])
    for execution, verdict in zip(executions, verdicts, strict=True):
        if verdict.outcome != "correct":
            causes = [why(each) for each in execution.failures]
            parts = [each for each in verdict.parts if each.outcome != "correct"]
            told = causes or [f"{each.name}: {each.feedback}" for each in parts]
            yield (
                f"code.solution: {solution.name} earns {verdict.score} of {verdict.max_score} "
                f"points: {'; '.join(told)}"
            )
            return
