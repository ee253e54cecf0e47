"""Drawn reports and verdicts, whose texts are as hostile as a student's program can make them."""

from typing import get_args

from hypothesis import strategies as st

from gradgrade.problems.documents.points import as_score
from gradgrade.problems.documents.verdict import (
    MatchedMisconception,
    Note,
    PartVerdict,
    Verdict,
)
from gradgrade.problems.marking.marks import OUTCOMES
from gradgrade.service.code_grading.results import Explanation, Headline, Place, Report, Result

HOSTILE = (
    *(
        "</failure><x>",
        "]]>",
        "<![CDATA[",
        "&amp;",
        "&#0;",
        '" onload="x',
        "<script>alert(1)</script>",
    ),
    *("\x1b[31mred\x1b[0m", "\x00", "\x08", "\x7f", "\x9b", "\r\n", "\u2028", "\u202e", "\ufeff"),
    *("\ud800", "\udfff", "\ufffe", "\U0010ffff", "٣", "𝛿"),
    *("::error::all right", "\n::set-output name=a::b", "##[error]", "%0A::warning::", "a,b:c=d"),
    *("| a | b |", "`code`", "![x](http://x)", "[x](y)", "# head", "<br>", "\\|", "*_~$^", "---"),
    *('{"score": 10}', "\\u0000", "NaN", ""),
)


TEXT = st.tuples(
    st.text(st.characters(exclude_categories=()), max_size=3),
    st.sampled_from(HOSTILE),
    st.sampled_from(HOSTILE),
).map("".join)
"""Any text, even what is none, around what some format obeys."""

REFUSALS = st.just(()) | st.lists(TEXT, min_size=1, max_size=2).map(tuple)
PLACE = st.none() | st.builds(Place, file=TEXT, line=st.integers(1, 9999))
HEADLINE = st.builds(
    Headline, text=TEXT, kind=TEXT, place=PLACE, printed=st.lists(TEXT, max_size=2).map(tuple)
)
MESSAGES = st.lists(TEXT, max_size=2).map(tuple)
EXPLANATIONS = st.lists(st.builds(Explanation, title=TEXT, explanation=TEXT), max_size=1).map(tuple)
MATCHED = st.lists(
    st.builds(
        MatchedMisconception, code=st.just("x"), title=TEXT, explanation=TEXT, share=st.just(1)
    ),
    max_size=1,
)


@st.composite
def results(draw: st.DrawFn, name: str, *, refused: bool) -> Result:
    most = draw(st.integers(0, 2000))
    outcomes = {"invalid", "missing", "not_judged"} if refused else set(OUTCOMES.values())
    outcome = draw(st.sampled_from(sorted(outcomes)))
    earned = 0 if refused else most if outcome == "correct" else draw(st.integers(0, most))
    return Result(
        name=f"{name} {draw(TEXT)}",
        outcome=outcome,
        points=as_score(earned),
        max_points=as_score(most),
        messages=draw(MESSAGES),
        misconceptions=draw(EXPLANATIONS),
        headline=draw(st.none() | HEADLINE) if outcome == "missing" else None,
    )


@st.composite
def reports(draw: st.DrawFn) -> Report:
    refused = draw(REFUSALS)
    count = draw(st.integers(1, 3))
    return Report(
        name=draw(TEXT),
        outcome=draw(st.sampled_from(("correct", "partial", "incorrect", "invalid"))),
        results=tuple(draw(results(f"{at}", refused=bool(refused))) for at in range(count)),
        refused=refused,
        notes=draw(MESSAGES),
    )


@st.composite
def verdicts(draw: st.DrawFn) -> Verdict:
    notes = draw(st.lists(st.sampled_from(get_args(Note)), min_size=1, max_size=3))
    parts = [draw(_parts(f"dW{at}", note)) for at, note in enumerate(notes, 1)]
    outcomes = {part.outcome for part in parts}
    invalid = "invalid" in outcomes
    total = 0 if invalid else sum(round(100 * part.score) for part in parts)
    right = outcomes & {"correct", "carried_forward"}
    return Verdict(
        schema_="gradgrade/verdict/1",
        exercise="0" * 16,
        grader="2",
        outcome="invalid"
        if invalid
        else "correct"
        if outcomes == {"correct"}
        else "partial"
        if right
        else "incorrect",
        score=as_score(total),
        max_score=as_score(sum(round(100 * part.max_score) for part in parts)),
        first_error=None,
        parts=parts,
    )


@st.composite
def _parts(draw: st.DrawFn, name: str, note: Note) -> PartVerdict:
    most = draw(st.integers(1, 2000))
    paid = {"correct": most, "carried_forward": draw(st.integers(0, most))}
    return PartVerdict(
        name=name,
        outcome=OUTCOMES[note],
        score=as_score(paid.get(OUTCOMES[note], 0)),
        max_score=as_score(most),
        entries=None,
        note=note,
        feedback=draw(TEXT),
        misconceptions=draw(MATCHED),
    )
