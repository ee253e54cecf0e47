"""What the JSON reader refuses and why, and that it reads all that the writer writes."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradgrade.problems import DocumentError
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.strict_json import MAXIMUM_NESTING, canonical, dumps, loads


def numerals() -> st.SearchStrategy[str]:
    floats = st.floats(allow_nan=False, allow_infinity=False).map(repr)
    decimals = st.decimals(-1000, 1000, places=3).map(str)
    return st.one_of(st.integers(-(10**40), 10**40).map(str), floats, decimals)


NUMBERS = numerals().map(Number)
# JSON can say \ud800, UTF-8 cannot.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)


@st.composite
def values(draw: st.DrawFn, depth: int = MAXIMUM_NESTING):
    if depth == 0 or draw(st.booleans()):
        return draw(LEAVES)
    inner = values(depth - 1)
    return draw(st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)))


@given(values())
def test_what_is_written_is_read_back(value):
    assert loads(dumps(value)) == value
    assert loads(dumps(value).encode()) == value
    assert loads(canonical(value)) == value


@given(values())
def test_what_is_written_is_json(value):
    assert json.loads(dumps(value)) == json.loads(canonical(value))
    assert dumps(value).endswith("\n")


@given(st.dictionaries(TEXTS, NUMBERS))
def test_the_canonical_text_does_not_depend_on_the_order_of_keys(value):
    assert canonical(dict(reversed(value.items()))) == canonical(value)


@given(numerals())
def test_a_number_keeps_its_text(text):
    assert loads(f"[{text}]") == [Number(text)]
    assert dumps([Number(text)]) == f"[{text}]\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("NaN", "NaN is not a number: write a finite one"),
        ('{"loss": -Infinity}', "loss: -Infinity is not a number: write a finite one"),
        ('{"loss": Infinity}', "loss: Infinity is not a number: write a finite one"),
        ("[1e400]", "item 1: 1e400 is beyond the range of binary64, whose largest"),
        ("[-1e400]", "item 1: -1e400 is beyond the range of binary64"),
        ("[1" + "0" * 64 + "]", f"item 1: 1{'0' * 59}… has more than 64 characters: write fewer"),
        ("[0." + "3" * 63 + "]", f"item 1: 0.{'3' * 58}… has more than 64 characters"),
        ("[1" + "0" * 5000 + "]", f"item 1: 1{'0' * 59}… has more than 64 characters"),
        ('{"a": 1, "a": 1}', "the key 'a' stands twice in one object"),
        ('{"b": {"a": 1, "c": 2, "a": 3}}', "the key 'a' stands twice in one object"),
        ('{"loss": −0.5}', "a typographic minus at line 1, column 10"),
        ('{"loss": –0.5}', "a typographic minus at line 1, column 10"),
        ('{"loss":\n  [—1]}', "a typographic minus at line 2, column 4"),
        ('{"loss": 0,24}', "a decimal comma at line 1"),
        ('{"loss": 0,24, "dW1": 1}', "a decimal comma at line 1"),
        ("", "not JSON at line 1, column 1"),
        ("{", "not JSON at line 1"),
        ("[1, 2", "not JSON at line 1"),
        ("[1, 2]]", "not JSON at line 1, column 7"),
        ("[1,]", "not JSON at line 1"),
        ("{'a': 1}", "not JSON at line 1"),
        ("[01]", "not JSON at line 1"),
        ("[+1]", "not JSON at line 1"),
        ("[.5]", "not JSON at line 1"),
        ("[1.]", "not JSON at line 1"),
        ("[1_000]", "not JSON at line 1"),
        ("[0x10]", "not JSON at line 1"),
        ("[١٢٣]", "not JSON at line 1"),
        ("[１]", "not JSON at line 1"),
        ('["a\nb"]', "not JSON at line 1"),
        ('"unterminated', "not JSON at line 1"),
        ("\ufeff[1]", "not JSON at line 1"),
        ("nul", "not JSON at line 1"),
        ("// comment\n1", "not JSON at line 1"),
    ],
)
def test_text_is_refused_in_one_line_that_says_why(text, message):
    with pytest.raises(DocumentError) as refusal:
        loads(text)
    assert str(refusal.value).startswith(message)
    assert "\n" not in str(refusal.value)


def test_each_number_that_cannot_be_read_is_told_with_its_place():
    with pytest.raises(DocumentError) as refusal:
        loads('{"answers": {"loss": NaN, "db1": [1, 2], "dW1": [[0.1, 1e400], [0.2, -Infinity]]}}')
    assert [(each.pointer, each.field, each.written) for each in refusal.value.faults] == [
        ("/answers/loss", "answers.loss", "NaN"),
        ("/answers/dW1/0/1", "answers.dW1, item 1, item 2", "1e400"),
        ("/answers/dW1/1/1", "answers.dW1, item 2, item 2", "-Infinity"),
    ]
    assert "\n" not in refusal.value.one_line


def test_of_many_numbers_that_cannot_be_read_the_first_ten_are_told():
    with pytest.raises(DocumentError, match="the first 10 faults") as refusal:
        loads("[" + "NaN, " * 1000 + "1]")
    assert len(refusal.value.faults) == 10


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"loss": NaN, "dW1": 0,5}', "a decimal comma at line 1, column 24"),
        ('{"loss": NaN, "a": 1, "a": 2}', "the key 'a' stands twice"),
        ("[NaN, " + "[" * 9 + "]" * 9 + "]", "the document is nested deeper than 8 levels"),
        ("[NaN, " + "[" * 200_000, "the document is nested deeper than 8 levels"),
        (r'[NaN, "\ud800"]', "a string holds half of a surrogate pair"),
    ],
)
def test_what_is_no_document_is_refused_for_that_first(text, message):
    with pytest.raises(DocumentError) as refusal:
        loads(text)
    assert str(refusal.value).startswith(message)


@pytest.mark.parametrize(
    "raw",
    [b"\xff", b'"\xc3"', '{"a": 1}'.encode("utf-16-le"), '"é"'.encode("latin-1"), b"\xed\xa0\x80"],
)
def test_bytes_that_are_no_text_are_refused(raw):
    with pytest.raises(DocumentError):
        loads(raw)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_file_is_read_however_its_machine_writes_text(encoding, end):
    raw = f'{{"é":{end}[0.10]}}{end}'.encode(encoding)
    assert loads(raw) == {"é": [Number("0.10")]}


@pytest.mark.parametrize("text", [r'"\ud800"', r'{"\udfff": 1}', r'["a\ud83d b"]'])
def test_a_lone_surrogate_is_refused_since_no_document_could_be_written_with_it(text):
    with pytest.raises(DocumentError):
        loads(text)


@pytest.mark.parametrize(("opening", "closing"), ["[]", ('{"a":', "}")])
def test_nesting_ends_at_eight_levels(opening, closing):
    loads(opening * MAXIMUM_NESTING + "1" + closing * MAXIMUM_NESTING)
    for depth in (MAXIMUM_NESTING + 1, 200_000):
        with pytest.raises(DocumentError, match="nested deeper than 8"):
            loads(opening * depth + "1" + closing * depth)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[" * 100_000, "nested deeper than 8"),
        ('{"a":' * 100_000, "nested deeper than 8"),
        ("{" * 100_000, "not JSON at line 1, column 2"),
    ],
)
def test_nesting_that_is_never_closed_is_refused(text, fault):
    with pytest.raises(DocumentError, match=fault):
        loads(text)


@pytest.mark.parametrize("text", ['"[[[[[[[[[[["', r'"\"[[[[[[[[[[["', r'["\\", "[[[[[[[[[[[["]'])
def test_brackets_in_strings_are_no_nesting(text):
    assert loads(text) == json.loads(text)


def test_a_string_that_never_ends_is_refused_without_delay():
    start = time.perf_counter()
    with pytest.raises(DocumentError):
        loads('"' + r"\"" * 8000)
    assert time.perf_counter() - start < 0.3


@pytest.mark.parametrize("text", ["1" * 64, "-" + "1" * 63, "0." + "1" * 62])
def test_numerals_of_64_characters_are_read(text):
    assert loads(text) == Number(text)


@pytest.mark.parametrize("text", ["-0", "0.0", "1E5", "1e+05", "1e-05", "123456789012345678901"])
def test_every_form_of_json_numeral_is_read(text):
    assert loads(text) == Number(text)
