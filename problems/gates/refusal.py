"""Why no draw of an exercise can be issued, in one line: which parts, how often, and what helps.

Which parts are at fault, in what share of the draws, is told of the first draws that were tried.
Where an exercise is rounded or marked to so many digits, more digits are tried, and the least with
which some draws pass are named.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from types import MappingProxyType

import numpy

from gradgrade.oracle.programs.nodes.masking import masks_by_numbers
from gradgrade.oracle.programs.reading import read_program
from gradgrade.problems.documents.problem_set import ProgramDefinition
from gradgrade.problems.documents.strict_json import canonical
from gradgrade.problems.errors import DocumentError
from gradgrade.problems.gates import GATES
from gradgrade.problems.gates.base import Candidates
from gradgrade.problems.gates.probing import probe_count, rules_of
from gradgrade.problems.gates.rules import reason
from gradgrade.problems.templates.streams import Stream
from gradgrade.problems.templates.template import Template
from gradgrade.problems.walks.stacked import Assessment, assess

MORE_DIGITS = (1, 2)
"""How many more are tried: with two, each band is a hundredth as wide."""

MOST_NAMED = 3
"""Parts of a refusal: those at fault most often."""

NOT_CERTIFIED = "not_certified"
DUPLICATE = "duplicate"

WITHOUT_VALUE = (
    "draw from positive ranges: a logarithm, a root and a power that is not whole have no value of "
    "a negative number"
)

OF_STOPPING = (
    "a draw is at fault too whose training never stops: let until hold sooner, raise at_most, or "
    "the learning rate"
)

EXPLAINED = MappingProxyType(
    {gate.code: (gate.meaning, gate.advice) for gate in GATES}
    | {
        NOT_CERTIFIED: (
            "the values cannot be proven",
            "draw smaller numbers, or from ranges that no sum of products brings to a kink",
        ),
        DUPLICATE: (
            "another student has these numbers",
            "widen the ranges of `draw` or give fewer values: there are too few variants",
        ),
    }
)


def refusal(template: Template, key: bytes, rejected: Sequence[str], detail: str = "") -> str:
    """Return why none of a student's draws could be issued, and what would help.

    Args:
        template: of the exercise.
        key: what the draws were made from.
        rejected: why each was rejected.
        detail: what was said of the last one, where it could not be proven.
    """
    if len(rejected) == 1 and detail:
        return detail
    counts = Counter(rejected).most_common()
    often = counts[0][0]
    reasons = ", ".join(f"{each} ({count})" for each, count in counts)
    meaning, advice = EXPLAINED[often.partition(":")[0]]
    where = detail
    if often != NOT_CERTIFIED:
        candidates = rules_of(template).candidates(_first_draws(template, key))
        shares = _shares(template, candidates, often)
        where = _parts(shares)
        if shares and _has_no_value(candidates, shares[0][0]):
            advice = WITHOUT_VALUE
    for masking, instead in _masks_by_numbers(template):
        advice = f"what {masking} masks is tiny after softmax, 0 in code alone: write {instead}"
    if template.derivation.stops:
        advice = f"{OF_STOPPING}; {advice}"
    shown = f"{meaning}: {where}" if where else meaning
    told = f"all of {len(rejected)} draws were rejected: {reasons}. {often}: {shown}; {advice}"
    digits = next(_more_digits(template, key), None)
    return f"{told}. {digits}" if digits else told


def _masks_by_numbers(template: Template) -> Iterator[tuple[str, str]]:
    """Yield what of a program masks by a large number, which no draw helps, and what helps."""
    if isinstance(template.definition, ProgramDefinition):
        yield from masks_by_numbers(read_program(template.definition.program))


def _shares(template: Template, candidates: Candidates, often: str) -> list[tuple[str, float]]:
    """Return which parts are at fault in what share of the draws, those most often at fault first.

    There is none where no gate is the reason.
    """
    told = rules_of(template).told
    shares = {
        subject: faults.any(axis=-1).mean()
        for gate in GATES
        if gate.code == often.partition(":")[0]
        for subject, faults in gate.faults(candidates).items()
        if reason(gate, subject) == often and (gate.code, subject) not in told
    }
    return sorted(
        ((name, share) for name, share in shares.items() if share), key=lambda each: -each[1]
    )


def _parts(shares: Sequence[tuple[str, float]]) -> str:
    named = ", ".join(f"{name} in {share:.0%}" for name, share in shares[:MOST_NAMED])
    return f"{named} of the draws" if named else ""


def _has_no_value(candidates: Candidates, subject: str) -> bool:
    """Tell whether a step has no value in most draws, as the logarithm of a negative number has."""
    for name, estimate in candidates.assessment.estimates.items():
        if str(name) == subject:
            undefined = numpy.isnan(estimate.value).any(axis=(-2, -1))
            return bool(undefined.mean() > 1 / 2)
    return False


def _more_digits(template: Template, key: bytes) -> Iterator[str]:
    """Yield the numbers of digits, from the least, with which some draws could be issued."""
    for more in MORE_DIGITS:
        other = _with_more_digits(template, more)
        if other is None:
            continue
        assessment = _first_draws(other, key)
        issued = rules_of(other).reasons(assessment).count(None)
        if issued:
            stated = ", ".join(_digits(other))
            yield f"With {stated}, {issued} of {len(assessment.exercises)} draws could be issued"


def _first_draws(template: Template, key: bytes) -> Assessment:
    streams = (Stream(key, attempt) for attempt in range(probe_count(template)))
    return assess([template.exercise(key, template.draw(stream)) for stream in streams])


STATED_IN_DIGITS = ("rounding", "tolerance")


def _with_more_digits(template: Template, more: int) -> Template | None:
    """Return the template with more digits wherever they are counted; None where nowhere."""
    document = template.definition.model_dump(exclude_defaults=True)
    changed = False
    for field in STATED_IN_DIGITS:
        for kind in ("decimals", "significant"):
            stated = document.get(field)
            if isinstance(stated, dict) and stated.get(kind) is not None:
                document[field] = {kind: stated[kind] + more}
                changed = True
    try:
        return Template(template.problem_set, canonical(document)) if changed else None
    except DocumentError:
        return None


def _digits(template: Template) -> Iterator[str]:
    """Yield what a template states in digits, as a problem set writes it."""
    document = template.definition.model_dump(exclude_defaults=True)
    for field in STATED_IN_DIGITS:
        stated = document.get(field)
        if isinstance(stated, dict):
            for kind in {"decimals", "significant"} & stated.keys():
                yield f"`{field} = {{ {kind} = {stated[kind]} }}`"
