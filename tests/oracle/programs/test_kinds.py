"""Comparisons and whole numbers in texts: what numpy makes of them otherwise is refused."""

from math import erf, prod, sqrt
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.walking import evaluate
from gradgrade.oracle.primitives.table import PRIMITIVES
from gradgrade.oracle.programs.bounds import MOST_WHOLE
from gradgrade.oracle.programs.deriving import derive_program
from gradgrade.oracle.programs.faults import ProgramError
from gradgrade.oracle.programs.graph import ArrayType, graph_of
from gradgrade.oracle.programs.reading import read_program
from tests.examples import examples
from tests.oracle.programs.refused import fault, graph

X, Y = [0.5, -1.25, 2.0], [0.75, 1.5, -0.25]
GIVEN = {"x": ArrayType(shape=(3,)), "y": ArrayType(shape=(3,))}


def _softmax(z: Any, axis: int = -1) -> Any:
    powers = numpy.exp(z - numpy.max(z, axis=axis, keepdims=True))
    return powers / numpy.sum(powers, axis=axis, keepdims=True)


NUMPY = {
    **{name: getattr(numpy, name) for name in PRIMITIVES if hasattr(numpy, name)},
    "np": numpy,
    "norm": numpy.linalg.norm,
    "relu": lambda z: numpy.maximum(z, 0),
    "sigmoid": lambda z: 1 / (1 + numpy.exp(-z)),
    "silu": lambda z: z / (1 + numpy.exp(-z)),
    "gelu": lambda z: z * _normal(z),
    "softplus": lambda z: numpy.log1p(numpy.exp(z)),
    "log_sigmoid": lambda z: -numpy.log1p(numpy.exp(-z)),
    "softmax": _softmax,
    "log_softmax": lambda z: numpy.log(_softmax(z)),
    "logsumexp": lambda z: numpy.log(numpy.sum(numpy.exp(z))),
    "stop_gradient": lambda z: z,
}
"""The language's functions, as numpy has them or as they are written with it."""


def _normal(z: Any) -> Any:
    return numpy.vectorize(lambda each: (1 + erf(each / sqrt(2))) / 2)(z)


CALLS = {
    **{each: f"{each}({{a}})" for each in ("abs", "exp", "sin", "cos", "sigmoid", "tanh", "relu")},
    **{each: f"{each}({{a}})" for each in ("softplus", "gelu", "silu", "log_sigmoid", "softmax")},
    **{each: f"{each}({{a}})" for each in ("log_softmax", "logsumexp", "stop_gradient", "sum")},
    **{each: f"{each}({{a}})" for each in ("mean", "var", "max", "min", "norm", "transpose")},
    **{each: f"{each}({{a}}, {{b}})" for each in ("maximum", "minimum", "greater", "less", "dot")},
    **{each: f"{each}({{a}}, {{b}})" for each in ("matmul",)},
    "add": "{a} + {b}",
    "subtract": "{a} - {b}",
    "negative": "-{a}",
    "multiply": "{a} * {b}",
    "divide": "{a} / ({b} + 1)",
    "power": "{a}**{n}",
    "log": "log({a} * {a} + 1)",
    "sqrt": "sqrt({a} * {a})",
    "clip": "clip({a}, 0, 2)",
    "where": "where({a}, {b}, {a})",
    "greater_equal": "{a} >= 0.125",
    "less_equal": "{a} <= 0.125",
    "outer": "outer({a}, {b})[1]",
    "cumsum": "cumsum({a})",
    "swapaxes": "swapaxes(outer({a}, {b}), 0, 1)[1]",
    "reshape": "reshape({a}, -1)",
    "pad": "pad({a}, 1)[1:-1]",
    "concatenate": "concatenate([{a}, {b}])[1:4]",
    "stack": "stack([{a}, {b}])[1]",
}
"""Every primitive, of a and b."""

OTHERS = (
    *("where({a} > 0.125, {b}, {a})", "clip({a}, 0.5, 2)", "{a}[0]", "{a}[[0, 2, 2]]"),
    *("np.power({a}, {n})", "np.add({a}, {b})", "np.multiply({a}, {b})", "{a} * 100 + {b} * 100"),
    *("{a} * 3000000000", "{a} * 2.0", "{a} * 1", "1 - {a}", "{a} @ {b}"),
)

