"""What people type into a box for one number: how it is read, or the very words it gets."""

import re
import time
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradgrade.problems.documents.faults.writing import beyond_range
from gradgrade.problems.documents.number import Number
from gradgrade.problems.errors import DocumentError
from gradgrade.problems.reading import read_number
from tests.examples import examples


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("0.25", "0.25"),
        ("-0.2500", "-0.2500"),
        ("1E+05", "1e+05"),
        ("-0.0", "-0.0"),
        (" 0.5\t", "0.5"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("5.", "5"),
        ("+0.5", "0.5"),
        ("- 0.5", "-0.5"),
        ("−0.5", "-0.5"),
        ("–0.5", "-0.5"),
        ("１２．５", "12.5"),
        ("－０，５", "-0.5"),
        ("0,5", "0.5"),
        ("-,5", "-0.5"),
        ("1,5", "1.5"),
        ("0,123", "0.123"),
        ("1234,567", "1234.567"),
        ("1,5e-3", "1.5e-3"),
        ("1,234e5", "1.234e5"),
        ("1.5×10^-3", "1.5e-3"),
        ("1.5*10^-3", "1.5e-3"),
        ("1.5 * 10**-3", "1.5e-3"),
        ("1,5 · 10^−3", "1.5e-3"),
        ("1.5×10⁻³", "1.5e-3"),
        ("1.5x10^{-3}", "1.5e-3"),
        ("10^-3", "1e-3"),
        ("-10⁻³", "-1e-3"),
        ("\u00a00.5\u200b", "0.5"),
        ("5e-324", "5e-324"),
    ],
)
def test_a_number_keeps_its_digits(typed, read):
    assert read_number(typed) == Number(read)


