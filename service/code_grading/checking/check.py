"""Checking student code: every variant run, graded, and the smallest failure looked for."""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from gradgrade.problems import Exercise
from gradgrade.problems.documents.verdict import Verdict
from gradgrade.service.code_grading.checking.beside import course_files
from gradgrade.service.code_grading.checking.source import Source
from gradgrade.service.code_grading.sandbox.limits import Limits
from gradgrade.service.code_grading.sandbox.outcome import Execution, Finding
from gradgrade.service.code_grading.sandbox.runner import Shape, run
from gradgrade.service.code_grading.sandbox.sandbox import Sandbox
from gradgrade.service.code_grading.smallest.programs import smallest_program
from gradgrade.service.code_grading.smallest.search import Smallest, smallest_failure
from gradgrade.service.code_grading.smallest.shrinking import is_right_when_smaller


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is found of a student's code on one exercise.

    Args:
        name: of the exercise.
        variants: how many were run.
        failed: on how many the code was not right.
        failed_parts: on how many each part was not right, as far as verdicts tell of parts.
        execution: of the variant that went worst; the first of those.
        verdict: on that; its score is the exercise's, since code must be right everywhere.
        findings: what is odd about the program on any variant, each once.
        smallest: the smallest exercise on which it fails so, where one was looked for and found.
    """

    name: str
    variants: int
    failed: int
    failed_parts: Mapping[str, int]
    execution: Execution
    verdict: Verdict
    findings: tuple[Finding, ...]
    smallest: Smallest | None

    @property
    def is_right(self) -> bool:
        """Whether all is right on all variants."""
        return not self.failed

    @property
    def points(self) -> str:
        """The points in words."""
        return f"{self.verdict.score} of {self.verdict.max_score} points"


def check_program(
    source: Source,
    name: str,
    student_file: Path,
    *,
    sandbox: Sandbox | None = None,
    limits: Limits | None = None,
    shape: Shape | None = None,
    search: bool = True,
) -> Checked:
    """Check a student's program on an exercise.

    Args:
        source: of variants and verdicts.
        name: the exercise's, one of the source's.
        student_file: the file.
        sandbox: bubblewrap's, unless said otherwise.
        limits: what the program may use up.
        shape: how the file must answer; None takes the first shape that it has.
        search: whether to look for the smallest failure, where right answers are known here.

    Raises:
        SandboxUnavailable: there is no working sandbox.
        CodeGradingError: the file is too large.
        ExerciseError: no variant can be issued.
    """
    variants = source.variants(name)
    code = variants.exercises[0].code
    start = partial(
        run,
        limits=limits,
        sandbox=sandbox,
        shape=shape,
        code=code,
        course_files=course_files(code, source.folder),
    )
    executions = list(start(student_file, variants.exercises))
    verdicts = variants.grade([each.answers for each in executions])
    failed = [each.outcome != "correct" for each in verdicts]
    worst = min(range(len(verdicts)), key=lambda at: (verdicts[at].score, not failed[at]))
    smallest = None
    if search and source.knows_answers and any(failed):
        with closing(_Asking(partial(start, student_file))) as asking:
            smallest = _smallest(
                executions[worst], verdicts[worst], asking.ask, source.solution(name), start
            )
    return Checked(
        name=name,
        variants=len(verdicts),
        failed=sum(failed),
        failed_parts=_failed_parts(verdicts),
        execution=executions[worst],
        verdict=verdicts[worst],
        findings=_once(executions),
        smallest=smallest,
    )


def _smallest(
    failed: Execution,
    verdict: Verdict,
    ask: Callable[[Exercise], Execution | None],
    solution: Path | None,
    start: Callable[[Path, Iterable[Exercise]], Generator[Execution, None, None]],
) -> Smallest | None:
    """Return the smallest failure: of an engine any program, of other code its own exercise."""
    code = failed.exercise.code
    if code is not None and code.engine is not None:
        return smallest_program(failed, verdict, code.engine, ask)
    shrinks = code is None or (
        solution is not None and is_right_when_smaller(failed.exercise, partial(start, solution))
    )
    return smallest_failure(failed, verdict, ask, shrinks=shrinks)


class _Asking:
    """A program in a sandbox that is asked one exercise after another, as a search goes on."""

    def __init__(
        self, start: Callable[[Iterable[Exercise]], Generator[Execution, None, None]]
    ) -> None:
        self._waiting: list[Exercise] = []
        self._run = start(iter(self._waiting.pop, None))

    def ask(self, exercise: Exercise) -> Execution | None:
        """Run the program on an exercise; None once it can be asked nothing more."""
        self._waiting.append(exercise)
        execution = next(self._run, None)
        if execution is None or (execution.failure and execution.failure.kind == "not_run"):
            return None
        return execution

    def close(self) -> None:
        """End the program."""
        self._run.close()


def _failed_parts(verdicts: Sequence[Verdict]) -> Mapping[str, int]:
    parts = chain.from_iterable(each.parts for each in verdicts)
    return Counter(part.name for part in parts if part.outcome != "correct")


def _once(executions: Sequence[Execution]) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(each.findings for each in executions)))
