"""The page of evidence: what was promised, how it is measured, and what the last full run found."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tests.evidence.confusion import Case, Named
from tests.evidence.evidence import LEAST_FIRST, MOST_WRONG_NAMES, Evidence
from tests.evidence.students import HAS_TORCH

INTRODUCTION = """\
# Evidence for the grading

What a grader promises, measured on itself; this page and its plot are written by `make evidence`,
which fails where a promise does not hold. Everything is drawn from fixed keys: the same run gives
the same page.
"""

HONEST = """\
## Correct answers are accepted

Programs that share no code with the oracle solve variants as students are given them: with numpy in
the forms that textbooks print and in those that libraries use, sample by sample in loops over
lists, in single precision where the exercise is for that, and on paper with every operation rounded
or truncated where the exercise allows it. All of an answer's parts must be `correct`.
"""

WITHOUT_TORCH = (
    "PyTorch was not installed in this run; where it is, its autograd is one more student.\n"
)

REACH = """\
The tolerance is derived, not fitted: how far honest work came from the true value at most, as a
share of what its entry is allowed. By hand the band is what rounding can reach at worst.
"""

MUTANTS = """\
## Nearly right answers are not

Every part is answered by mutants of its right answer. A mutant whose every double is the expected
one is the right answer by structure (the mean over one sample, the sign of a gradient that is 0,
a given that an update leaves as it is) and no mutant. One that follows rightly from the mutants
before it is carried forward and earns that part's share, which is what the rule says; zeros and
ones never do.
"""

CONFUSION = """\
## Which mistake it was

Every known mistake, in every place where it can be made alone, is made in every exercise of the
[catalogue](catalogue.md), and what it leads to is submitted. Two misconceptions cannot be told
apart where they lead to the same answers within the bands of both: the grader must then name both.
Nor can a mistake be told where the answers are 0 and what follows rightly from that: whatever stops
what leads there has the same, and the grader must not guess.
Where a mistake leads to the right answers, it is accepted; the exercise's report lists each of
those.
"""

PLOT = """\
![Misconceptions made, and what was named](confusion.svg)

On the left, each row is a misconception that was made and each column one that was named: what is
off the diagonal was named together with the right one, as not to be told apart. On the right, what
came of each in each exercise of the catalogue, at its worst.
"""

SLIPS = """\
## One slip costs one part

In every part of every exercise of the catalogue in turn, each entry is off by a share of its own
that no rule has, and everything after it is rightly worked out from there; where values may be
rounded, it is handed in with more digits than asked. What follows must be carried forward.
"""

OUTSIDE = """\
## Mistakes that nobody catalogued

Kinds of mistakes that were written down without a look at the catalogue, in
`tests/evidence/outside/`, made in every exercise of it by programs that share no code with the
oracle. A name is wrong unless the kind is, in other words, the mistake of that name.
"""


def page(evidence: Evidence) -> str:
    """Return the page as Markdown."""
    return "\n".join(
        (
            INTRODUCTION,
            *_honest(evidence),
            *_mutants(evidence),
            *_confusion(evidence),
            *_slips(evidence),
            *_outside(evidence),
        )
    )


def _honest(evidence: Evidence) -> Iterator[str]:
    honest = evidence.honest
    answers = sum(honest.answers.values())
    yield HONEST
    yield (
        f"**{answers:,} correct answers of {honest.entries:,} numbers to "
        f"{sum(honest.exercises.values()):,} variants: {len(honest.refused)} refused.**\n"
    )
    yield table(("student", "answers"), sorted(honest.answers.items()))
    if not HAS_TORCH:
        yield WITHOUT_TORCH
    yield REACH
    yield table(
        ("exercises", "variants", "nearest to the end of a band"),
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
    kinds = list(dict.fromkeys((*judged.mutants, *judged.right)))
    rows = [(k, judged.mutants[k], judged.right[k], judged.carried[k]) for k in kinds]
    yield table(("mutant", "parts", "right by structure", "carried forward"), rows)


def _confusion(evidence: Evidence) -> Iterator[str]:
    cases = evidence.cases
    told = evidence.distinguishable
    accepted = [case for case in cases if case.named is Named.ACCEPTED]
    unlisted = sum(not case.is_listed for case in accepted)
    yield CONFUSION
    yield (
        f"**{len(cases):,} cases of {len({case.code for case in cases})} misconceptions: "
        f"{unlisted} passed that no report lists. Of the {len(told):,} that can be told apart, the "
        f"right one comes first in {evidence.share_first:.1%} (at least {LEAST_FIRST:.0%} must); "
        f"others alone are named in {sum(case.named is Named.WRONG for case in cases)}.**\n"
    )
    yield table(("named", "can be told apart", "cannot"), outcomes(cases))
    yield PLOT
    nothing = Counter(case.exercise for case in told if not case.is_first)
    if nothing:
        yield "Where the right one was not first, though nothing else leads to the same answers:\n"
        yield table(("exercise", "cases"), sorted(nothing.items()))


def _slips(evidence: Evidence) -> Iterator[str]:
    found = evidence.slips
    yield SLIPS
    yield (
        f"**{found.made:,} slips, from which {found.followed:,} wrong parts follow rightly: "
        f"{len(found.not_carried)} not carried forward.**\n"
    )


def _outside(evidence: Evidence) -> Iterator[str]:
    told = evidence.told_outside
    wrong = [each for each in told if each.wrong_names]
    yield OUTSIDE
    yield (
        f"**{len(told):,} answers of {len({each.kind for each in told})} kinds, "
        f"{sum(bool(each.names) for each in told):,} of them named: "
        f"{evidence.share_wrong_names:.2%} wrongly (at most {MOST_WRONG_NAMES:.0%} may be).**\n"
    )
    if wrong:
        yield "Named wrongly:\n"
        counts = Counter((each.kind, ", ".join(each.codes)) for each in wrong)
        yield table(("kind", "names", "answers"), [(*key, n) for key, n in sorted(counts.items())])


def outcomes(cases: Sequence[Case]) -> list[tuple[str, int, int]]:
    """What was named in how many cases, for those that can be told apart and those that cannot."""
    counts = Counter((case.named, case.is_distinguishable) for case in cases)
    return [(each.value, counts[each, True], counts[each, False]) for each in Named]


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines) + "\n"


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
