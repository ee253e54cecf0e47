"""Many variants checked fast: the documents of the whole check, and who is proven whole."""

import pytest
from flint import arb

from gradgrade.oracle.arithmetic.ball import Ball
from gradgrade.problems import ExerciseError, ProblemSet, SolutionDocument
from gradgrade.problems.catalogue import load
from gradgrade.problems.documents.json_schema import json_schema
from gradgrade.problems.documents.solution import Check
from gradgrade.problems.gates.probing import rules_of
from gradgrade.problems.generate import ONE_WHOLE_PROOF_IN, Search, accept
from gradgrade.problems.templates.template import compile_template
from gradgrade.problems.variants.rosters import Chunk, Made, make
from tests.strategies import dense, problem_set

STUDENTS = ("1", "2", "3")
SEEDS, TWO = "seeds", "004-two-two-two"


def made(of: ProblemSet, exercise: str, check: Check) -> tuple[Made, ...]:
    """Three students' variants."""
    template = compile_template(of, exercise)
    chunk = Chunk(
        problem_set=of,
        exercise=exercise,
        students=STUDENTS,
        rules=rules_of(template),
        secret=b"0",
        check=check,
    )
    return make(chunk)


def test_a_solution_that_was_checked_fast_reads_back_as_it_was_written():
    text = made(load(SEEDS), "002-tanh-chain", "fast")[0].solution
    assert SolutionDocument.from_json(text).check == "fast"
    assert SolutionDocument.from_json(text).to_json() == text


def test_the_schema_lets_the_check_be_left_out():
    schema = json_schema(SolutionDocument)
    assert "check" in schema["properties"]
    assert "check" not in schema["required"]


GIVEN = {"x": [[0.5], [-0.25]], "y": [[1], [0]], "W1": [[0.5, 0.25], [-0.75, 1]], "b1": [0, 0.5]}


@pytest.mark.parametrize("share", [1e-9, 1e-20])
@pytest.mark.parametrize("check", ["full", "fast"])
def test_balls_that_are_off_are_refused_on_the_first_variant(check, share, monkeypatch):
    drawn = problem_set(layers=[dense(2, "tanh")], given=GIVEN)
    assert made(drawn, "exercise", check)
    right = Ball.tanh
    monkeypatch.setattr(Ball, "tanh", lambda ball, z: right(ball, z) * (1 + arb(share)))
    with pytest.raises(ExerciseError, match="cannot be issued"):
        made(drawn, "exercise", check)


def whole(keys: list[bytes], check: Check) -> list[int]:
    """Which of some variants are proven whole."""
    template = compile_template(load(SEEDS), TWO)
    searches = [Search(key) for key in keys]
    accepted = accept(template, searches, rules_of(template), check=check)
    return [place for place, each in enumerate(accepted) if each.band is None]


KEYS = [f"key {number}".encode() for number in range(100)]


def test_the_first_and_a_sample_by_key_are_proven_whole_on_every_machine():
    assert whole(KEYS, "fast") == [0, 3, 72, 79, 88, 96]


def test_whoever_is_of_the_sample_is_so_among_whomever():
    sample = whole(KEYS, "fast")[1:]
    assert whole(KEYS[::-1], "fast") == [0, *(99 - place for place in reversed(sample))]


def test_about_one_in_so_many_is_of_the_sample():
    keys = [f"other {number}".encode() for number in range(500)]
    assert len(whole(keys, "fast")) == pytest.approx(500 / ONE_WHOLE_PROOF_IN, rel=0.4)


def test_all_are_proven_whole_where_the_check_is_full():
    assert whole(KEYS, "full") == list(range(100))
