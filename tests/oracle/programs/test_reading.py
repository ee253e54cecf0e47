"""What a text says: calls written out, numerals as code takes them, a variance by any form."""

from fractions import Fraction

import pytest

from gradgrade.oracle.accuracy.honest_bands import estimates
from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.walking import evaluate, given_rows
from gradgrade.oracle.programs.deriving import derive_program
from gradgrade.oracle.programs.faults import ProgramError
from gradgrade.oracle.programs.graph import ArrayType, Graph, graph_of
from gradgrade.oracle.programs.reading import read_program
from gradgrade.problems import ProblemSet, generate, solve

ARRAYS = {"x": ArrayType(shape=(2, 3)), "c": ArrayType(shape=())}

SCORES = """def scores(a):
    s = a @ a.T
    return s * 2
"""


def graph(text: str, **options: bool) -> Graph:
    """A text as a program of a matrix x and a number c."""
    return graph_of(read_program(text), ARRAYS, **options)


def lines(text: str) -> list[str]:
    """The names of the lines of a text, in order."""
    return [each.name for each in read_program(text)]


# Calls


def test_lines_of_a_second_call_have_its_number():
    text = SCORES + "y = x\na = scores(x)\nb = scores(y)\ne = scores(x)"
    assert lines(text) == ["y", "scores.s", "a", "scores_2.s", "b", "scores_3.s", "e"]


def test_a_function_of_the_name_of_a_second_call_keeps_it():
    text = SCORES + SCORES.replace("scores", "scores_2")
    text += "a = scores(x)\nb = scores(x)\ne = scores_2(x)"
    assert lines(text) == ["scores.s", "a", "scores_3.s", "b", "scores_2.s", "e"]


def test_a_function_that_another_one_calls_twice_has_two_prefixes():
    text = (
        SCORES + "def both(a):\n    u = scores(a)\n    v = scores(a)\n    return u + v\nb = both(x)"
    )
    assert lines(text) == ["scores.s", "both.u", "scores_2.s", "both.v", "b"]


# Indices


@pytest.mark.parametrize(
    ("with_sizes", "with_numbers"),
    [
        ("q = x[:, :H]", "q = x[:, :2]"),
        ("q = x[N - 1]", "q = x[1]"),
        ("q = x[-N:, 2 * H // N]", "q = x[-2:, 2]"),
        ("q = x[:N // 2, ::H]", "q = x[:1, ::2]"),
        ("q = x[:, [0, H, H - 1]]", "q = x[:, [0, 2, 1]]"),
        ("q = x[:, [[0, H], [1, N]]]", "q = x[:, [[0, 2], [1, 2]]]"),
    ],
)
def test_sizes_stand_in_indices_as_their_numbers_do(with_sizes, with_numbers):
    sizes = {"N": 2, "H": 2}
    (sized,) = graph_of(read_program(with_sizes), ARRAYS, sizes).lines
    (numbered,) = graph(with_numbers).lines
    assert sized.options == numbered.options
    assert sized.operation.shape == numbered.operation.shape


def test_sizes_stand_in_the_indices_of_a_function_that_is_called():
    text = "def first(a):\n    b = a[:N - 1, [0, N]]\n    return b * 2\nq = first(x)"
    assert graph_of(read_program(text), ARRAYS, {"N": 2}).lines[-1].operation.shape == (1, 2)


# Numerals


def value_of(text: str, **options: bool) -> tuple[Fraction, float]:
    """The value of a line `o` exactly as it is in doubles, and its running error."""
    derivation = derive_program(graph(text, **options), differentiate="o")
    given = {"x": [[1.0, 2.0, 3.0]] * 2, "c": 1.0}
    rows = given_rows(derivation, given)
    estimate = estimates(derivation, rows, givens_are_rounded=False)[Name("o")]
    return Fraction(evaluate(derivation, given, Binary64())["o"]), estimate.error.item()


def test_a_numeral_that_is_no_double_has_an_error_of_its_own_where_it_is_exact():
    exact, rounded = value_of("o = c * 0.1"), value_of("o = c * 0.1", rounds_numerals=True)
    assert exact[0] == rounded[0] == Fraction(0.1)
    assert exact[1] == pytest.approx(2 * rounded[1])


