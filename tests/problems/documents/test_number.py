"""Numbers of documents: texts, and what they stand for."""

import math
from decimal import Decimal

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradgrade.problems import DocumentError
from gradgrade.problems.documents.number import Number

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(FINITE)
def test_a_float_is_written_in_the_shortest_form_that_gives_it_back(value):
    number = Number.of(value)
    assert number.text == repr(value)
    assert math.copysign(1, number.exact("binary64")) == math.copysign(1, value) or value == 0
    assert number.exact("binary64") == value


@given(st.decimals(-(10**9), 10**9, places=6))
def test_in_decimal_arithmetic_a_number_is_what_is_written(value):
    assert Number(str(value)).exact("decimal") == value


def test_one_text_is_two_numbers_in_the_two_arithmetics():
    assert Number("0.1").exact("decimal") == Decimal("0.1")
    assert Decimal(Number("0.1").exact("binary64")) != Decimal("0.1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "+1",
        "01",
        "1.",
        ".5",
        "1e",
        "0x1",
        "1_0",
        " 1",
        "1 ",
        "1\n",
        "nan",
        "inf",
        "١",
        "1,5",
    ],
)
def test_what_is_no_json_numeral_is_no_number(text):
    with pytest.raises(DocumentError, match="is not a number"):
        Number(text)


@pytest.mark.parametrize("text", ["1e309", "-1e309", "1.7976931348623159e308", "9" * 10 + "e300"])
def test_what_has_no_finite_double_is_refused(text):
    with pytest.raises(DocumentError, match="beyond the range of binary64"):
        Number(text)


@pytest.mark.parametrize("arithmetic", ["decimal", "binary64"])
@pytest.mark.parametrize("text", ["1e-400", "-0.1e-323", "2e-999999999999"])
def test_what_vanishes_in_binary64_is_refused_when_it_enters_a_formula(text, arithmetic):
    with pytest.raises(DocumentError, match="below the range of binary64"):
        Number(text).exact(arithmetic)


@pytest.mark.parametrize("text", ["0", "-0", "0.000", "0e-999999999", "0e999999999", "-0E5"])
def test_every_zero_is_zero(text):
    assert Number(text).exact("decimal") == 0
    assert Number(text).exact("binary64") == 0


@pytest.mark.parametrize("value", [True, False, "1", None, [1], 1j, b"1", object()])
def test_what_is_no_number_in_python_is_refused(value):
    with pytest.raises(DocumentError, match="is not a number"):
        Number.of(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, Decimal("NaN"), Decimal("inf")])
def test_what_is_not_finite_is_refused(value):
    with pytest.raises(DocumentError, match="is not a finite number"):
        Number.of(value)


@pytest.mark.parametrize("value", [10**64, -(10**64), 10**5000], ids=["65", "66", "5001"])
def test_an_integer_of_more_than_64_characters_is_refused(value):
    with pytest.raises(DocumentError):
        Number.of(value)


def test_a_numpy_double_is_written_as_the_float_that_it_is():
    assert Number.of(numpy.float64(0.1)).text == "0.1"


def test_numbers_are_equal_where_their_texts_are():
    assert Number("0.10") != Number("0.1")
    assert {Number("0.1"), Number("0.1")} == {Number("0.1")}
    assert Number("0.1") != 0.1
