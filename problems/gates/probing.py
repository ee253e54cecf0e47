"""Finding the rules of an exercise: what no draw of it can be free of is told and not gated.

That is found by trying, on draws that depend on nothing but what the gates look at, so that the
same rules hold for all students and for whatever has the same structure. A part that is 0, 1 or a
given in every draw is proven to be so on two of them. A misconception that most draws tell apart is
told apart by every variant; what they hide, or show too rarely, is listed with its share.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from operator import attrgetter

import numpy

from gradgrade.oracle.bounded_cache import MEBIBYTE, kept_within
from gradgrade.oracle.errors import OracleError
from gradgrade.oracle.nested import flatten
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.gates import GATES
from gradgrade.problems.gates.base import Array, Candidates, Gate
from gradgrade.problems.gates.kink import KINK
from gradgrade.problems.gates.misconceptions import MISCONCEPTION, bands_missed
from gradgrade.problems.gates.rules import Finding, Kind, Rules, finding
from gradgrade.problems.misconceptions import Mistake, mistakes
from gradgrade.problems.solve import Solution, solve
from gradgrade.problems.templates.streams import Stream, keyed_digest
from gradgrade.problems.templates.template import Template
from gradgrade.problems.walks.stacked import assess

PROBES = 64
LEAST_PROBES = 8
MOST_PROBED_ENTRIES = 1_000_000
"""Large networks are probed less often: so many entries of quantities in all."""

LEAST_SHARE = 1 / 2
"""A misconception is gated where more than this share of the draws that pass the other gates expose
it: what most draws tell apart, every variant does."""

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
    decided = replace(decided, zeros=_zeros(decided))
    structural = tuple(_structural(decided))
    told = Rules(findings=structural).told
    others = (gate for gate in GATES if gate is not MISCONCEPTION)
    passing = ~numpy.any([_faulty(gate, decided, told) for gate in others], axis=0)
    survivors = _chosen(decided, passing) if passing.sum() >= LEAST_PROBES else decided
    return Rules(decided.zeros, (*structural, *_unexposed(survivors)))


def _probes(template: Template) -> list[Exercise]:
    key = keyed_digest(b"probe", template.structure)
    count = min(max(MOST_PROBED_ENTRIES // template.size, LEAST_PROBES), PROBES)
    streams = (Stream(key, attempt) for attempt in range(count if template.is_drawn else 1))
    return [template.exercise(key, template.draw(stream)) for stream in streams]


def _chosen(candidates: Candidates, chosen: Array) -> Candidates:
    exercises = candidates.assessment.exercises
    picked = [each for each, is_chosen in zip(exercises, chosen, strict=True) if is_chosen]
    return replace(candidates, assessment=assess(picked))


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


def _zeros(decided: Candidates) -> dict[str, Array]:
    """Return the entries that are 0 in every draw, though not computed without rounding."""
    suspects = {}
    for step in decided.assessment.needed.steps:
        estimate = decided.assessment.estimates[step.name]
        is_lost = numpy.abs(estimate.value) <= decided.honest(step.name)
        # One draw or another may come to 0 without rounding, since its numbers happen to be even.
        is_rounded = _in_any(estimate.error > 0)
        suspected = ~_in_any(~is_lost) & is_rounded
        if suspected.any() and str(step.name) in decided.derivation.results:
            suspects[step.quantity] = suspected
    if not suspects:
        return {}
    solutions = _proven(decided)
    convention = decided.assessment.exercise.convention
    zeros = {}
    for quantity, suspected in suspects.items():
        name = str(quantity.name)
        for solution in solutions:
            rows = quantity.to_rows(flatten(solution[name].float64), convention)
            suspected = suspected & (numpy.array(rows) == 0)
        zeros[name] = suspected
    return zeros if solutions else {}


def _in_any(entries: Array) -> Array:
    """Tell which entries of a matrix are true in any draw."""
    return entries.reshape(-1, *entries.shape[-2:]).any(axis=0)


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
            yield finding(gate.code, subject, "structural", 1.0)


def _proven(decided: Candidates) -> tuple[Solution, ...]:
    """Return the proven values of two draws; nothing where a proof fails."""
    exercises = decided.assessment.exercises
    try:
        return tuple(solve(each) for each in (exercises[0], exercises[-1]))
    except OracleError:
        return ()


def _unexposed(survivors: Candidates) -> Iterator[Finding]:
    """Yield the misconceptions that draws expose too rarely to be gated."""
    made = mistakes(survivors.derivation)
    if not made:
        return
    exposed = numpy.array([bands_missed(survivors, each) >= survivors.margin for each in made])
    is_gated = gated(exposed)
    for at, mistake in enumerate(made):
        if not is_gated[at]:
            yield _hidden(survivors, mistake, 1 - exposed[at].mean())


def gated(exposed: Array) -> Array:
    """Return which mistakes every variant has to expose: those that most draws do.

    Args:
        exposed: which draws expose each, (mistakes, draws).

    >>> gated(numpy.array([[True, True, False], [True, False, False]])).tolist()
    [True, False]
    """
    together = numpy.ones(exposed.shape[-1], dtype=bool)
    is_gated = numpy.zeros(len(exposed), dtype=bool)
    for at in numpy.argsort(-exposed.sum(axis=-1), kind="stable"):
        remaining = together & exposed[at]
        if exposed[at].mean() > LEAST_SHARE and remaining.mean() >= LEAST_TOGETHER:
            together, is_gated[at] = remaining, True
    return is_gated


def _honest(candidates: Candidates) -> dict[str, Array]:
    """Return how far apart two honest computations of the parts may lie."""
    return {
        name: 2 * candidates.entries(quantity, candidates.honest(quantity.name))
        for name, quantity in candidates.quantities.items()
    }


def _hidden(candidates: Candidates, mistake: Mistake, hidden: float) -> Finding:
    """Return the finding of a mistake that so large a share of the draws hides."""
    computed = replace(candidates, tolerated=_honest(candidates))
    is_identical = (bands_missed(computed, mistake) <= 1).all()
    kind: Kind = "identical" if is_identical else "hidden" if hidden == 1 else "rare"
    return finding(MISCONCEPTION.code, mistake.subject, kind, round(float(hidden), 4))
