"""The rules of an exercise: which gates hold for it, and what is told where one does not.

They belong to what the gates look at, whatever it is called and however many points it is worth:
two exercises of one structure have the same, for all students. A server keeps them beside its set,
so that what is issued depends on the memory of no process.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Literal, Protocol, TypeVar

import numpy
from pydantic import Field, ValidationError

from gradgrade.problems.documents.base import Model
from gradgrade.problems.documents.faults import faults as faults_of
from gradgrade.problems.errors import DocumentError
from gradgrade.problems.gates import GATES
from gradgrade.problems.gates.base import Array, Candidates, Gate
from gradgrade.problems.gates.misconceptions import MISCONCEPTION
from gradgrade.problems.misconceptions import MISCONCEPTIONS
from gradgrade.problems.walks.stacked import Assessment

RULES = "5"
"""The version of the rules: raised whenever the same exercise would be given others."""

BYTES_OF_FINDING = 1_000

Kind = Literal[
    "given",
    "structural",
    "zero_entries",
    "moving_zeros",
    "identical",
    "unasked",
    "hidden",
    "rare",
]

_ALL_BUT_MISTAKES = tuple(gate for gate in GATES if gate is not MISCONCEPTION)
"""Mistakes take longer to look for than all else; they are looked for in draws without a fault."""

OF_ZEROS = frozenset({"zero_entries", "moving_zeros"})
"""Kinds that tell of some entries; the others of the part are gated."""

TEXTS: Mapping[Kind, str] = MappingProxyType(
    {
        "zero_entries": "entries that are 0 in every variant, which is proven in each: they tell "
        "nobody right from wrong, and what rounding leaves of them is accepted",
        "moving_zeros": "an entry that is 0 in every variant, though not the same one in all, "
        "which is proven in each: it tells nobody right from wrong",
        "identical": "comes to the right answers in this exercise",
        "unasked": "changes nothing that is asked, so it is no mistake here",
        "hidden": "no draw shows it beyond the tolerance",
        "rare": "too few draws show it beyond the tolerance for every variant to",
    }
)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What an instructor should know of an exercise, since no gate holds against it.

    Args:
        gate: the gate's code.
        subject: the part, or the misconception's code with its place.
        kind: `given`: so in the given numbers. `structural`: so in every draw. `zero_entries`: the
            part has entries that are 0 in every draw; the others are gated. `moving_zeros`: it has
            such an entry in every draw, now here, now there. `rare`: too few draws
            pass for every variant to have to; see `gradgrade.problems.gates.probing`. Of
            misconceptions besides, `identical`: it comes to the right answers; `unasked`: it
            changes nothing that is asked; `hidden`: no draw shows it within its band.
        share: of the draws, how many are at fault.
        text: what is the case.
        advice: what would change it.
    """

    gate: str
    subject: str
    kind: Kind
    share: float
    text: str
    advice: str


def finding(gate: str, subject: str, kind: Kind, share: float) -> Finding:
    """Return a finding in the words of its gate, or of its misconception.

    Raises:
        ValueError: there is no such gate or misconception.

    >>> finding("passed_by_zeros", "db1", "structural", 1.0).text
    'zeros would pass for a whole part'
    """
    found = _named(GATES, gate)
    if found is MISCONCEPTION:
        misconception = _named(MISCONCEPTIONS, subject.partition(" ")[0])
        text = TEXTS[kind]
        advice = misconception.exposure if kind == "identical" else found.advice
        if kind == "unasked":
            advice = "nothing need be: no answer shows it"
    elif kind == "rare":
        text = f"{found.meaning}: too few draws are free of it for every variant to be"
        advice = found.advice
    else:
        text = TEXTS.get(kind, found.meaning)
        advice = found.advice if kind == "given" else found.structural_advice
    return Finding(gate=gate, subject=subject, kind=kind, share=share, text=text, advice=advice)


