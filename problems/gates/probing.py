"""Finding the rules of an exercise: what no draw of it can be free of is told and not gated.

That is found by trying, on draws that depend on nothing but what the gates look at, so that the
same rules hold for all students and for whatever has the same structure. A part that is 0, 1 or a
given in every draw is proven to be so on several. A misconception that most draws tell apart is
told apart by every variant; what they hide, or show too rarely, is listed with its share.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from operator import attrgetter

import numpy

from gradgrade.oracle.bounded_cache import MEBIBYTE, kept_within
from gradgrade.oracle.nested import flatten
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.gates import GATES
from gradgrade.problems.gates.base import Array, Candidates, Gate
from gradgrade.problems.gates.kink import KINK
from gradgrade.problems.gates.misconceptions import MISCONCEPTION, bands_missed, is_asked
from gradgrade.problems.gates.rules import Finding, Kind, Rules, finding
from gradgrade.problems.gates.within_band import WITHIN_BAND
from gradgrade.problems.gates.zeros import Proofs, find_moving_zeros, find_zeros, solutions_of
from gradgrade.problems.misconceptions import Mistake, mistakes
from gradgrade.problems.templates.streams import Stream, keyed_digest
from gradgrade.problems.templates.template import Template
from gradgrade.problems.walks.stacked import assess

PROBES = 64
LEAST_PROBES = 8
MOST_PROBED_ENTRIES = 1_000_000
"""Large networks are probed less often: so many entries of quantities in all."""

LEAST_SHARE = 1 / 2
"""A misconception is gated where more than this share of the draws that pass the other gates expose
it: what most draws tell apart, every variant does. A gradient that is dead likewise, after them."""

LEAST_TOGETHER = 1 / 3
"""And where so many expose it and all that are gated before it, which are those that more draws
expose. However many misconceptions there are, they reject no more than two draws in three."""

MOST_OF_RULES = 8 * MEBIBYTE
"""Of rules: those of several hundred exercises in turn."""

Told = Collection[tuple[str, str]]
"""Gates and subjects of which a fault does not count."""


@kept_within(MOST_OF_RULES, key=attrgetter("structure"))
def rules_of(template: Template) -> Rules:
    """Return the rules of an exercise, found once for each structure while they are kept."""
    return find_rules(template)


def find_rules(template: Template) -> Rules:
    """Find the rules of an exercise, the same whoever asks and whatever it is called."""
    probes = Candidates(assess(_probes(template)))
    if not template.is_drawn:
        return Rules(findings=tuple(_of_given(probes)))
    is_decided = ~_faulty(KINK, probes)
    if not is_decided.any():
        return Rules()
    decided = _chosen(probes, is_decided)
    proofs = cache(partial(solutions_of, decided))
    decided = replace(decided, zeros=find_zeros(decided, proofs))
    decided = replace(decided, moving=find_moving_zeros(decided, proofs))
    structural = tuple(_structural(decided, proofs))
    told = Rules(findings=structural).told
    others = (gate for gate in GATES if not gate.where_most_pass)
    passing = ~numpy.any([_faulty(gate, decided, told) for gate in others], axis=0)
    survivors = _chosen(decided, passing) if passing.sum() >= LEAST_PROBES else decided
    findings = (*_zero_entries(decided), *structural, *_too_rare(survivors))
    return Rules(decided.zeros, findings)


def probe_count(template: Template) -> int:
    """Return on how many draws an exercise is tried: fewer where they are large."""
    count = min(max(MOST_PROBED_ENTRIES // template.size, LEAST_PROBES), PROBES)
    return count if template.is_drawn else 1


def _probes(template: Template) -> list[Exercise]:
    key = keyed_digest(b"probe", template.structure)
    streams = (Stream(key, attempt) for attempt in range(probe_count(template)))
    return [template.exercise(key, template.draw(stream)) for stream in streams]


def _chosen(candidates: Candidates, chosen: Array) -> Candidates:
    places = numpy.flatnonzero(chosen).tolist()
    return replace(candidates, assessment=candidates.assessment.chosen(places))


def _faulty(gate: Gate, candidates: Candidates, told: Told = ()) -> Array:
    """Return which candidates a gate rejects."""
    found = numpy.zeros(len(candidates), dtype=bool)
    for subject, faults in gate.faults(candidates).items():
        if (gate.code, subject) not in told:
            found |= faults.any(axis=-1)
    return found


def _of_given(only: Candidates) -> Iterator[Finding]:
    """Yield what the gates find in an exercise whose numbers are all given."""
    made = {each.subject: each for each in mistakes(only.derivation)}
    for gate in GATES:
        for subject, faults in gate.faults(only).items():
            if not faults.any():
                continue
            if gate is MISCONCEPTION:
                yield _hidden(only, made[subject], 1.0)
            else:
                yield finding(gate.code, subject, "given", 1.0)


def _zero_entries(decided: Candidates) -> Iterator[Finding]:
    """Yield the parts of which entries are 0 in every draw, the same or others."""
    for name in decided.quantities:
        if decided.fixed_zeros(name).any():
            yield finding(WITHIN_BAND.code, name, "zero_entries", 1.0)
    for name in sorted(decided.moving):
        yield finding(WITHIN_BAND.code, name, "moving_zeros", 1.0)


def _structural(decided: Candidates, proofs: Proofs) -> Iterator[Finding]:
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
    solutions = proofs() if suspects else ()
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
            yield finding(gate.code, subject, "structural", 1.0)


def _too_rare(survivors: Candidates) -> Iterator[Finding]:
    """Yield what too few draws are free of for every variant to be: what a mistake hides first."""
    together = numpy.ones(len(survivors), dtype=bool)
    made = {each.subject: each for each in mistakes(survivors.derivation)}
    for gate in GATES:
        if not gate.where_most_pass:
            continue
        passing = {
            subject: ~faults.any(axis=-1) for subject, faults in gate.faults(survivors).items()
        }
        held = held_where_most_pass(passing, together)
        together = numpy.all([together, *(passing[subject] for subject in held)], axis=0)
        for subject, passes in passing.items():
            if subject in held:
                continue
            share = 1 - passes.mean()
            if gate is MISCONCEPTION:
                yield _hidden(survivors, made[subject], share)
            else:
                yield finding(gate.code, subject, "rare", round(float(share), 4))


def held_where_most_pass(passing: Mapping[str, Array], together: Array) -> set[str]:
    """Return the subjects for which every variant has to pass a gate: those where most draws do.

    Args:
        passing: which draws pass, by subject.
        together: the draws that pass all that is held already.

    >>> sign, mean = numpy.array([True, True, False]), numpy.array([True, False, False])
    >>> held_where_most_pass({"sign": sign, "mean": mean}, numpy.array([True, True, True]))
    {'sign'}
    """
    held = set()
    for subject, passes in sorted(passing.items(), key=lambda item: -item[1].sum()):
        remaining = together & passes
        if passes.mean() > LEAST_SHARE and remaining.mean() >= LEAST_TOGETHER:
            together = remaining
            held.add(subject)
    return held


def _honest(candidates: Candidates) -> dict[str, Array]:
    """Return how far apart two honest computations of the parts may lie."""
    return {
        name: 2 * candidates.entries(quantity, candidates.honest(quantity.name))
        for name, quantity in candidates.quantities.items()
    }


def _hidden(candidates: Candidates, mistake: Mistake, hidden: float) -> Finding:
    """Return the finding of a mistake that so large a share of the draws hides."""
    if not is_asked(candidates, mistake):
        return finding(MISCONCEPTION.code, mistake.subject, "unasked", round(float(hidden), 4))
    computed = replace(candidates, zeros={}, tolerated=_honest(candidates))
    is_identical = (bands_missed(computed, mistake, enough=2) <= 1).all()
    kind: Kind = "identical" if is_identical else "hidden" if hidden == 1 else "rare"
    return finding(MISCONCEPTION.code, mistake.subject, kind, round(float(hidden), 4))
