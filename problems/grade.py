"""Grading: each part by exact shape, then finiteness, then every entry against its band.

A part is judged against the reference's shape, never the submission's, and passes only where
`error <= band` holds, so that nothing broadcasts and no NaN slips through.
"""

from collections.abc import Mapping
from functools import cached_property
from math import isfinite
from types import MappingProxyType
from typing import Any

from oracle.nested import build, flatten, shape_of
from oracle.tolerance import accepts
from problems.documents.answers import Answers
from problems.documents.exercise import AskedQuantity, Exercise
from problems.documents.verdict import Note, Outcome, PartOutcome, PartVerdict, Verdict
from problems.errors import DocumentError
from problems.points import as_score, hundredths
from problems.solve import Solution, solve

GRADER = "1"
"""The version of the marking: raised whenever the same answers would get another verdict."""

FEEDBACK: Mapping[Note, str] = MappingProxyType(
    {
        "correct": "Right.",
        "missing": "Not answered.",
        "not_finite": "An entry is not a finite number.",
    }
)


class Grader:
    """Grades answers to one exercise; its solution is worked out once."""

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise

    @cached_property
    def solution(self) -> Solution:
        """The exercise's solution."""
        return solve(self.exercise)

    def grade(self, answers: Answers | Mapping[str, Any]) -> Verdict:
        """Return the verdict on answers; see `grade`."""
        submitted = self._submitted(Answers.of(answers))
        solution = self.solution
        parts = [_part(part, submitted.get(part.name), solution) for part in self.exercise.ask]
        outcome = _overall(parts)
        right = {part.name for part in parts if part.outcome == "correct"}
        points = {part.name: hundredths(part.points) for part in self.exercise.ask}
        total = sum(points[name] for name in right) if outcome != "invalid" else 0
        first_error = next((part.name for part in parts if part.outcome in _WRONG), None)
        return Verdict(
            schema_="gradgrade/verdict/1",
            exercise=self.exercise.id,
            grader=GRADER,
            outcome=outcome,
            score=as_score(total),
            max_score=as_score(sum(points.values())),
            first_error=first_error,
            parts=parts,
        )

    def _submitted(self, answers: Answers) -> dict[str, Any]:
        """Return the answers by the names of the parts, or refuse them whole."""
        if answers.exercise is not None and answers.exercise != self.exercise.id:
            raise DocumentError(
                f"answers: they are to exercise {answers.exercise!r}, not {self.exercise.id!r}"
            )
        derivation = self.exercise.derivation()
        asked = {derivation.find(part.name): part.name for part in self.exercise.ask}
        submitted = {}
        for text, value in answers.answers.items():
            quantity = derivation.find(text)
            if quantity not in asked:
                known = ", ".join(asked.values())
                raise DocumentError(f"answers: {text!r} is not asked; asked are {known}")
            if asked[quantity] in submitted:
                raise DocumentError(f"answers: {asked[quantity]!r} is answered twice")
            submitted[asked[quantity]] = value
        return submitted


_WRONG = ("incorrect", "invalid", "carried_forward")


def _part(part: AskedQuantity, value: Any, solution: Solution) -> PartVerdict:
    shape = tuple(part.shape)
    if value is None:
        return _part_verdict(part, "missing", "missing")
    if shape_of(value) != shape:
        found, needed = list(shape_of(value)), part.shape
        feedback = f"The shape is {found}; it must be {needed}."
        return _part_verdict(part, "invalid", "wrong_shape", feedback=feedback)
    numbers = list(flatten(value))
    if not all(map(isfinite, numbers)):
        return _part_verdict(part, "invalid", "not_finite")
    rule, expected = part.tolerance.rule(), solution[part.name].entries
    codes = [
        "ok" if accepts(rule, expected=entry, submitted=number) else "wrong"
        for entry, number in zip(expected, numbers, strict=True)
    ]
    entries = build(codes, shape)
    wrong = codes.count("wrong")
    if not wrong:
        return _part_verdict(part, "correct", "correct", entries=entries)
    feedback = "Wrong." if not shape else f"{wrong} of {len(codes)} entries are wrong."
    return _part_verdict(part, "incorrect", "wrong_entries", entries=entries, feedback=feedback)


def _part_verdict(
    part: AskedQuantity,
    outcome: PartOutcome,
    note: Note,
    *,
    entries: Any = None,
    feedback: str | None = None,
) -> PartVerdict:
    earned = hundredths(part.points) if outcome == "correct" else 0
    return PartVerdict(
        name=part.name,
        outcome=outcome,
        score=as_score(earned),
        max_score=as_score(hundredths(part.points)),
        entries=entries,
        note=note,
        feedback=feedback or FEEDBACK[note],
    )


def _overall(parts: list[PartVerdict]) -> Outcome:
    outcomes = {part.outcome for part in parts}
    if "invalid" in outcomes:
        return "invalid"
    if outcomes == {"correct"}:
        return "correct"
    return "partial" if outcomes & {"correct", "carried_forward"} else "incorrect"


def grade(exercise: Exercise, answers: Answers | Mapping[str, Any]) -> Verdict:
    """Grade answers to an exercise.

    Args:
        exercise: what was asked.
        answers: an answers document, or a map from names to nested lists or numpy arrays, shapes
            as the exercise states them.

    Returns:
        The verdict. A wrong shape, or an entry that is not finite, makes its part and the whole
        `invalid`, with no points.

    Raises:
        DocumentError: the answers are refused whole: no numbers, ragged, a name that is not asked,
            another exercise's id.
        OracleError: the exercise has no solution.

    >>> from problems import generate
    >>> from problems.catalogue import load
    >>> exercise = generate(load("seeds"), "002-tanh-chain", student="1", secret=b"0")
    >>> verdict = grade(exercise, {"loss": [0.5]})
    >>> verdict.outcome, verdict.parts[2].note
    ('invalid', 'wrong_shape')
    """
    return Grader(exercise).grade(answers)