@dataclass(frozen=True)
class Rules:
    """Which faults count in an exercise: those of all gates, but for what is told instead.

    Args:
        zeros: by name, which entries of a quantity's matrix are 0 in every variant.
        findings: what is not gated, and why.
    """

    zeros: Mapping[str, Array] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @cached_property
    def told(self) -> frozenset[tuple[str, str]]:
        """What is told and does not count, by gate and subject."""
        return frozenset(
            (each.gate, each.subject) for each in self.findings if each.kind not in OF_ZEROS
        )

    @cached_property
    def moving(self) -> frozenset[str]:
        """The names of what has zeros that move."""
        return frozenset(each.subject for each in self.findings if each.kind == "moving_zeros")

    @property
    def bytes_kept(self) -> int:
        """How many bytes they take, about."""
        zeros: int = sum(each.nbytes for each in self.zeros.values())
        return BYTES_OF_FINDING * (1 + len(self.findings)) + zeros

    def candidates(self, assessment: Assessment) -> Candidates:
        """Return variants as the gates look at them."""
        return Candidates(assessment, self.zeros, self.moving, self.told)

    def reasons(self, assessment: Assessment) -> list[str | None]:
        """Return for each variant why it is rejected, or None.

        A reason is a gate's code; that of a misconception has the misconception's code after it.
        """
        candidates = self.candidates(assessment)
        reasons = self._first_faults(candidates, _ALL_BUT_MISTAKES)
        left = [index for index, each in enumerate(reasons) if each is None]
        if left and len(left) < len(reasons):
            candidates = self.candidates(assessment.chosen(left))
        if left:
            for index, each in zip(
                left, self._first_faults(candidates, (MISCONCEPTION,)), strict=True
            ):
                reasons[index] = each
        return reasons

    def _first_faults(self, candidates: Candidates, gates: Iterable[Gate]) -> list[str | None]:
        """Return for each candidate the first gate's fault that counts, or None."""
        reasons: list[str | None] = [None] * len(candidates)
        for gate in gates:
            for subject, faults in gate.faults(candidates).items():
                if (gate.code, subject) in self.told:
                    continue
                for index in numpy.flatnonzero(faults.any(axis=-1)):
                    reasons[index] = reasons[index] or reason(gate, subject)
            if all(reasons):
                break
        return reasons

    def to_json(self) -> str:
        """Write the rules; `read_rules` reads the same."""
        return _Document(
            rules=RULES,
            zeros={name: _runs(entries) for name, entries in self.zeros.items()},
            findings=[(each.gate, each.subject, each.kind, each.share) for each in self.findings],
        ).model_dump_json()


def read_rules(text: str) -> Rules | None:
    """Read rules that were written here; None where another version wrote them.

    Raises:
        DocumentError: they are none; the message says why.
    """
    try:
        if _Version.model_validate_json(text).rules != RULES:
            return None
        document = _Document.model_validate_json(text)
        return Rules(
            zeros={name: _entries(runs) for name, runs in document.zeros.items()},
            findings=tuple(finding(*each) for each in document.findings),
        )
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise DocumentError("rules", faults_of(_Document, found, None)) from None
    except ValueError as error:
        raise DocumentError(f"rules: {error}") from None


def reason(gate: Gate, subject: str) -> str:
    """Return what a rejection is counted under.

    >>> from gradgrade.problems.gates.kink import KINK
    >>> reason(KINK, "delta1"), reason(MISCONCEPTION, "residual_sign in layer 2")
    ('kink', 'misconception:residual_sign')
    """
    return f"{gate.code}:{subject.partition(' ')[0]}" if gate is MISCONCEPTION else gate.code


# The document


_Whole = Annotated[int, Field(ge=0)]


class _Runs(Model):
    """Which entries of a matrix, counted row by row: from each start to before each stop."""

    shape: tuple[_Whole, _Whole]
    runs: list[tuple[_Whole, _Whole]]


class _Version(Model):
    model_config = Model.model_config | {"extra": "ignore"}

    rules: str


class _Document(Model):
    rules: str
    zeros: dict[str, _Runs]
    findings: list[tuple[str, str, Kind, Annotated[float, Field(ge=0, le=1)]]]


def _runs(entries: Array) -> _Runs:
    changes = numpy.diff(entries.ravel(), prepend=False, append=False)
    starts_and_stops = numpy.flatnonzero(changes).reshape(-1, 2).tolist()
    return _Runs(shape=entries.shape, runs=[(start, stop) for start, stop in starts_and_stops])


def _entries(runs: _Runs) -> Array:
    rows, columns = runs.shape
    entries = numpy.zeros(rows * columns, dtype=bool)
    reached = 0
    for start, stop in runs.runs:
        if not reached <= start < stop <= entries.size:
            raise ValueError(f"zeros: {[start, stop]} is no run of {rows} by {columns} entries")
        entries[start:stop] = True
        reached = stop
    return entries.reshape(rows, columns)


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


_AnyCoded = TypeVar("_AnyCoded", bound=_Coded)


def _named(known: Iterable[_AnyCoded], code: str) -> _AnyCoded:
    for each in known:
        if each.code == code:
            return each
    raise ValueError(f"{code!r} is no gate or misconception")
