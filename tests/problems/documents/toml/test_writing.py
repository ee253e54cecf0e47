"""Sets written as TOML: every digit, every text, and what people can go on writing."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradgrade.problems import DocumentError, ProblemSet, catalogue
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.toml import loads
from gradgrade.problems.documents.toml.writing import WIDEST, dumps, with_fields

FIELD = (
    'schema = "gradgrade/problem-set/1"\nname = "a"\n[[exercises]]\nname = "b"\ninputs = 1\n'
    'layers = [{ type = "dense", units = 1 }]\nloss = { name = "half_squared_error" }\n'
    'optimizer = { learning_rate = NUMBER }\narithmetic = "decimal"\nask = ["loss"]\n'
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
LEAVES = st.one_of(
    TEXTS,
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.from_regex(r"-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,9})?[eE][+-]?[0-9]{1,2}", fullmatch=True).map(
        Number
    ),
    st.datetimes(
        datetime(1970, 1, 1), timezones=st.just(UTC) | st.just(timezone(timedelta(hours=5.5)))
    ),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize("name", catalogue.names())
def test_what_ships_is_written_as_toml_that_says_the_same(name):
    problem_set = catalogue.load(name)
    text = problem_set.to_text()
    assert ProblemSet.from_toml(text) == problem_set
    assert ProblemSet.from_toml(text).to_json() == problem_set.to_json()


@pytest.mark.parametrize("name", catalogue.names())
def test_what_is_written_is_no_wider_or_longer_than_what_people_wrote(name):
    text = catalogue.load(name).to_text()
    assert max(map(len, text.split("\n"))) <= WIDEST
    assert len(text) <= len(catalogue.text(name))


@pytest.mark.parametrize(
    "number", ["0.10", "1e-3", "1E5", "2.50e+2", "3", "0.1000000000000000055511151231257827"]
)
def test_numbers_keep_every_digit_that_was_written(number):
    problem_set = ProblemSet.from_toml(FIELD.replace("NUMBER", number))
    text = problem_set.to_text()
    assert f"learning_rate = {number} }}" in text
    assert ProblemSet.from_toml(text) == problem_set


def test_a_number_that_toml_has_no_text_for_is_written_as_json():
    as_toml = ProblemSet.from_toml(FIELD.replace("NUMBER", "1") + "given = { x = [[7]] }\n")
    negative = ProblemSet.from_json(as_toml.to_json().replace("[[7]]", "[[-0]]"))
    text = negative.to_text()
    assert text.startswith("{")
    assert ProblemSet.from_text(text.encode()) == negative


def test_moments_keep_their_zone():
    problem_set = ProblemSet.from_toml(
        "due = 2026-12-01T23:59:00+01:00\n" + FIELD.replace("NUMBER", "1")
    )
    assert "due = 2026-12-01T23:59:00+01:00\n" in problem_set.to_text()


@given(st.dictionaries(TEXTS, VALUES, max_size=5))
def test_whatever_is_written_is_read_back(data):
    assert loads(dumps(data)) == data


def test_fields_are_changed_in_a_text_that_keeps_its_comments():
    text = catalogue.text("first-steps")
    changed = with_fields(text, {"title": "Other", "attempts": 3, "due": None})
    before, after = ProblemSet.from_toml(text), ProblemSet.from_toml(changed)
    assert after == before.model_copy(update={"title": "Other", "attempts": 3})
    comments = [line for line in text.split("\n") if line.startswith("#")]
    assert comments == [line for line in changed.split("\n") if line.startswith("#")]


def test_a_text_that_is_no_toml_has_no_fields_to_change():
    with pytest.raises(DocumentError, match="not TOML"):
        with_fields("{}", {"title": "Other"})
