"""How a fault of a text is told: where it stands, and what to write instead."""

import pytest

from tests.oracle.programs.refused import fault


def test_columns_count_characters_behind_a_comment_of_any_script():
    error = fault("a = c  # Größe µ\nb = c + q")
    assert (error.place.line, error.place.column) == (2, 9)


def test_the_caret_stands_under_the_fault():
    assert str(fault("q = x + wide")) == (
        "line 1, column 5: shapes [2, 3] and [300, 300] do not go together\n"
        "    q = x + wide\n"
        "        ^"
    )


def test_of_a_long_line_what_is_around_the_fault_is_shown():
    told = str(fault(f"a = {'c        + ' * 20}unknown{'        + c' * 20}"))
    said, shown, caret = told.split("\n")
    assert (
        said
        == "line 1, column 225: unknown is not known here; there are x, y, c, wide, ids, m, few, N"
    )
    assert shown[caret.index("^") :].startswith("unknown        + c")
    assert shown.startswith("    …")
    assert shown.endswith("…")
    assert len(shown) < 160


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = x ^ 2", "^ has no place in a program: a power is written **"),
        ("a = x % 2", "% has no place in a program"),
        ("a = ~m", "~ has no place in a program: exchange what where chooses from"),
        ("a = not m", "not has no place in a program"),
        ("a = x[..., 0]", "... has no place in a program: write a : for each axis"),
        (
            "a = y[:, None]",
            "a new axis has no place in an index: write x.reshape(…) with a 1 there",
        ),
        ("a = y[np.newaxis, :]", "a new axis has no place in an index"),
        ("a = x * np.pi", "np.pi is no value here: write its number"),
        ("a = 1_000 * x", "1_000 is no decimal numeral: write one as 16 or 0.5"),
        ("a = 0x10 * x", "0x10 is no decimal numeral"),
        ("a = 2x", "2x is no decimal numeral: write one as 16 or 0.5, and * before a name"),
        ("a = np.einsum('ij,j', x, y)", "there is no function einsum"),
        ("a = exp('x')", "a text has no value here"),
        ("a = x['first', 0]", "a text is no index"),
        ("a = exp(b'xyz')", "a text in bytes has no place in a program"),
        ("a = np.pad(reshape(y, (1, 1, 1, 3)), 99999)", "an array has at most"),
        ("a = reshape(x, ((3, 2), 1))", "brackets with several members belong to shapes"),
        ("a = np.pad(y, 1, 'reflect')", "pad puts zeros beside an array: leave mode and"),
        ("a = np.pad(y, 1, constant_values=1)", "pad puts zeros beside an array: leave mode"),
        ("a = pad(y, 1, mode=1)", "pad takes a word in quotation marks as mode"),
        ("a = pad(y, -1)", "no fewer than 0 entries are put beside an array"),
        ("a = pad(y, (1, 2, 3))", "is padded by a whole number, by (before, behind), or by such"),
        ("a = pad(y, ((1, 2), (3,)))", "is padded by a whole number, by (before, behind)"),
        ("a = pad(sum(y), 1)", "a number has no axis to pad"),
        ("a = pad(y, 99999)", "an array has at most"),
        (
            "a = torch.exp(x)",
            "there is no function torch.exp: functions stand alone, or behind np.",
        ),
        ("a = exp(x, x)", "exp takes 1 operand (got 2)"),
        ("del x", "del has no place in a program"),
    ],
)
def test_what_python_has_and_a_program_has_not_is_told_with_what_to_write(text, said):
    assert said in str(fault(text))


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("digits", ["0.0", "1"])
def test_a_numeral_with_an_exponent_that_no_decimal_has_is_refused(digits, sign):
    text = f"{digits}e{sign}{10**21}"
    assert f"{text} is outside the range of numbers" in str(fault(f"a = c * {text}"))
