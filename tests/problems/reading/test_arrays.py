"""Arrays as people print and paste them: how each is read, or the very words it gets."""

import io
import re
import time
from contextlib import suppress

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gradgrade.problems.errors import DocumentError
from gradgrade.problems.reading import read_array, understood
from tests.examples import examples

SQUARE = "2 × 2: [[0.1, 0.2], [0.3, 0.4]]"


@pytest.mark.parametrize(
    ("text", "shape", "read"),
    [
        ("[[0.1, 0.2], [0.3, 0.4]]", (2, 2), SQUARE),
        ("[[0.1 0.2]\n [0.3 0.4]]", (2, 2), SQUARE),
        ("[[0.1 0.2]\n [0.3 0.4]]", None, SQUARE),
        ("array([[0.1, 0.2],\n       [0.3, 0.4]])", (2, 2), SQUARE),
        ("np.array([[0.1, 0.2], [0.3, 0.4]], dtype=np.float32)", (2, 2), SQUARE),
        (
            "tensor([[0.1000, 0.2000],\n        [0.3000, 0.4000]], dtype=torch.float64,\n"
            "       grad_fn=<AddmmBackward0>)",
            (2, 2),
            "2 × 2: [[0.1000, 0.2000], [0.3000, 0.4000]]",
        ),
        ("Parameter containing:\ntensor([[.1, .2], [.3, .4]], requires_grad=True)", (2, 2), SQUARE),
        ("Array([0.1, 0.2], dtype=float32)", (2,), "2: [0.1, 0.2]"),
        ("[np.float64(0.1), np.float64(0.2)]", (2,), "2: [0.1, 0.2]"),
        ("tensor(0.24, grad_fn=<MeanBackward0>)", (), "0.24"),
        ("np.float64(0.24)", (), "0.24"),
        ("[0.1 0.2; 0.3 0.4]", (2, 2), SQUARE),
        ("[0.1, 0.2; 0.3, 0.4];", (2, 2), SQUARE),
        ("[0.1 0.2\n 0.3 0.4]", (2, 2), SQUARE),
        ("    0.1    0.2\n    0.3    0.4\n", (2, 2), SQUARE),
        ("[0.1; 0.2]", (2,), "2: [0.1, 0.2]"),
        ("[0.1 0.2]", (2,), "2: [0.1, 0.2]"),
        ("[0.1 0.2]", (1, 2), "1 × 2: [[0.1, 0.2]]"),
        ("[0.1, 0.2]", (1, 2), "2: [0.1, 0.2]"),
        ("[0.1; 0.2]", (2, 1), "2 × 1: [[0.1], [0.2]]"),
        ("[0.1 0.2 0.3\n 0.4]", (4,), "4: [0.1, 0.2, 0.3, 0.4]"),
        ("0.1\t0.2\r\n0.3\t0.4".replace("\r", ""), (2, 2), SQUARE),
        ("0,1\t0,2\n0,3\t0,4\n", (2, 2), SQUARE),
        ("0,1;0,2\n0,3;0,4", (2, 2), SQUARE),
        ("0.1,0.2\n0.3,0.4\n", (2, 2), SQUARE),
        ("0.1,0.2,\n0.3,0.4,\n", (2, 2), SQUARE),
        ("0.1\n0.2", (2,), "2: [0.1, 0.2]"),
        ("0.1 0.2", (1, 2), "1 × 2: [[0.1, 0.2]]"),
        ("0.5", (1, 1), "1 × 1: [[0.5]]"),
        ("[0.1, 0.2,]", (2,), "2: [0.1, 0.2]"),
        ("['0.1', \"0.2\"]", (2,), "2: [0.1, 0.2]"),
        ('["0.1", 0.2]', (2,), "2: [0.1, 0.2]"),
        ("(0.1, 0.2)", (2,), "2: [0.1, 0.2]"),
        ("(0.1,)", (1,), "1: [0.1]"),
        ("{{0.1, 0.2}, {0.3, 0.4}}", (2, 2), SQUARE),
        ("[[0.1, 0.2]\n,[0.3, 0.4]]", (2, 2), SQUARE),
        ("[0.1, 0.2]\n[0.3, 0.4]", (2, 2), SQUARE),
        ("[ 1.e+00 -2.e-05]", (2,), "2: [1e+00, -2e-05]"),
        ("[１．５　−２]", (2,), "2: [1.5, -2]"),
        ("[1.5×10^-3, 2 * 10^4]", (2,), "2: [1.5e-3, 2e4]"),
        ("0,5", (), "0.5"),
        ("0,5 1,5", (2,), "2: [0.5, 1.5]"),
        ("1,2 3,4", (2,), "2: [1.2, 3.4]"),
        ("1,2 3,4", (4,), "4: [1, 2, 3, 4]"),
        ("[0,5; 1,5]", (2,), "2: [0.5, 1.5]"),
        ("[0,5, 0,3; 1,5, 2,5]", (2, 2), "2 × 2: [[0.5, 0.3], [1.5, 2.5]]"),
        ("null", (), "null"),
        ("[[None, None]]", (1, 2), "1 × 2: [[null, null]]"),
        ("[0.1, 0.2]", (3,), "2: [0.1, 0.2]"),
    ],
)
def test_an_array_is_read_however_it_was_printed(text, shape, read):
    assert understood(read_array(text, shape)) == read