def test_what_cancels_among_numerals_keeps_the_error_that_code_has():
    _, error = value_of("o = c * (1 - 0.999999)")
    assert error > 0.9
    assert value_of("o = c * (1 - 0.75)")[1] == 0.25


SET = """
schema = "gradgrade/problem-set/1"
name = "tenths"
[[exercises]]
name = "tenth"
type = "program"
arithmetic = "{arithmetic}"
arrays = {{ x = [] }}
given = {{ x = 1 }}
program = "o = 0.1 * x"
differentiate = "o"
ask = ["o", "dx"]
"""


@pytest.mark.parametrize(
    ("arithmetic", "digits"),
    [("binary64", "0.10000000000000000555111512312578"), ("decimal", "0.1")],
)
def test_a_numeral_is_the_nearest_double_in_binary64_and_itself_in_decimal(arithmetic, digits):
    exercise = generate(
        ProblemSet.from_toml(SET.format(arithmetic=arithmetic)), "tenth", student="1", secret=b"0"
    )
    expected = Fraction(digits) if arithmetic == "decimal" else Fraction(0.1)
    shown = Fraction(str(solve(exercise, digits=60)["dx"].value))
    assert shown == expected


# The variance

VARIANCES = {
    "mean((x - mean(x))**2)",
    "np.mean((x - np.mean(x))**2)",
    "mean((x - x.mean()) * (x - x.mean()))",
    "mean((x - mean(x, axis=0))**2, axis=0)",
    "mean((x - mean(x, 1, keepdims=True))**2, axis=1)",
    "mean((x - mean(x, axis=-1, keepdims=True))**2, 1, keepdims=True)",
    "((x - x.mean(axis=1, keepdims=True))**2).mean(axis=-1)",
}
OTHERS = {
    "mean((x - mean(x, axis=0))**2, axis=1)",
    "mean((x - mean(x, axis=1, keepdims=True))**2)",
    "mean((x - c)**2)",
    "mean((x - mean(x))**3)",
    "mean((x - max(x))**2)",
    "sum((x - mean(x))**2)",
    "mean((x - mean(x)) * (x - max(x)))",
}


@pytest.mark.parametrize("text", sorted(VARIANCES))
def test_a_variance_written_out_is_one(text):
    (node,) = graph(f"o = {text}").nodes
    assert node.function == "var"
    assert node.operation.ways


@pytest.mark.parametrize("text", sorted(OTHERS))
def test_what_is_no_variance_stays_as_it_is_written(text):
    assert "var" not in {node.function for node in graph(f"o = {text}").nodes}


# What is masked


@pytest.mark.parametrize("out", ["-inf", "-np.inf", "-1e9", "-1e30", "-1000000000"])
def test_what_is_masked_out_is_written_in_several_ways(out):
    *_, node = graph(f"o = softmax(where(x > c, x, {out}), axis=0)").nodes
    assert node.function == "masked_softmax"


@pytest.mark.parametrize("out", ["-1e9", "-1e30"])
def test_what_is_masked_out_in_a_line_of_its_own_is_so_in_its_softmax(out):
    *_, node = graph(f"z = where(x > c, x, {out})\no = softmax(z, axis=0)").nodes
    assert node.function == "masked_softmax"
    assert [str(each.name) for each in node.sources] == ["(x > c) at line 1, column 11", "z"]


@pytest.mark.parametrize("out", ["-1e8", "0", "c"])
@pytest.mark.parametrize(
    "text", ["o = softmax(where(x > c, x, {}))", "z = where(x > c, x, {})\no = softmax(z)"]
)
def test_another_number_is_one_of_the_scores(out, text):
    *_, node = graph(text.format(out)).nodes
    assert node.function == "softmax"


@pytest.mark.parametrize("text", ["o = where(x > c, x, -inf)", "o = log_softmax(x - inf)"])
def test_infinity_stands_nowhere_else(text):
    with pytest.raises(ProgramError, match="inf stands only"):
        graph(text)
