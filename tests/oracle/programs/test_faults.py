"""How a fault of a text is told: where it stands, and what to write instead."""

import re

import pytest

from gradgrade.oracle.primitives.table import PRIMITIVES
from gradgrade.oracle.programs.faults import ProgramError
from gradgrade.oracle.programs.graph import ArrayType, graph_of
from gradgrade.oracle.programs.reading import read_program
from gradgrade.oracle.programs.text.other_functions import ADVICE, EXPRESSIONS
from tests.oracle.programs.refused import fault, graph


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
        ("a = x % 2", "% has no place in a program: write the number that it makes, or use where"),
        ("for i in c:\n    a = x", "a loop has no place in a program: write its lines one by one"),
        ("a = x if c > 0 else y", "an if has no place in a program: write where(x > 0, a, b)"),
        ("import numpy as np", "an import has no place in a program: leave it out"),
        ("k = lambda z: z\na = k(x)", "a lambda has no place in a program: write a function, def"),
        ("sum = c\na = sum(x)", "sum is called as a function: give the line another name"),
        (
            "a = x == 1",
            "comparisons are <, <=, > and >=: write one of them, or let a mask be given",
        ),
        ("a = 0 < x < 1", "one comparison at a time: multiply two, (0 < x) * (x < 1)"),
        ("s = c\ns += 1", "one new name: write s2 = s + 1 and go on with s2"),
        ("s1 = c\ns1 *= c - 1", "one new name: write s1_2 = s1 * (c - 1) and go on with s1_2"),
        ("z = x\nz[z < 0] = 0", "one new name: write z2 = where(z < 0, 0, z) and go on with z2"),
        ("z = x\nz[0] = 1", "one new name: write a whole array, put together by where"),
        ("a, b = c, c", "one new name: write one line for each: a = c, b = c"),
        ("a, b = half(x)", "one new name: write one line for each"),
        (
            "i, f, o = np.split(x, 3, axis=1)",
            "write one line for each, with its slice: i = x[:, :H], f = x[:, H:2*H], o = x[:, "
            "2*H:], H the length of a part",
        ),
        ("i, f = np.split(y, [2])", "with its slice: i = y[:2], f = y[2:]"),
        ("i, f = (x + c).chunk(2, dim=1)", "its slice: i = (x + c)[:, :H], f = (x + c)[:, H:], H"),
        ("a = b = c", "one new name: write a = c, and one line for each other name"),
        ("a: float = c", "one new name: write a = c, without an annotation"),
        ("a = sum(x) / x.shape[0]", ".shape has no place in a program: write the length as a num"),
        ("a = sum(x) / len(x)", "there is no function len: write the length as a number, or a"),
        ("a = x[arange(len(x)), ids]", "there is no function len: write the length as a number"),
        ("a = x.ravel()", "there is no function x.ravel: write reshape(x, -1)"),
        ("a = (x > 0).astype(float)", "there is no function (x > 0).astype: leave it out"),
        ("a = x.argmax()", "there is no function x.argmax: let the indices be given, arrays = {"),
        ("a = x.softmax()", "there is no function x.softmax: write softmax(x)"),
        ("a = np.square(x)", "there is no function np.square: write x**2"),
        ("a = np.sinh(x)", "there is no function np.sinh: write (exp(x) - exp(-x)) / 2"),
        ("a = torch.sum(x)", "there is no function torch.sum: write sum(x)"),
        ("a = sigmod(x)", "there is no function sigmod; did you mean sigmoid?"),
        ("a = frobnicate(x)", "no function frobnicate; docs/primitives.md has all that there are"),
        ("a = ~m", "~ has no place in a program: exchange what where chooses from"),
        ("a = not m", "not has no place in a program"),
        ("a = x[..., 0]", "... has no place in a program: write a : for each axis"),
        (
            "a = y[:, None]",
            "a new axis has no place in an index: write x.reshape(…) with a 1 there",
        ),
        ("a = y[np.newaxis, :]", "a new axis has no place in an index"),
        ("a = x * np.pi", "np.pi is no value here: write 3.141592653589793"),
        ("a = x * np.euler_gamma", "np.euler_gamma is no value here: write its number"),
        ("a = 1_000 * x", "1_000 is no decimal numeral: write one as 16 or 0.5"),
        ("a = 0x10 * x", "0x10 is no decimal numeral"),
        ("a = 2x", "2x is no decimal numeral: write one as 16 or 0.5, and * before a name"),
        ("a = np.einsum('ij,j', x, y)", "there is no function np.einsum"),
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
            "there is no function torch.exp: write exp(x)",
        ),
        ("a = F.relu(x + c)", "there is no function F.relu: write relu(x + c)"),
        (
            "a = torch.nn.functional.softmax(x, dim=1)",
            "functional.softmax: write softmax(x, axis=1)",
        ),
        ("a = nn.ReLU()(x)", "there is no function nn.ReLU(): write relu(x)"),
        ("a = F.linear(x, m, y)", "there is no function F.linear: write x @ m.T + y"),
        ("a = F.linear(x, m)", "there is no function F.linear: write x @ m.T"),
        ("a = torch.optim(x)", "torch.optim: functions stand alone, or behind np."),
        ("a = np.square(x + c)", "there is no function np.square: write (x + c)**2"),
        ("a = np.std(x, axis=0)", "there is no function np.std: write sqrt(var(x, axis=0))"),
        ("a = x.std(0)", "there is no function x.std: write sqrt(var(x, 0))"),
        ("a = torch.std(x, dim=0)", "torch.std: write sqrt(var(x, axis=0, ddof=1))"),
        ("a = torch.var(x)", "there is no function torch.var: write var(x, ddof=1)"),
        ("a = np.average(x, weights=y)", "there is no function np.average: write mean(x)"),
        ("a = np.amax(x, axis=1, keepdims=True)", "write max(x, axis=1, keepdims=True)"),
        ("a = np.hstack([x, x + c])", "write concatenate([x, x + c], axis=1), or axis=0 of vec"),
        ("a = np.c_[x, x]", "np.c_ is no value here: write concatenate((x, x), axis=1), or stack("),
        ("a = np.r_[y, y]", "np.r_ is no value here: write concatenate((y, y))"),
        ("a = np.prod(y)", "there is no function np.prod: write y[0] * y[1], and so on"),
        ("a = cross_entropy(x, ids)", "write -mean(log_softmax(x)[arange(N), ids]), with N rows"),
        ("a = F.mse_loss(x, x + c)", "write mean((x - (x + c))**2)"),
        ("a = np.triu(x)", "write x * m, m a mask that is given"),
        ("a = np.triu(x)", "of these numbers by given = { m = [[1, 1, 1], [0, 1, 1], [0, 0, 1]] }"),
        ("a = np.tril(x)", "of these numbers by given = { m = [[1, 0, 0], [1, 1, 0], [1, 1, 1]] }"),
        ("a = F.conv2d(x, m)", "list the entries that each window meets"),
        ("a = conv2d(x, m)", "windows = reshape(x, 9)[[[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], "),
        ("a = conv2d(x, m)", "and write windows @ reshape(m, 4)"),
        (
            "a = max(0, c)",
            "what stands second in max is an axis: write maximum(0, c) for the larger",
        ),
        ("a = np.max(0, y)", "axis: write maximum(0, y) for the larger of two"),
        ("a = max(1 - c * c, 0)", "axis: write maximum(1 - c * c, 0) for the larger of two"),
        ("a = min(y, c)", "axis: write minimum(y, c) for the smaller of two"),
        ("a = sum(x, dim=1)", "sum has no option dim; did you mean axis?"),
        ("a = sum(x, keepdim=True)", "sum has no option keepdim; did you mean keepdims?"),
        ("a = wide[range(N), ids]", "; write wide[arange(N), ids], arange for range"),
        ("a = wide[[0, 1, 2, 3], ids]", "; write wide[[0, 1, 2, 3]][arange(4), ids], arange for"),
        ("a = wide[:, ids]", "; write wide.T[ids].T for columns"),
        ("a = wide[ids, :]", "; write wide[ids]"),
        ("a = exp(x, x)", "exp takes 1 operand (got 2)"),
        ("del x", "del has no place in a program"),
    ],
)
def test_what_python_has_and_a_program_has_not_is_told_with_what_to_write(text, said):
    assert said in str(fault(text))


