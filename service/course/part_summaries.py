"""What verdicts say of their parts, in short: kept beside each, as statistics count it.

A verdict is mostly words for the student. What is counted of it is a tenth as long, and the same
for most who were right or made the same mistake, so that it is read and counted for them at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gradgrade.oracle.nested import flatten
from gradgrade.problems import Verdict
from gradgrade.problems.documents.points import hundredths_of
from gradgrade.problems.documents.verdict import PartVerdict


class PartSummary(NamedTuple):
    """What is counted of a part's verdict; its tuples are JSON's arrays.

    Args:
        name: the part's.
        max_points: what it is worth, in hundredths.
        points: what the answer earns; None: there is none that was judged.
        codes: how many entries have each code, in the order in which they come.
        misconceptions: the code and title of each mistake that explains it, the likeliest first.
    """

    name: str
    max_points: int
    points: int | None = None
    codes: Mapping[str, int] = {}
    misconceptions: Sequence[tuple[str, str]] = ()


def write_parts(verdict: Verdict) -> str:
    """Return what is counted of a verdict's parts, as JSON."""
    return json.dumps([_summary(part) for part in verdict.parts])


def read_parts(text: str) -> Sequence[PartSummary]:
    """Return what `write_parts` wrote."""
    return [PartSummary(*each) for each in json.loads(text)]


def _summary(part: PartVerdict) -> PartSummary:
    max_points = hundredths_of(part.max_score)
    if part.outcome in ("missing", "invalid", "not_judged"):
        return PartSummary(part.name, max_points)
    flat = [] if part.entries is None else flatten(part.entries)
    # Most parts have few entries, for which a Counter takes as long as all the rest.
    codes = {code: flat.count(code) for code in dict.fromkeys(flat)}
    mistakes = [(each.code, each.title) for each in part.misconceptions]
    return PartSummary(part.name, max_points, hundredths_of(part.score), codes, mistakes)
