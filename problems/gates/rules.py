"""Which gates hold for an exercise: what no draw of it can be free of is told and not gated.

That is found by trying, on draws that depend on the exercise's definition alone, so that the same
rules hold for all students. A part that is 0, 1 or a given in every draw is proven to be so on two
of them. A misconception that the draws do not expose, or too rarely, is listed with its share.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

import numpy

from gradgrade.oracle.accuracy.honest_bands import CONSTANT
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.errors import OracleError
from gradgrade.oracle.nested import flatten
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.gates import GATES
from gradgrade.problems.gates.base import Array, Candidates, Gate
from gradgrade.problems.gates.kink import KINK
from gradgrade.problems.gates.misconceptions import MISCONCEPTION, bands_missed, by_code
from gradgrade.problems.misconceptions import Mistake
from gradgrade.problems.solve import Solution, solve
from gradgrade.problems.templates.streams import Stream, keyed_digest
from gradgrade.problems.templates.template import Template
from gradgrade.problems.walks.stacked import Assessment, assess

PROBES = 64
LEAST_PROBES = 8
MOST_PROBED_ENTRIES = 1_000_000
"""Large networks are probed less often: so many entries of quantities in all."""

LEAST_SHARE = 0.05
"""A misconception is gated where so many draws expose it, alone and with all that are gated before
it: the others would have students' variants rejected more than nineteen times in twenty."""

Exempt = Mapping[tuple[str, str], Array]
"""By gate and subject, of which of its entries a fault does not count."""

NONE: Exempt = MappingProxyType({})
ALL = numpy.True_

Kind = Literal["given", "structural", "identical", "hidden", "rare"]

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "identical": "comes to the right answers in this exercise",
        "hidden": "no draw shows it beyond the tolerance",
        "rare": "few draws show it beyond the tolerance",
    }
)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What an instructor should know of an exercise, since no gate holds against it.

    Args:
        gate: the gate's code.
        subject: the part, or the misconception's code with its place.
        kind: `given`: so in the given numbers. `structural`: so in every draw. Of misconceptions,
            `identical`: it comes to the right answers. `hidden`: no draw shows it within its band.
            `rare`: too few do.
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


@dataclass(frozen=True)
class Rules:
    """Which faults count in an exercise.

    Args:
        zeros: what is 0 in every variant.
        exempt: which faults do not count.
        findings: what is not gated, and why.
    """

    zeros: Mapping[Name, Array] = field(default_factory=dict)
    exempt: Exempt = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def reasons(self, assessment: Assessment) -> list[str | None]:
        """Return for each variant why it is rejected, or None.

        A reason is a gate's code; that of a misconception has the misconception's code after it.
        """
        candidates = Candidates(assessment, self.zeros)
        reasons: list[str | None] = [None] * len(candidates)
        for gate in GATES:
            for subject, faults in gate.faults(candidates).items():
                counted = faults & ~self.exempt.get((gate.code, subject), numpy.False_)
                for index in numpy.flatnonzero(counted.any(axis=-1)):
                    reasons[index] = reasons[index] or reason(gate, subject)
            if all(reasons):
                break
        return reasons

    def accuracy_lost(self, assessment: Assessment) -> list[tuple[float, float]]:
        """Return for each variant the largest and the median u·S/|value| of its parts' entries.

        An entry that is 0 loses nothing.
        """
        candidates = Candidates(assessment, self.zeros)
        shares = []
        for name, quantity in candidates.quantities.items():
            value = numpy.abs(candidates.values[name])
            error = candidates.entries(quantity, candidates.honest(quantity.name)) / CONSTANT
            is_zero = (value == 0) | candidates.known_zeros(name)
            shares.append(numpy.where(is_zero, 0.0, error / numpy.where(is_zero, 1.0, value)))
        lost = numpy.concatenate(shares, axis=-1)
        return list(zip(lost.max(-1).tolist(), numpy.median(lost, -1).tolist(), strict=True))


def reason(gate: Gate, subject: str) -> str:
    """Return what a rejection is counted under.

    >>> reason(KINK, "delta1"), reason(MISCONCEPTION, "residual_sign")
    ('kink', 'misconception:residual_sign')
    """
    return f"{gate.code}:{subject}" if gate is MISCONCEPTION else gate.code


@lru_cache(maxsize=64)
def rules(template: Template) -> Rules:
    """Return the rules of an exercise, the same for all students and whoever asks."""
    probes = Candidates(assess(_probes(template)))
    if not template.is_drawn:
        return Rules(findings=tuple(_of_given(probes)))
    is_decided = ~_faulty(KINK, probes)
    if not is_decided.any():
        return Rules()
    decided = _chosen(probes, is_decided)
    decided = replace(decided, zeros=_zeros(decided))
    structural = tuple(_structural(decided))
    known = Rules(decided.zeros, {(each.gate, each.subject): ALL for each in structural})
    others = (gate for gate in GATES if gate is not MISCONCEPTION)
    passing = ~numpy.any([_faulty(gate, decided, known.exempt) for gate in others], axis=0)
    survivors = _chosen(decided, passing) if passing.sum() >= LEAST_PROBES else decided
    exempt, unexposed = _unexposed(survivors)
    return Rules(decided.zeros, {**known.exempt, **exempt}, (*structural, *unexposed))


