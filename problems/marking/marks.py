"""Marks of the parts of a submission, and the verdict that they add up to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from gradgrade.oracle.nested import Shape, build
from gradgrade.problems.documents.exercise import AskedQuantity, Exercise
from gradgrade.problems.documents.points import as_score, hundredths, hundredths_of
from gradgrade.problems.documents.verdict import (
    EntryCode,
    MatchedMisconception,
    Note,
    Outcome,
    PartOutcome,
    PartVerdict,
    Verdict,
)

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too

OUTCOMES: Mapping[Note, PartOutcome] = MappingProxyType(
    {
        "correct": "correct",
        "missing": "missing",
        "wrong_shape": "invalid",
        "not_finite": "invalid",
        "not_judged": "not_judged",
        "wrong_entries": "incorrect",
        "rounded_early": "incorrect",
        "rounded_at_the_end": "incorrect",
        "single_precision": "incorrect",
        "carried_forward": "carried_forward",
    }
)

FEEDBACK: Mapping[Note, str] = MappingProxyType(
    {
        "correct": "Right.",
        "missing": "Not answered.",
        "not_finite": "An entry is not a finite number.",
        "not_judged": "Not judged: another part is malformed.",
        "rounded_early": "Rounded too early: keep more digits on the way.",
        "rounded_at_the_end": "Right, but with too few digits: write more of them down.",
        "single_precision": (
            "Right, but computed in float32, whose numbers have 24 bits and not 53: "
            "compute in float64, such as with x.astype(np.float64)."
        ),
        "carried_forward": "Wrong, but rightly derived from your earlier answers.",
    }
)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What is found of one part.

    Args:
        part: which.
        note: how it fared.
        found: the shape of an answer that has another than was asked.
        answer: the entries of a well-formed answer, in the order of the document.
        is_right: which of them are accepted.
        codes: a code for each.
        misconceptions: what explains those that are wrong.
        hint: what the student is told besides.
    """

    part: AskedQuantity
    note: Note
    found: Shape = ()
    answer: Array = None
    is_right: Array = None
    codes: Sequence[EntryCode] = ()
    misconceptions: Sequence[MatchedMisconception] = field(default=())
    hint: str = ""

    @property
    def outcome(self) -> PartOutcome:
        """The outcome that the note stands for."""
        return OUTCOMES[self.note]

    @property
    def is_wrong(self) -> bool:
        """Whether the answer is well-formed, and wrong."""
        return self.is_right is not None and not self.is_right.all()

    @property
    def unjudged(self) -> "Mark":
        """The mark without what it tells of a well-formed answer."""
        return self if self.is_right is None else Mark(part=self.part, note="not_judged")

    def verdict(self, share: Fraction) -> PartVerdict:
        """Return the part's verdict, a carried-forward answer being paid this share."""
        points = hundredths(self.part.points)
        paid = int(points * share) if self.outcome == "carried_forward" else points
        is_paid = self.outcome in ("correct", "carried_forward")
        codes = self.codes or ["ok"] * (0 if self.is_right is None else self.is_right.size)
        return PartVerdict(
            name=self.part.name,
            outcome=self.outcome,
            score=as_score(paid if is_paid else 0),
            max_score=as_score(points),
            entries=build(list(codes), tuple(self.part.shape)) if codes else None,
            note=self.note,
            feedback=" ".join(filter(None, (self._feedback, self.hint))),
            misconceptions=list(self.misconceptions),
        )

    @property
    def _feedback(self) -> str:
        if self.note == "wrong_shape":
            return _of_shape(self.found, tuple(self.part.shape))
        if self.note == "wrong_entries":
            wrong, size = int((~self.is_right).sum()), self.is_right.size
            if size == 1:
                return "Wrong."
            return f"{wrong} of {size} entries {'is' if wrong == 1 else 'are'} wrong."
        return FEEDBACK[self.note]


def _of_shape(found: Shape, asked: Shape) -> str:
    """Return what is said of an answer of another shape than was asked; no shape is a number's.

    >>> _of_shape((1,), ()), _of_shape((), (1,))
    ('The shape is [1]; it must be a number alone, without brackets.',
    'It is a number alone, without brackets; its shape must be [1].')
    """
    if not asked:
        return f"The shape is {list(found)}; it must be a number alone, without brackets."
    if not found:
        return f"It is a number alone, without brackets; its shape must be {list(asked)}."
    return f"The shape is {list(found)}; it must be {list(asked)}."


def add_up(
    exercise: Exercise, marks: Sequence[Mark], *, grader: str, part_by_part: bool = False
) -> Verdict:
    """Add marks up to a verdict.

    Args:
        exercise: what was asked.
        marks: of its parts, in their order.
        grader: the version of the marking.
        part_by_part: whether an invalid part costs itself alone; else it leaves the whole invalid,
            without points.
    """
    share = Fraction(exercise.carried_forward.decimal())
    parts = [mark.verdict(share) for mark in marks]
    outcome = _overall((part.outcome for part in parts), part_by_part=part_by_part)
    total = sum(hundredths_of(part.score) for part in parts) if outcome != "invalid" else 0
    return Verdict(
        schema_="gradgrade/verdict/1",
        exercise=exercise.id,
        grader=grader,
        outcome=outcome,
        score=as_score(total),
        max_score=as_score(sum(hundredths(part.points) for part in exercise.ask)),
        first_error=_first_error(exercise, marks),
        parts=parts,
    )


def _overall(of_parts: Iterable[PartOutcome], *, part_by_part: bool) -> Outcome:
    """Return the outcome of the whole, by those of its parts; see `add_up`.

    >>> _overall(["correct", "invalid"], part_by_part=True)
    'partial'
    >>> _overall(["correct", "invalid"], part_by_part=False)
    'invalid'
    """
    outcomes = set(of_parts)
    if "invalid" in outcomes and not part_by_part:
        return "invalid"
    if outcomes == {"correct"}:
        return "correct"
    return "partial" if outcomes & {"correct", "carried_forward"} else "incorrect"


def _first_error(exercise: Exercise, marks: Sequence[Mark]) -> str | None:
    """Return the wrong part that comes first in the derivation: what it reads is not wrong."""
    wrong = {
        mark.part.name
        for mark in marks
        if mark.outcome in ("incorrect", "invalid", "carried_forward")
    }
    if not wrong:
        return None
    derivation = exercise.derivation()
    order = {step.quantity: at for at, step in enumerate(derivation.steps)}
    found = {name: quantity for name in wrong if (quantity := derivation.find(name)) is not None}
    return min(found, key=lambda name: order[found[name]], default=None)