LIKE = "write it like -0.25 or 1.5e-3"
NO_ANSWER = "is not a number: leave this part empty where you have no answer"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "it is empty: write a number"),
        ("1,234", "'1,234' can be 1234 or 1.234: write one of them"),
        ("-12,345", "'-12,345' can be -12345 or -12.345: write one of them"),
        ("1,234,567", "'1,234,567' has separators of thousands: write 1234567"),
        ("1.234,5", "'1.234,5' has separators of thousands: write 1234.5"),
        ("1,234.5", "'1,234.5' has separators of thousands: write 1234.5"),
        ("1 000", "'1 000' has separators of thousands: write 1000"),
        ("1_000", "'1_000' has separators of thousands: write 1000"),
        ("1'000.5", '"1\'000.5" has separators of thousands: write 1000.5'),
        ("1/3", "'1/3' is a fraction: write its decimal value, such as 0.25"),
        ("½", "'½' is a fraction: write its decimal value, such as 0.25"),
        ("25%", "'25%' has a percent sign: write a share of 1, such as 0.25 for a quarter"),
        ("about 0.5", "'about 0.5' says more than a number: write it alone, as 0.5"),
        ("~0.5", "'~0.5' says more than a number: write it alone, as 0.5"),
        ("≈ -0.5", "'≈ -0.5' says more than a number: write it alone, as -0.5"),
        ("= 0.5", "'= 0.5' says more than a number: write it alone, as 0.5"),
        ("0.5 ± 0.1", "'0.5 ± 0.1' says more than a number: write it alone, as 0.5"),
        ("0.5 (rounded)", "'0.5 (rounded)' says more than a number: write it alone, as 0.5"),
        ("0.5f", "'0.5f' says more than a number: write it alone, as 0.5"),
        ("-", f"'-' {NO_ANSWER}"),
        ("n/a", f"'n/a' {NO_ANSWER}"),
        ("?", f"'?' {NO_ANSWER}"),
        ("None", f"'None' {NO_ANSWER}"),
        ("nan", "'nan' is not a number: write a finite one, or leave this part out"),
        ("-inf", "'-inf' is not a finite number: write one, or leave this part out"),
        ("∞", "'∞' is not a finite number: write one, or leave this part out"),
        ("...", "'...' stands for numbers that were left out: write all of them"),
        ("0.1 0.2", "'0.1 0.2' are 2 numbers: one is asked here"),
        ("0.5-", "'0.5-' has its sign at its end: write -0.5 or 0.5"),
        ("--0.5", "'--0.5' has two signs: write one"),
        ("0.5.1", "'0.5.1' has two decimal points: write one"),
        ("007", "'007' begins with zeros: write 7"),
        ("O.5", "'O.5' has a letter where a digit belongs: write 0.5"),
        ("0x1p3", f"'0x1p3' is not a number in decimal digits: {LIKE}"),
        ("2*3", "'2*3' is an expression: write its value, such as 0.25"),
        ("sqrt(2)", "'sqrt(2)' is an expression: write its value, such as 0.25"),
        (
            "1.5 e-3",
            "'1.5 e-3' has no whole number as its exponent, without spaces: write it like 1.5e-3",
        ),
        ("١٢", f"'١٢' is not written with the digits 0 to 9: {LIKE}"),
        ("loss", f"'loss' is not a number: {LIKE}"),
        ("True", f"'True' is not a number: {LIKE}"),
        ("1e400", beyond_range("1e400")),
        ("1" * 65, f"{'1' * 60!r}… has more than 64 characters: write fewer digits"),
        (
            "1" * 500,
            f"{'1' * 60!r}… has 500 characters, and a number has no more than 64 characters: "
            "write fewer digits",
        ),
    ],
)
def test_what_is_no_number_is_told_with_what_to_write(typed, said):
    with pytest.raises(DocumentError) as refusal:
        read_number(typed)
    assert str(refusal.value) == said


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(finite, st.sampled_from(["{}", "+{}", " {} ", "{}\u00a0"]))
@settings(deadline=None, max_examples=examples(200))
def test_every_double_reads_back_however_its_signs_are_typed(value, form):
    typed = form.format(repr(value)) if value >= 0 else repr(value)
    minus = typed.replace("-", "−")
    mantissa, _, exponent = typed.strip().partition("e")
    power = f"{mantissa} × 10^{exponent}" if exponent else typed
    for each in (typed, minus, power):
        assert repr(read_number(each).double) == repr(value)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**6), max_value=10**6
    )
)
@settings(deadline=None, max_examples=examples(200))
def test_a_decimal_comma_is_read_as_a_point_or_refused(value):
    typed = f"{value:f}".replace(".", ",")
    assert read_number(typed).decimal() == value


@given(st.integers(1, 999), st.integers(0, 999))
@settings(deadline=None, max_examples=examples(100))
def test_a_comma_before_three_digits_is_never_guessed(whole, rest):
    with pytest.raises(DocumentError, match=f"can be {whole}{rest:03} or {whole}.{rest:03}"):
        read_number(f"{whole},{rest:03}")


@given(st.text(alphabet="0123456789.,eE+-−× *^10xX/%_' ()jOl٫", max_size=30))
@settings(deadline=None, max_examples=examples(500))
def test_whatever_is_read_is_the_decimal_that_was_typed_and_all_else_is_one_line(typed):
    try:
        number = read_number(typed)
    except DocumentError as error:
        # Drawn texts may be refused or not: what is refused is told so.
        assert re.fullmatch(r"[^\n]+: [^\n]+", str(error))  # noqa: PT017
        return
    if "10" not in typed:
        written, digits = (re.sub("[^1-9]", "", each) for each in (number.text, typed))
        assert written == digits
    assert Number(number.text) == number
    assert Decimal(number.text).is_finite()


@pytest.mark.parametrize(
    "piece", ["1", "1 ", ".", ",", "1,", "-", "1e", "1_0", "O", "×10", " ", "1.1."]
)
def test_reading_takes_no_more_than_linear_time(piece):
    began = time.process_time()
    for length in (199, 200, 1_000_000):
        with suppress(DocumentError):
            read_number((piece * length)[: length - 1] + "x")
    assert time.process_time() - began < 1