BROKEN = (
    "'...' stands for numbers that were not printed: print all of them (in numpy by "
    "set_printoptions(threshold=sys.maxsize), in torch by set_printoptions(profile='full'))"
)
PLAINLY = "write decimals with a point, and rows in brackets of their own"


@pytest.mark.parametrize(
    ("text", "shape", "said"),
    [
        ("[0.1 0.2 ... 0.9 1. ]", (1000,), BROKEN),
        ("tensor([0.1, …, 1.])", (1000,), BROKEN),
        (
            "[0.1 nan]",
            (2,),
            "entry 2: 'nan' is not a number: write a finite one, or leave this part out",
        ),
        ("[0.1 1/3]", (2,), "entry 2: '1/3' is a fraction: write its decimal value, such as 0.25"),
        ("[0.1, , 0.3]", (3,), "entry 2 is empty: write its number"),
        ("0.1\t\t0.3", (3,), "entry 2 is empty: write its number"),
        ("[, 0.1]", (1,), "entry 1 is empty: write its number"),
        ("1,234", (), "'1,234' can be 1234 or 1.234: write one of them"),
        ("1,234\t0,5", (2,), "'1,234' can be 1234 or 1.234: write one of them"),
        (
            "1,2 3,4",
            None,
            f"'1,2 3,4' can be read as 4: [1, 2, 3, 4] or as 2: [1.2, 3.4]: {PLAINLY}",
        ),
        (
            "[1 2\n 3 4]",
            None,
            "'[1 2 3 4]' can be read as 4: [1, 2, 3, 4] or as 2 × 2: [[1, 2], [3, 4]]: " + PLAINLY,
        ),
        ("[1 2", (2,), "a bracket is opened and not closed: write ]"),
        ("array([1, 2]", (2,), "a bracket is opened and not closed: write )"),
        ("1 2]", (2,), "a bracket ] closes none: delete it, or open one"),
        ("[1 2)", (2,), "a bracket ) closes none: delete it, or open one"),
        (
            "[1 2]'",
            (2, 1),
            "the sign ' transposes in MATLAB, or ends no text: write the array as it is",
        ),
        ("np.exp(0.1)", (), "'np.exp(…)' is an expression: write its value"),
        (
            "array(0.1, 0.2)",
            (2,),
            "array(…) has '0.2' beside its array: write all numbers in one pair of brackets",
        ),
        (
            "[[1, 2], [3]]",
            (2, 2),
            "an array is ragged: its rows differ in length: write as many numbers in each row",
        ),
        (
            "[1 2; 3]",
            (2, 2),
            "an array is ragged: its rows differ in length: write as many numbers in each row",
        ),
        ("[]", (2,), "an array is empty: write as many numbers in each row"),
        ("", (2,), "an array is empty: write its numbers"),
        ("array([])", (2,), "an array is empty: write its numbers"),
        ("[true, 1]", (2,), "true is not a number"),
        ("dW1", (2,), "'dW1' is not a number: write it like -0.25 or 1.5e-3"),
        ("[1 2;; 3 4]", (2, 2), "a semicolon has no row before it: write the row, or delete it"),
    ],
)
def test_what_is_no_array_is_told_with_what_to_write(text, shape, said):
    with pytest.raises(DocumentError) as refusal:
        read_array(text, shape)
    assert str(refusal.value) == said


