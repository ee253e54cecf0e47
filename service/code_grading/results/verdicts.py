"""From verdicts to a report: the one place where what grading says becomes results.

A part of an invalid verdict earns nothing, and only what is malformed or missing is said of it: it
never passes beside 0 points. So it is wherever the verdict came from: answers in a file, or a
student's program on a variant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType

from gradgrade.oracle.nested import flatten
from gradgrade.problems.documents.verdict import (
    MatchedMisconception,
    PartOutcome,
    PartVerdict,
    Verdict,
)
from gradgrade.service.code_grading.results.report import Explanation, Headline, Report, Result

Likely = Callable[[PartVerdict, MatchedMisconception], str]
"""`likely(part, mistake)`: what the part's rule looks like with it; empty where it is not known."""

RIGHT_CODES = frozenset({"ok", "follows", "rounding"})
"""Of entries that earn their points, or of which the feedback says all."""

_WAYS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "sign": ("has the other sign", "have the other sign"),
        "scale": ("is off by a factor", "are off by one factor"),
        "transposed": (
            "is right in the transposed matrix",
            "are right in the transposed matrix",
        ),
    }
)
"""What the codes of wrong entries say, of one and of many."""


def feedback_of(part: PartVerdict) -> str:
    """Return what is said of a part, with the way in which its entries are wrong.

    A mistake that explains them says why, and nothing is added.
    """
    if part.note != "wrong_entries" or part.misconceptions:
        return part.feedback
    codes = [] if part.entries is None else flatten(part.entries)
    wrong = Counter(each for each in codes if each not in RIGHT_CODES)
    total = wrong.total()
    told = [(count, _WAYS[code][count > 1]) for code, count in wrong.items() if code in _WAYS]
    if not told:
        return part.feedback
    if total == 1:
        said = f"It {told[0][1]}"
    elif told[0][0] == total:
        said = f"All {'of these ' if total < len(codes) else ''}{told[0][1]}"
    else:
        said = ", ".join(f"{count} {way}" for count, way in told)
    return f"{part.feedback} {said}."


def report_of_verdict(verdict: Verdict, *, name: str, likely: Likely = lambda *_: "") -> Report:
    """Return the report of one verdict.

    Args:
        verdict: where it is invalid, the submission is refused: no part keeps its points.
        name: of the exercise.
        likely: what is told of a mistake beside its explanation.
    """
    refused = [part for part in verdict.parts if part.outcome == "invalid"]
    return Report(
        name=name,
        outcome=verdict.outcome,
        results=results_of(verdict, likely=likely),
        refused=tuple(f"{part.name}: {part.feedback}" for part in refused),
    )


def results_of(
    verdict: Verdict,
    *,
    label: str = "",
    tell: Callable[[PartVerdict], tuple[str, ...]] = lambda part: (feedback_of(part),),
    cause: Callable[[PartVerdict], Headline | None] = lambda _: None,
    likely: Likely = lambda *_: "",
) -> tuple[Result, ...]:
    """Return the results of a verdict, one for each part.

    Args:
        verdict: one without parts, of which a server tells no more than the points, is one result.
        label: what stands before the names of its parts, where there are several verdicts.
        tell: returns what the student is told of a part, a line each.
        cause: returns why a part has no answer, where there is a reason.
        likely: what is told of a mistake beside its explanation.
    """
    return tuple(
        Result(
            name=f"{label}{part.name}",
            outcome=part.outcome if verdict.is_valid else _of_invalid(part.outcome),
            points=part.score if verdict.is_valid else 0,
            max_points=part.max_score,
            messages=tell(part),
            misconceptions=tuple(
                Explanation(
                    title=each.title,
                    explanation=f"{each.explanation} {likely(part, each)}".rstrip(),
                )
                for each in part.misconceptions
            ),
            headline=cause(part),
        )
        for part in verdict.parts or [_whole(verdict)]
    )


def _of_invalid(outcome: PartOutcome) -> PartOutcome:
    return outcome if outcome in ("invalid", "missing") else "not_judged"


def _whole(verdict: Verdict) -> PartVerdict:
    is_right = verdict.outcome == "correct"
    return PartVerdict(
        name="all parts",
        outcome="incorrect" if verdict.outcome == "partial" else verdict.outcome,
        score=verdict.score,
        max_score=verdict.max_score,
        entries=None,
        note="correct" if is_right else "wrong_entries",
        feedback="Right." if is_right else "Not all of it is right.",
    )
