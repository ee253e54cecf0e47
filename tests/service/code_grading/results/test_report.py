"""The neutral report: its invariants, and how verdicts become one."""

import unicodedata

import pytest
from hypothesis import given

from gradgrade.problems import Verdict
from gradgrade.problems.documents.verdict import MatchedMisconception, PartVerdict
from gradgrade.service.code_grading.results import (
    Explanation,
    Report,
    Result,
    report_of_verdict,
)
from gradgrade.service.code_grading.results.verdicts import feedback_of
from tests.service.code_grading.results.strategies import reports, verdicts


def result(name: str = "dW1", *, points: float = 0, outcome: str = "incorrect") -> Result:
    return Result(name=name, outcome=outcome, points=points, max_points=5)


def _is_hidden(character: str) -> bool:
    """Whether a character ends a line, turns the text, or shows nothing; joiners shape letters."""
    kind = unicodedata.category(character)
    return (kind[0] == "C" and character not in "\u200c\u200d") or kind in ("Zl", "Zp")


@given(reports())
def test_every_text_of_a_report_is_one_line_of_printable_characters(report: Report):
    shown = [report.name, *report.refused, *report.notes]
    for each in report.results:
        shown += [each.name, *each.messages]
        shown += [
            text for known in each.misconceptions for text in (known.title, known.explanation)
        ]
    for each in report.headlines:
        shown += [*each.lines, each.kind, *([each.place.file] if each.place else [])]
    assert not [text for text in shown if any(map(_is_hidden, text))]


def test_a_long_text_is_cut_and_says_so():
    (message,) = Result(
        name="a", outcome="incorrect", points=0, max_points=1, messages=("x" * 10**6,)
    ).messages
    assert len(message) == 2000
    assert message.endswith("x…")


@given(verdicts())
def test_a_report_has_the_points_and_the_outcome_of_its_verdict(verdict: Verdict):
    report = report_of_verdict(verdict, name="exercise")
    assert (report.points, report.max_points) == (verdict.score, verdict.max_score)
    assert report.outcome == verdict.outcome
    assert report.has_full_marks == (verdict.score == verdict.max_score)
    outcomes = [part.outcome for part in verdict.parts]
    if not verdict.is_valid:
        judged = {"correct", "carried_forward", "incorrect"}
        outcomes = ["not_judged" if each in judged else each for each in outcomes]
    assert [each.outcome for each in report.results] == outcomes
    assert bool(report.refused) == (verdict.outcome == "invalid")


def test_points_add_up_exactly():
    report = Report(
        name="a",
        outcome="partial",
        results=tuple(
            Result(name=f"{at}", outcome="correct", points=0.1, max_points=0.1) for at in range(3)
        ),
    )
    assert report.points == 0.3


def test_where_no_points_are_to_be_earned_only_right_results_are_full_marks():
    def share(outcome: str) -> float:
        each = Result(name="a", outcome=outcome, points=0, max_points=0)
        return Report(name="a", outcome="incorrect", results=(each,)).share

    assert (share("correct"), share("missing")) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("results", "refused", "words"),
    [
        ((), (), "needs a result"),
        ((result(), result()), (), "one name"),
        ((result(points=5, outcome="correct"),), ("loss: malformed",), "5 points"),
        ((result(points=0, outcome="correct"),), ("loss: malformed",), "passed"),
    ],
)
def test_a_report_that_cannot_be_is_refused(
    results: tuple[Result, ...], refused: tuple[str, ...], words: str
):
    with pytest.raises(ValueError, match=words):
        Report(name="a", outcome="incorrect", results=results, refused=refused)


def test_the_text_of_a_result_has_its_messages_and_what_explains_it():
    each = Result(
        name="dW1",
        outcome="incorrect",
        points=0,
        max_points=5,
        messages=("2 of 4 entries are wrong.",),
        misconceptions=(Explanation(title="Sign forgotten", explanation="Descent subtracts."),),
    )
    assert each.text == "2 of 4 entries are wrong.\nSign forgotten: Descent subtracts."


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (["sign", "sign"], "All have the other sign."),
        (["sign", "ok", "sign"], "All of these have the other sign."),
        (["ok", "sign"], "It has the other sign."),
        ("sign", "It has the other sign."),
        ([["scale", "scale"], ["scale", "scale"]], "All are off by one factor."),
        ([["ok", "transposed"], ["transposed", "ok"]], "All of these are right in the transposed "),
        (["sign", "wrong", "scale", "scale"], "1 has the other sign, 2 are off by one factor."),
    ],
)
def test_what_is_told_of_a_part_says_in_which_way_its_entries_are_wrong(entries, said):
    assert feedback_of(wrong_part(entries)).startswith(f"Entries are wrong. {said}")


@pytest.mark.parametrize("entries", [None, ["wrong", "ok"], "wrong"])
def test_nothing_is_added_where_no_way_is_known_or_told(entries):
    assert feedback_of(wrong_part(entries)) == "Entries are wrong."


def test_nothing_is_added_where_a_mistake_explains_the_entries():
    mistake = MatchedMisconception(
        code="loss_sign", title="Sign", explanation="Descent subtracts.", share=1
    )
    part = wrong_part(["sign"]).model_copy(update={"misconceptions": [mistake]})
    assert feedback_of(part) == "Entries are wrong."


def wrong_part(entries: object) -> PartVerdict:
    return PartVerdict(
        name="dW1",
        outcome="incorrect",
        score=0,
        max_score=1,
        entries=entries,
        note="wrong_entries",
        feedback="Entries are wrong.",
    )