def _probes(template: Template) -> list[Exercise]:
    key = keyed_digest(b"probe", template.problem_set.encode(), template.text.encode())
    count = min(max(MOST_PROBED_ENTRIES // template.size, LEAST_PROBES), PROBES)
    streams = (Stream(key, attempt) for attempt in range(count if template.is_drawn else 1))
    return [template.exercise(key, template.draw(stream)) for stream in streams]


def _chosen(candidates: Candidates, chosen: Array) -> Candidates:
    exercises = candidates.assessment.exercises
    picked = [each for each, is_chosen in zip(exercises, chosen, strict=True) if is_chosen]
    return replace(candidates, assessment=assess(picked))


def _faulty(gate: Gate, candidates: Candidates, exempt: Exempt = NONE) -> Array:
    """Return which candidates a gate rejects."""
    found = numpy.zeros(len(candidates), dtype=bool)
    for subject, faults in gate.faults(candidates).items():
        counted = faults & ~exempt.get((gate.code, subject), numpy.False_)
        found |= counted.any(axis=-1)
    return found


def _of_given(only: Candidates) -> Iterator[Finding]:
    """Yield what the gates find in an exercise whose numbers are all given."""
    for gate in GATES:
        for subject, faults in gate.faults(only).items():
            if gate is MISCONCEPTION:
                made = by_code(only.derivation)[subject]
                hidden = [made[index] for index in numpy.flatnonzero(faults[0])]
                yield from (_told(only, mistake, 1.0) for mistake in hidden)
            elif faults.any():
                yield Finding(
                    gate=gate.code,
                    subject=subject,
                    kind="given",
                    share=1.0,
                    text=gate.meaning,
                    advice=gate.advice,
                )


def _zeros(decided: Candidates) -> dict[Name, Array]:
    """Return the entries that are 0 in every draw, though not computed without rounding."""
    suspects = {}
    for step in decided.derivation.steps:
        estimate = decided.assessment.estimates[step.name]
        is_lost = (numpy.abs(estimate.value) <= decided.honest(step.name)) & (estimate.error > 0)
        suspected = is_lost.reshape(-1, *is_lost.shape[-2:]).all(axis=0)
        if suspected.any() and str(step.name) in decided.derivation.results:
            suspects[step.name] = suspected
    if not suspects:
        return {}
    solutions = _proven(decided)
    zeros = {}
    for name, suspected in suspects.items():
        quantity = decided.derivation.by_name[name].quantity
        convention = decided.assessment.exercise.convention
        for solution in solutions:
            rows = quantity.to_rows(flatten(solution[str(name)].float64), convention)
            suspected = suspected & (numpy.array(rows) == 0)
        zeros[name] = suspected
    return zeros if solutions else {}


def _structural(decided: Candidates) -> Iterator[Finding]:
    """Yield what is exactly so in every draw."""
    # Values are computed here: what is equal may differ by their rounding, beyond a narrow band.
    honest = _honest(decided)
    widened = {name: bands + honest[name] for name, bands in decided.bands.items()}
    suspects = [
        (gate, subject)
        for gate in GATES
        if gate.may_be_structural
        for subject, faults in gate.faults(replace(decided, tolerated=widened)).items()
        if faults.all()
    ]
    solutions = _proven(decided) if suspects else ()
    if not solutions:
        return
    # Proven values for the computed ones, and no band: what passes now is equal.
    proven = Candidates(
        assess([solution.exercise for solution in solutions]),
        answers={
            name: numpy.array([flatten(solution[name].float64) for solution in solutions])
            for name in decided.quantities
        },
        tolerated={name: numpy.array(0.0) for name in decided.quantities},
    )
    for gate, subject in suspects:
        if gate.faults(proven)[subject].all():
            yield Finding(
                gate=gate.code,
                subject=subject,
                kind="structural",
                share=1.0,
                text=gate.meaning,
                advice="leave the part out, or change the network",
            )


def _proven(decided: Candidates) -> tuple[Solution, ...]:
    """Return the proven values of two draws; nothing where a proof fails."""
    exercises = decided.assessment.exercises
    try:
        return tuple(solve(each) for each in (exercises[0], exercises[-1]))
    except OracleError:
        return ()


def _unexposed(survivors: Candidates) -> tuple[Exempt, list[Finding]]:
    """Return the misconceptions that draws expose too rarely to be gated."""
    exposed = {
        (code, index): bands_missed(survivors, mistake) >= survivors.margin
        for code, made in by_code(survivors.derivation).items()
        for index, mistake in enumerate(made)
    }
    often_first = sorted(exposed, key=lambda each: -exposed[each].sum())
    together = numpy.ones(len(survivors), dtype=bool)
    gated = set()
    for each in often_first:
        if (together & exposed[each]).mean() >= LEAST_SHARE:
            together &= exposed[each]
            gated.add(each)
    exempt, findings = {}, []
    for code, made in by_code(survivors.derivation).items():
        listed = [index for index in range(len(made)) if (code, index) not in gated]
        if listed:
            exempt[MISCONCEPTION.code, code] = numpy.isin(numpy.arange(len(made)), listed)
        findings += [
            _told(survivors, made[index], 1 - exposed[code, index].mean()) for index in listed
        ]
    return exempt, findings


def _honest(candidates: Candidates) -> dict[str, Array]:
    """Return how far apart two honest computations of the parts may lie."""
    return {
        name: 2 * candidates.entries(quantity, candidates.honest(quantity.name))
        for name, quantity in candidates.quantities.items()
    }


def _told(candidates: Candidates, mistake: Mistake, hidden: float) -> Finding:
    """Return the finding of a mistake that so large a share of the draws hides."""
    computed = replace(candidates, tolerated=_honest(candidates))
    is_identical = (bands_missed(computed, mistake) <= 1).all()
    misconception = mistake.misconception
    kind: Kind = "identical" if is_identical else "hidden" if hidden == 1 else "rare"
    return Finding(
        gate=MISCONCEPTION.code,
        subject=" ".join((misconception.code, mistake.place)).rstrip(),
        kind=kind,
        share=round(float(hidden), 4),
        text=TEXTS[kind],
        advice=misconception.exposure if kind == "identical" else MISCONCEPTION.advice,
    )
