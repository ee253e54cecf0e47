"""Replies are read as anybody's: either they are replies, or they are refused in one way."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradgrade.problems import DocumentError
from gradgrade.service.code_grading.sandbox import replies
from tests.service.code_grading.programs import variants

LOSS = {"shape": [], "entries": [0.5]}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["answers", "findings", "failure", "loss", "shape", "entries", "code"])
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


def understood(frame: bytes) -> bool:
    """Whether a frame is taken for answers; anything but a refusal is an error of ours."""
    (exercise,) = variants("small", 1)
    try:
        reply = replies.read_reply(frame)
        replies.failures_in(reply)
        replies.findings_in(reply, exercise)
        replies.answers_in(reply, exercise)
    except DocumentError:
        return False
    return True


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused(frame):
    assert not understood(frame)


@given(anything)
def test_arbitrary_json_is_taken_or_refused(value):
    understood(json.dumps(value).encode())


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=6, max_size=6))
def test_numbers_arrive_as_they_were_sent(numbers):
    (exercise,) = variants("small", 1)
    frame = {"answers": {"dW1": {"shape": [2, 3], "entries": numbers}}}
    found = replies.answers_in(replies.read_reply(json.dumps(frame).encode()), exercise)
    assert found == {"dW1": [numbers[:3], numbers[3:]]}


def test_null_is_what_was_not_finite():
    (exercise,) = variants("small", 1)
    frame = b'{"answers": {"loss": {"shape": [], "entries": [null]}}}'
    assert math.isnan(replies.answers_in(replies.read_reply(frame), exercise)["loss"])


def test_answers_that_were_not_asked_are_left_out():
    (exercise,) = variants("small", 1)
    frame = json.dumps({"answers": {"loss": LOSS, "verdict": LOSS}}).encode()
    assert replies.answers_in(replies.read_reply(frame), exercise) == {"loss": 0.5}


@pytest.mark.parametrize(
    "array",
    [
        {"shape": [2], "entries": [1]},
        {"shape": [0], "entries": []},
        {"shape": [-1, -1], "entries": [1]},
        {"shape": [1, 1, 1, 1, 1], "entries": [1]},
        {"shape": [1.0], "entries": [1]},
        {"shape": [True], "entries": [1]},
        {"shape": [], "entries": ["1"]},
        {"shape": [], "entries": [True]},
        {"shape": [], "entries": [[1]]},
        {"shape": [], "entries": 1},
        {"shape": [], "entries": [1], "verdict": "correct"},
        [1],
    ],
)
def test_an_array_that_is_none_is_refused(array):
    assert not understood(json.dumps({"answers": {"loss": array}}).encode())


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400", "1" * 65, "0x1", "1_0"])
def test_a_number_that_is_none_is_refused(number):
    frame = f'{{"answers": {{"loss": {{"shape": [], "entries": [{number}]}}}}}}'
    assert not understood(frame.encode())


def test_a_message_cannot_command_a_terminal():
    told = {"kind": "exception", "message": "\x1b[2J\nError", "line": 3}
    (failure,) = replies.failures_in(replies.read_reply(json.dumps({"failure": told}).encode()))
    assert failure.message == "\\x1b[2J\\nError"


def test_what_was_told_before_a_failure_counts():
    (exercise,) = variants("small", 1)
    told = {"kind": "timeout", "message": "no answer within 5 s", "line": None}
    lines = [{"answers": {"loss": LOSS}}, {"failure": told}]
    reply = replies.read_reply("\n".join(map(json.dumps, lines)).encode())
    assert replies.answers_in(reply, exercise) == {"loss": 0.5}
    assert [each.kind for each in replies.failures_in(reply)] == ["timeout"]


def test_a_reply_of_endless_messages_is_refused():
    with pytest.raises(DocumentError, match="messages"):
        replies.read_reply(b'{"answers": {}}\n' * 100_000)