OPERANDS = (
    "(x > 0)",
    "(y < 1)",
    "where(x > 0, 1, 2)",
    "sum(y > 0)",
    "(1 < 2)",
    "3",
    "2.0",
    "x",
    str(10**22),
)
EXPONENTS = ("0", "1", "2", "3", "40", "-1", "-2", "0.5", "2.0", "-1.0", "-0.5")


def as_numpy_has_it(text: str) -> dict[str, Any]:
    """What numpy makes of the very text."""
    known: dict[str, Any] = {**NUMPY, "x": numpy.array(X), "y": numpy.array(Y)}
    before = {*known, "__builtins__"}
    with numpy.errstate(all="ignore"):
        exec(text, known)
    return {name: value for name, value in known.items() if name not in before}


def hold_to_numpy(text: str) -> bool:
    """Hold what a text makes to what numpy makes of it; return whether it is no program."""
    try:
        found = graph_of(read_program(text), GIVEN)
    except ProgramError:
        return True
    ups = {str(line.name): line for line in found.lines}
    last = [*ups][-1]
    ones = [1.0] * prod(ups[last].operation.shape)
    rows = ones if ups[last].operation.shape else ones[0]
    derivation = derive_program(found, upstream=[last])
    with numpy.errstate(all="ignore"):
        values = evaluate(derivation, {"x": X, "y": Y, f"d{last}": rows}, Binary64())
    ours = {name: numpy.array(value, float) for name, value in values.items() if name in ups}
    try:
        theirs = as_numpy_has_it(text)
        # A whole number of Python's own may be too large for a double.
        for name in ours:
            float(numpy.max(numpy.abs(theirs[name])))
    except ArithmeticError:  # Python's own numbers raise where numpy's are inf or nan
        assert not all(numpy.all(numpy.isfinite(each)) for each in ours.values()), text
        return False
    for name, value in ours.items():
        if numpy.iscomplexobj(theirs[name]):
            continue
        expected = numpy.asarray(theirs[name], float)
        assert expected.shape == value.shape, (text, name)
        close = numpy.isclose(value, expected, rtol=1e-9, atol=1e-9)
        assert numpy.all(close | ~numpy.isfinite(expected)), (text, name)
    return False


PROBES = ("r + r", "r * 100 + r * 100", "r * 200", "exp(r)", "r**2 * 100 + r**2 * 100", "r**-1")


def test_there_is_a_call_of_every_primitive():
    assert {*CALLS} == {*PRIMITIVES}


@pytest.mark.parametrize("name", CALLS)
def test_what_is_made_of_comparisons_and_whole_numbers_is_numpy_s_or_refused(name):
    for a in ("(x > 0)", "where(x > 0, 1, 2)", "x"):
        for b in ("(y < 1)", "where(y > 0, 3, 2)", "y"):
            for n in EXPONENTS if name == "power" else "1":
                line = f"r = {CALLS[name].format(a=a, b=b, n=n)}"
                for probe in PROBES:
                    hold_to_numpy(f"{line}\no = {probe}")


@st.composite
def texts(draw: st.DrawFn) -> str:
    lines: list[str] = []
    for number in range(draw(st.integers(1, 4))):
        operands = st.sampled_from([*OPERANDS, *(f"r{each}" for each in range(number))])
        form = draw(st.sampled_from([*CALLS.values(), *OTHERS]))
        filled = form.format(a=draw(operands), b=draw(operands), n=draw(st.sampled_from(EXPONENTS)))
        lines.append(f"r{number} = {filled}")
    return "\n".join(lines)


@settings(max_examples=examples(5000))
@given(texts())
def test_a_drawn_text_of_comparisons_and_whole_numbers_is_numpy_s_or_refused(text):
    hold_to_numpy(text)


@pytest.mark.parametrize(
    "text",
    [
        *("a = (x > 0)**2", "a = (x > 0)**-1", "a = abs(x > 0)**2", "a = (x > 0)**0.5"),
        *("k = (x > 0) * (x < 1)\na = k**3", "a = np.power(maximum(x > 0, x < 1), 2)"),
    ],
)
def test_a_power_of_comparisons_is_refused(text):
    assert "write where(x > 0, 1.0, 0.0) for one" in str(fault(text))


