"""What running a student's program on one variant gave."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from gradgrade.problems import Exercise

FailureKind = Literal[
    "missing",
    "exception",
    "wrong_type",
    "unsupported",
    "timeout",
    "memory",
    "crash",
    "exited",
    "answer_too_large",
    "output_flood",
    "malformed_reply",
    "not_run",
]

FINDINGS: Mapping[str, str] = MappingProxyType(
    {
        "input_changed": "the program changes what it is given, in place",
        "weights_changed_before_update": "the weights change before the update: they are aliased",
        "differs_when_repeated": "a second call in one process gives something else: state is kept",
        "differs_from_run_to_run": "two runs on one exercise differ: something is drawn at random, "
        "or a set of objects is gone through, which has no order",
        "fails_on_batch_of_one": "with a single sample the program fails, or its shapes are others",
        "single_precision": "the numbers have fewer bits than float64: use x.astype(np.float64)",
        "integer_array": "the array holds integers, which cut off what stands behind the point",
        "object_array": "the array holds objects that are no numbers of numpy's",
        "not_numbers": "these are not real numbers, so the answer is left out",
        "ragged": "the rows have different lengths, so the answer is left out",
        "empty": "the array is empty, so the answer is left out",
        "too_many_axes": "the array has more than four axes, so the answer is left out",
    }
)
"""What can be odd about a program, by code; none of it changes the grade by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why there are no answers.

    Args:
        kind: one of the stable words.
        message: for the student, one line.
        line: of the student's file, or of the cell, where it is known.
        file: the path of that, where several files are handed in.
        cell: which one of a notebook's cells of code, from 1.
        script_line: of the exercise's script, where there is one.
        names: of the parts that are not answered because of it; empty: of all without an answer.
        is_of_loading: whether the file could not be loaded at all.
    """

    kind: FailureKind
    message: str
    line: int | None = None
    file: str | None = None
    cell: int | None = None
    script_line: int | None = None
    names: tuple[str, ...] = ()
    is_of_loading: bool = False

    @property
    def places(self) -> str:
        """Where it is, in words, as far as that is known.

        >>> Failure(kind="exception", message="", line=2, cell=3, script_line=1).places
        'line 2 of cell 3; line 1 of the script'
        """
        theirs = (("line {}", self.line), ("cell {}", self.cell), ("{}", self.file))
        place = " of ".join(text.format(each) for text, each in theirs if each is not None)
        script = None if self.script_line is None else f"line {self.script_line} of the script"
        return "; ".join(filter(None, (place, script)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something odd about a program that may be right all the same.

    Args:
        code: one of `FINDINGS`.
        name: of the quantity that it is about, or empty.
    """

    code: str
    name: str = ""

    @property
    def message(self) -> str:
        """What it means, for the student."""
        return FINDINGS[self.code]


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One run of a student's program on one variant.

    Args:
        exercise: the variant.
        answers: nested floats by the names of parts; what was answered before a failure too.
        failures: why there are no more answers, in the order in which they came.
        findings: what is odd about the program; the first variant's tell of repeated runs too.
        stdout: what it printed, cut to the limit.
        stderr: likewise; what the module prints while it is imported belongs to the first variant.
        is_confined: whether it ran in a sandbox.
        notes: what else is to be said of how it ran, for whoever wrote it.
    """

    exercise: Exercise
    answers: Mapping[str, Any]
    failures: tuple[Failure, ...]
    findings: tuple[Finding, ...]
    stdout: str
    stderr: str
    is_confined: bool
    notes: tuple[str, ...] = ()

    @property
    def failure(self) -> Failure | None:
        """The first failure, which is the cause that is told; None where there is none."""
        return self.failures[0] if self.failures else None

    def failure_of(self, part: str) -> Failure | None:
        """Return why a part has no answer; None where it has one, or nothing failed."""
        if part in self.answers:
            return None
        of_part = (each for each in self.failures if not each.names or part in each.names)
        return next(of_part, None)
