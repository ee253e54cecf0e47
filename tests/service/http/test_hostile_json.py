"""Bodies that break JSON readers, in the manner of JSONTestSuite, against a real server."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.service.api.problem_json import assert_problem

NOT_JSON = {
    "empty": b"",
    "space": b" ",
    "byte order mark": b"\xef\xbb\xbf{}",
    "utf-16": '{"answers": {}}'.encode("utf-16"),
    "utf-16 without mark": '{"answers": {}}'.encode("utf-16-le"),
    "utf-32": b"{}\x00\x00".ljust(16, b"\x00"),
    "latin-1": '{"é": 1}'.encode("latin-1"),
    "overlong utf-8": b'{"\xc0\xaf": 1}',
    "surrogate in utf-8": b'{"\xed\xa0\x80": 1}',
    "cut utf-8": b'{"\xe2\x82": 1}',
    "lone continuation byte": b"\x81",
    "null byte": b"\x00",
    "null byte in string": b'{"a\x00b": 1}',
    "newline in string": b'{"a\nb": 1}',
    "tab in string": b'{"a\tb": 1}',
    "unclosed object": b"{",
    "unclosed array": b"[",
    "unclosed string": b'{"a',
    "unclosed escape": b'{"a\\',
    "bad escape": b'{"\\x00": 1}',
    "bad unicode escape": b'{"\\u12G4": 1}',
    "short unicode escape": b'{"\\u12": 1}',
    "trailing comma in object": b'{"a": 1,}',
    "trailing comma in array": b"[1,]",
    "double comma": b"[1,,2]",
    "leading comma": b"[,1]",
    "missing colon": b'{"a" 1}',
    "double colon": b'{"a":: 1}',
    "missing value": b'{"a":}',
    "key without quotes": b"{a: 1}",
    "single quotes": b"{'a': 1}",
    "number as key": b"{1: 1}",
    "comment": b'{"a": 1} // x',
    "block comment": b'{"a": /* x */ 1}',
    "two documents": b"{} {}",
    "garbage after": b"{}x",
    "closing too much": b"{}}",
    "wrong closing": b"[1}",
    "True": b"[True]",
    "TRUE": b"[TRUE]",
    "nul": b"[nul]",
    "undefined": b"[undefined]",
    "NaN": b"[NaN]",
    "-NaN": b"[-NaN]",
    "nan": b"[nan]",
    "Infinity": b"[Infinity]",
    "-Infinity": b"[-Infinity]",
    "inf": b"[inf]",
    "overflow": b"[1e400]",
    "negative overflow": b"[-1e400]",
    "huge exponent": b"[1e1000000000]",
    "65 digits": b"[" + b"1" * 65 + b"]",
    "4300 digits": b"[" + b"1" * 4300 + b"]",
    "5000 digits": b"[" + b"1" * 5000 + b"]",
    "a million digits": b"[" + b"1" * 1_000_000 + b"]",
    "65 characters of decimals": b"[0." + b"3" * 63 + b"]",
    "leading zero": b"[01]",
    "leading plus": b"[+1]",
    "double minus": b"[--1]",
    "lone minus": b"[-]",
    "no digit before the point": b"[.5]",
    "no digit after the point": b"[5.]",
    "no digit in the exponent": b"[1e]",
    "hexadecimal": b"[0x10]",
    "underscore": b"[1_000]",
    "decimal comma": b'{"a": [0,5 ,1.,5]}',
    "typographic minus": '{"a": −0.5}'.encode(),
    "full-width digit": "[１]".encode(),
    "arabic digits": "[١٢٣]".encode(),
    "non-breaking space": "[1,\u00a02]".encode(),
    "duplicate key": b'{"a": 1, "a": 1}',
    "duplicate key, escaped": b'{"a": 1, "\\u0061": 2}',
    "duplicate key, nested": b'{"answers": {"loss": 1, "loss": 2}}',
    "9 levels": b"[" * 9 + b"]" * 9,
    "100000 levels": b"[" * 100_000 + b"]" * 100_000,
    "100000 levels, unclosed": b"[" * 100_000,
    "100000 objects, unclosed": b'{"a":' * 100_000,
    "a mebibyte of brackets": b"[]" * 500_000,
    "a mebibyte of quotes": b'"' * 1_000_000,
}

NOT_A_REQUEST = {
    "null": b"null",
    "true": b"true",
    "number": b"1",
    "string": b'"a"',
    "array": b"[]",
    "8 levels": b"[" * 8 + b"]" * 8,
    "empty object": b"{}",
    "only answers": b'{"answers": {}}',
    "null for both": b'{"exercise": null, "answers": null}',
    "arrays for both": b'{"exercise": [], "answers": []}',
    "empty objects": b'{"exercise": {}, "answers": {}}',
    "unknown field": b'{"exercise": {}, "answers": {}, "more": 1}',
    "__proto__": b'{"__proto__": {}, "exercise": {}, "answers": {}}',
    "empty key": b'{"": 0}',
    "escaped null byte as key": b'{"\\u0000": 0}',
    "64 digits": b"[" + b"1" * 64 + b"]",
    "underflow": b"[1e-400]",
    "negative zero": b"[-0]",
    "deep, in a string": b'{"a": "' + b"[" * 100_000 + b'"}',
    "emoji": '{"🙂": "🙂"}'.encode(),
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_not_json_is_a_400(live, body):
    assert_problem(live.post(body), 400)


@pytest.mark.parametrize("body", NOT_A_REQUEST.values(), ids=NOT_A_REQUEST)
def test_json_that_is_no_request_is_a_422(live, body):
    assert_problem(live.post(body), 422)


HOSTILE_NUMERALS = (
    *("0", "-0", "-1", "0.5", "1e400", "-1e400", "1e308", "5e-324", "1e-400", "1E+2", "1.0"),
    *("NaN", "Infinity", "01", "1" * 64, "1" * 65, "9007199254740993", "1e-99999999999999999999"),
)
# These stand for the numerals, so that a tree can be built before its text.
NUMERALS = st.integers(0, len(HOSTILE_NUMERALS) - 1).map(lambda index: f"@{index}@")
KEYS = st.sampled_from(["exercise", "answers", "schema", "loss", "W1", "x", "given", "", "é"])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMERALS | st.text(max_size=5) | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)


@st.composite
def changed_requests(draw, document):
    """A right request with some places replaced, removed or added."""
    document = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        container, index = draw(st.sampled_from(list(_places(document))))
        if draw(st.booleans()):
            container[index] = draw(VALUES)
        elif isinstance(container, dict) and draw(st.booleans()):
            container[draw(KEYS)] = draw(VALUES)
        else:
            del container[index]
        if not list(_places(document)):
            break
    return _text(document)


def _places(container):
    indices = container if isinstance(container, dict) else range(len(container))
    for index in list(indices):
        yield container, index
        if isinstance(container[index], (dict, list)):
            yield from _places(container[index])


def _text(document):
    text = json.dumps(document)
    for index, numeral in enumerate(HOSTILE_NUMERALS):
        text = text.replace(f'"@{index}@"', numeral)
    return text


@settings(max_examples=examples(300))
@given(data=st.data())
def test_no_body_whatever_makes_the_server_fail(live, request_text, data):
    document = json.loads(request_text)
    body = data.draw(
        st.binary(max_size=50).map(bytes)
        | VALUES.map(_text)
        | st.text(max_size=50)
        | changed_requests(document)
        | changed_requests(document)
        | changed_requests(document)
    )
    reply = live.post(body)
    if reply.status == 200:
        assert reply.json["schema"] == "gradgrade/verdict/1"
    else:
        assert reply.status in (400, 422)
        assert_problem(reply, reply.status)