@pytest.mark.parametrize(
    ("text", "n"),
    [
        *(("a = (sum(x > 0) + 1)**-1", -1), ("a = where(x > 0, 1, 2)**-2", -2)),
        *(("a = maximum(2, 3)**-1", -1), ("a = np.power(10, -3)", -3)),
        *(("a = (1 - (x > 0))**-1", -1), ("a = relu(cumsum(y > 0))**-N", -4)),
    ],
)
def test_a_negative_power_of_whole_numbers_is_refused_with_the_exponent_to_write(text, n):
    assert f"numpy has no negative power of whole numbers: write {n}.0 for {n}" in str(fault(text))


@pytest.mark.parametrize(
    "text",
    [
        *("a = where(x > 0, 3, 2)**50", "a = sum(x > 0)**30", "a = 2**54 * sum(x > 0)"),
        *("a = 3 * 2**52 * (x > 0)", "k = 2**54\na = k * (x > 0)", "a = np.add(2**62, 2**62)"),
        *(f"a = sum(x > 0) * {10**22}", f"a = stack([{10**22}, c])", f"a = sqrt({10**22})"),
        *("k = where(x > 0, 4000000000, 1)\na = k * k", f"a = where(x > 0, {10**22}, 1)"),
        *("k = where(x > 0, 1, 2)**26\na = k @ k.T", f"a = sum(where(x > 0, {2**51}, 1))"),
        f"a = cumsum(where(y > 0, {2**52}, 1))",
        f"a = outer(where(y > 0, {2**30}, 1), where(y > 0, 1, {2**30}))",
    ],
)
def test_whole_numbers_that_may_be_too_large_are_refused_with_what_to_write(text):
    assert "make them doubles, 2.0 for 2 and 1.0 * n for n" in str(fault(text))


@pytest.mark.parametrize(
    "text",
    [
        *("a = 10**-3 * x", "a = (-2)**-1 * x", "a = where(x > 0, 1, 2)**-1.0"),
        *("a = where(x > 0, 1.0, 2.0)**-2", "a = where(x > 0, 3.0, 2)**50", "a = 1e22 * x"),
        *("a = where(x > 0, 1, 2)**-0.5", "a = (sum(x > 0) / 2)**-1", "a = mean(x > 0)**-1"),
        *(f"a = {MOST_WHOLE} * x", "a = (m + 1)**-1", "a = where(x > 0, x, 2)**-1"),
        *(f"a = x + {10**22}", f"a = where(x > 0, x, {10**22})", f"a = clip(x, 0, {10**22})"),
        *(
            f"k = {10**22}\na = x + k",
            *("a = N**-1 * x", "k = 2\na = k**-1 * x", "a = (2 + N)**-2", "a = sqrt(N**-1)"),
            *("a = 2**54 * x", "a = 3 * 2**52 * x", "a = sum(x) / 10**17", "a = -(2**60) * x"),
            *("a = ((2**60)**60 / (2**60)**60) * x", "a = (3 - 2**60) / x"),
            "a = 2 / where(x > 0, 1, 2)",
            "a = (N / 2)**-1 * x",
            "a = N**-0.5 * x",
        ),
    ],
)
def test_doubles_have_negative_powers_and_may_be_large(text):
    assert graph(text).lines


@pytest.mark.parametrize(
    "condition",
    [
        *("(x > 0) * (x < 1)", "maximum(x > 0, x > 1)", "minimum(x > 0, m)", "m * (y > 0)"),
        *("where(x > 0, x < 1, x < 2)", "where(m, m, x > 0)", "abs(x > 0)", "stop_gradient(m)"),
        *("outer(c < y[:2], y > 0)", "(x > 0)[:, [0, 1, 2]]", "max(x > 0, axis=0)"),
    ],
)
def test_what_is_made_of_conditions_alone_is_a_condition(condition):
    assert graph(f"a = where({condition}, x, 2)").lines
    assert graph(f"k = {condition}\na = softmax(where(k, x, -inf))").lines


@pytest.mark.parametrize("condition", ["x", "m * x", "(x > 0) * 2", "m + m", "sum(x > 0)", "m / 2"])
def test_what_is_no_condition_is_told_what_is_one(condition):
    said = "a comparison, a given mask, or a product, maximum or minimum of such"
    assert said in str(fault(f"a = where({condition}, x, 2)"))
