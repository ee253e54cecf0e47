"""The section of the page of evidence that is about programs."""

from collections import Counter
from collections.abc import Iterator

from tests.evidence.confusion import Case, Named
from tests.evidence.evidence import Evidence
from tests.evidence.page import outcomes, table
from tests.evidence.programs.gathering import LEAST_FIRST, MOST_WRONG
from tests.evidence.students import HAS_TORCH

HEADING = "## Programs"

INTRODUCTION = f"""\
{HEADING}

The same over every program of the [catalogue](catalogue.md); this section is written by
`python -m tests.evidence.programs`, which fails where a promise does not hold.

Those who do everything right: numpy executes the very text in doubles, and finds gradients by
complex steps, with no rule of differentiation; PyTorch executes it too and differentiates it by its
autograd; others go back by our derivation in doubles, each step by one of its routes and each sum
in an order that chance has chosen; and on paper every operation is rounded or truncated as the
exercise allows, on the way back each local derivative, product and sum. All parts must be
`correct`.
"""

WITHOUT_TORCH = "PyTorch was not installed in this run; where it is, it is one more student.\n"

REACH = """\
How far honest work came from the true value at most, as a share of what its entry is allowed:
"""

MUTANTS = """\
Every part is answered by the mutants of its right answer that are told of above.
"""

CONFUSION = """\
Every known mistake is made in every place of every program where it can be made alone.
So are those that no gate asks for; where they lead to the right answers, none has to list them.
"""


def section(evidence: Evidence) -> str:
    """Return the section as Markdown."""
    return "\n".join(
        (
            INTRODUCTION,
            *_honest(evidence),
            *_mutants(evidence),
            *_confusion(evidence),
            *_slips(evidence),
        )
    )


def share_wrong(evidence: Evidence) -> float:
    """In how many of the cases that can be told apart others alone are named."""
    told = evidence.distinguishable
    return sum(case.named is Named.WRONG for case in told) / max(len(told), 1)


def unlisted(evidence: Evidence) -> list[Case]:
    """The mistakes that pass though no report lists them."""
    return [case for case in evidence.cases if case.named is Named.ACCEPTED and not case.is_listed]


def failures(evidence: Evidence, least_parts: int) -> Iterator[str]:
    """What does not hold, in words."""
    for each in evidence.honest.refused:
        yield f"a correct answer was refused: {each}"
    for each in evidence.judged.passed:
        yield f"a mutant passed: {each}"
    for case in unlisted(evidence):
        yield f"a misconception passed that no gate lists: {case}"
    for each in evidence.slips.not_carried:
        yield f"what follows rightly from one slip was not carried forward: {each}"
    if evidence.share_first < LEAST_FIRST:
        yield f"the right misconception came first in {evidence.share_first:.1%}"
    if share_wrong(evidence) > MOST_WRONG:
        yield f"others alone were named in {share_wrong(evidence):.2%}"
    if evidence.honest.parts < least_parts:
        yield f"only {evidence.honest.parts} correct parts of {least_parts}"
    if wrong_parts(evidence) < least_parts:
        yield f"only {wrong_parts(evidence)} wrong parts of {least_parts}"


def wrong_parts(evidence: Evidence) -> int:
    """How many parts were answered by mutants, and answers by mistakes."""
    return sum(evidence.judged.mutants.values()) + len(evidence.cases)


def _honest(evidence: Evidence) -> Iterator[str]:
    honest = evidence.honest
    yield (
        f"**{honest.parts:,} correct parts of {honest.entries:,} numbers to "
        f"{sum(honest.exercises.values()):,} variants: {len(honest.refused)} refused.**\n"
    )
    yield table(("student", "answers"), sorted(honest.answers.items()))
    if not HAS_TORCH:
        yield WITHOUT_TORCH
    yield REACH
    yield table(
        ("set", "variants", "nearest to the end of a band"),
        [(kind, n, f"{honest.reach[kind]:.3f}") for kind, n in honest.exercises.items()],
    )


def _mutants(evidence: Evidence) -> Iterator[str]:
    judged = evidence.judged
    total, low, high = sum(judged.mutants.values()), *judged.scales
    yield MUTANTS
    yield (
        f"**{total:,} mutants of entries from 10^{low:.0f} to 10^{high:.0f}: "
        f"{len(judged.passed)} passed.**\n"
    )


def _confusion(evidence: Evidence) -> Iterator[str]:
    cases, told = evidence.cases, evidence.distinguishable
    yield CONFUSION
    yield (
        f"**{len(cases):,} cases of {len({case.code for case in cases})} misconceptions: "
        f"{len(unlisted(evidence))} passed that no report lists. Of the {len(told):,} that can be "
        f"told apart, the right one comes first in {evidence.share_first:.1%} (at least "
        f"{LEAST_FIRST:.0%} must); others alone are named in {share_wrong(evidence):.2%} (at most "
        f"{MOST_WRONG:.0%} may be).**\n"
    )
    yield table(("named", "can be told apart", "cannot"), outcomes(cases))
    missed = Counter((case.exercise, case.code) for case in told if not case.is_first)
    if missed:
        yield "Where the right one was not first, though nothing else leads to the same answers:\n"
        yield table(
            ("exercise", "mistake", "cases"), [(*key, n) for key, n in sorted(missed.items())]
        )


def _slips(evidence: Evidence) -> Iterator[str]:
    found = evidence.slips
    yield (
        f"**{found.made:,} slips, from which {found.followed:,} wrong parts follow rightly: "
        f"{len(found.not_carried)} not carried forward.**\n"
    )