doubles = arrays.arrays(
    numpy.float64,
    arrays.array_shapes(min_dims=1, max_dims=3, max_side=5),
    elements=st.floats(allow_nan=False, allow_infinity=False),
)
matrices = arrays.arrays(
    numpy.float64,
    arrays.array_shapes(min_dims=2, max_dims=2, max_side=5),
    elements=st.floats(allow_nan=False, allow_infinity=False),
)


def assert_read_back(text: str, array: numpy.ndarray) -> None:
    read = read_array(text, array.shape)
    again = numpy.vectorize(lambda number: number.double, otypes=[float])(
        numpy.array(read, dtype=object)
    )
    assert again.shape == array.shape
    assert again.tobytes() == array.tobytes()


@given(doubles, st.integers(20, 120))
@settings(deadline=None, max_examples=examples(150))
def test_what_numpy_prints_in_full_reads_back_to_the_same_doubles(array, width):
    with numpy.printoptions(floatmode="unique", linewidth=width, threshold=10**6):
        assert_read_back(str(array), array)
        assert_read_back(repr(array), array)
        if array.ndim == 1:
            assert_read_back(str(list(array)), array)
    with numpy.printoptions(precision=17, linewidth=width, threshold=10**6):
        # Of a small number that is so many decimals, and perhaps not all of its digits.
        printed = [float(each) for each in re.findall(r"[^][\s]+", str(array))]
        assert_read_back(str(array), numpy.reshape(printed, array.shape))


@given(doubles)
@settings(deadline=None, max_examples=examples(100))
def test_what_torch_prints_reads_back_to_the_same_doubles(array):
    rows = str(array.tolist()).replace("], [", "],\n        [")
    assert_read_back(f"tensor({rows}, dtype=torch.float64)", array)


@given(matrices, st.sampled_from([" ", ", ", ",\t"]))
@settings(deadline=None, max_examples=examples(100))
def test_what_is_written_as_in_matlab_reads_back_to_the_same_doubles(array, between):
    # A row alone that has commas is a vector to everybody else.
    rows = [(between if len(array) > 1 else " ").join(map(repr, row)) for row in array.tolist()]
    for end in ("; ", ";\n", "\n") if array.size > 1 else ():
        assert_read_back(f"[{end.join(rows)}];", array)


@given(matrices)
@settings(deadline=None, max_examples=examples(100))
def test_cells_of_a_spreadsheet_read_back_to_the_same_doubles(array):
    for between in (",", "\t", ";"):
        file = io.StringIO()
        numpy.savetxt(file, array, delimiter=between, fmt="%.17g", newline="\n")
        text = file.getvalue()
        assert_read_back(text, array)
        # Where a fraction begins with a comma, another sign separates cells.
        if between != "," and "." in text and not _has_thousands(text):
            assert_read_back(text.replace(".", ","), array)


def _has_thousands(text: str) -> bool:
    """Whether a comma for a point leaves a number that can be two."""
    cells = text.replace(";", "\t").split()
    return any(len(each.partition(".")[2]) == 3 for each in cells)


@given(st.text(alphabet="0123456789.,;eE+-[](){}\n\t '\"nanullarry(dtype=…×", max_size=60))
@settings(deadline=None, max_examples=examples(500))
def test_whatever_is_pasted_is_read_or_refused_in_one_line(text):
    for shape in (None, (), (2,), (2, 2)):
        try:
            told = understood(read_array(text, shape))
        except DocumentError as error:
            told = str(error)
        assert "\n" not in told


@pytest.mark.parametrize(
    "piece",
    [
        "1 ",
        "1,",
        "0,5 ",
        "0,5;",
        "[",
        "(",
        "]",
        "'",
        '"',
        "[1 2]\n",
        "1\t",
        "a(",
        "array(",
        "\n",
        "1;",
        "1 × ",
        " " * 50,
        "x.x.x.",
        "array([1], dtype=",
        "1,234 ",
    ],
)
def test_reading_takes_no_more_than_linear_time(piece):
    text = piece * (60_000 // len(piece))
    began = time.process_time()
    with suppress(DocumentError):
        read_array(text, (2, 2))
    assert time.process_time() - began < 1.5