OF_EXAMPLES = {
    "x": ArrayType(shape=(2, 3)),
    "y": ArrayType(shape=(3,)),
    "W": ArrayType(shape=(3, 3)),
    "b": ArrayType(shape=(3,)),
    "ids": ArrayType(shape=(2,), integers=(0, 2)),
    "m": ArrayType(shape=(2, 3), mask=True),
}


@pytest.mark.parametrize("instead", EXPRESSIONS.values())
def test_what_is_to_be_written_in_place_of_a_function_is_a_program(instead):
    assert graph_of(read_program(f"o = {instead}"), OF_EXAMPLES, {"N": 2}).lines


@pytest.mark.parametrize(
    "text",
    [
        *("np.std(a + 1, axis=0)", "torch.std(a, dim=1, keepdim=True)", "F.softmax(a, dim=0)"),
        *("F.linear(a, w, v)", "F.linear(a + 1, w)", "F.cross_entropy(a, t)", "np.square(a * w)"),
        *("np.hstack([a, w])", "max(0, sum(a))", "a[[0, 1, 2], t]", "a[[2, 0, 1], t]", "a[:, t]"),
        *("a[range(N), t]", "a.relu()", "F.mse_loss(a, w)", "np.r_[a, w]", "np.c_[a, w]"),
        *("np.prod(v)", "torch.mm(a, w)", "np.log2(a * a)", "F.l1_loss(a + w, w)"),
    ],
)
def test_what_is_told_to_be_written_is_a_program_of_the_names_that_were_written(text):
    given = dict.fromkeys(("a", "w"), ArrayType(shape=(3, 3))) | {
        "v": ArrayType(shape=(3,)),
        "t": ArrayType(shape=(3,), integers=(0, 2)),
    }
    with pytest.raises(ProgramError) as caught:
        graph_of(read_program(f"o = {text}"), given, {"N": 3})
    told = re.split(r", (?:and|with|or|arange)\b| for ", caught.value.message.split("write ")[-1])[
        0
    ]
    assert graph_of(read_program(f"o = {told}"), given, {"N": 3}).lines


@pytest.mark.parametrize("name", [*EXPRESSIONS, *ADVICE])
def test_no_function_that_there_is_is_said_to_be_none(name):
    assert name not in PRIMITIVES


@pytest.mark.parametrize("quotes", ["'''", '"""', "'"])
def test_a_text_that_explains_a_function_is_passed_over(quotes):
    text = f"def half(z):\n    {quotes}Half of z.{quotes}\n    w = z / 2\n    return w\na = half(x)"
    assert [str(each.name) for each in graph(text).lines] == ["half.w", "a"]


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("digits", ["0.0", "1"])
def test_a_numeral_with_an_exponent_that_no_decimal_has_is_refused(digits, sign):
    text = f"{digits}e{sign}{10**21}"
    assert f"{text} is outside the range of numbers" in str(fault(f"a = c * {text}"))


def test_a_number_of_the_text_that_code_has_not_is_refused():
    assert "below the smallest number" in str(fault("a = c * (1e-200 * 1e-200)"))


def test_sums_of_too_many_entries_are_refused_before_they_are_listed():
    assert "at most 200000 entries in all" in str(fault("a = cumsum(wide, axis=1)"))
