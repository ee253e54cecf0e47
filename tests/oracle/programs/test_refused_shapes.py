"""What does not go together: shapes, axes, options, indices and comparisons, as numpy has them."""

import pytest

from gradgrade.oracle.programs.faults import ProgramError
from gradgrade.oracle.programs.graph import ArrayType, graph_of
from gradgrade.oracle.programs.reading import read_program
from tests.oracle.programs.refused import GIVEN, fault, graph

SHAPES = {
    "shapes at odds": "a = x + wide",
    "a product at odds": "a = x @ x",
    "a vector at odds": "a = y @ x",
    "an axis that is not there": "a = sum(x, axis=2)",
    "an axis far below": "a = softmax(x, axis=-3)",
    "an axis of a number": "a = softmax(c)",
    "an axis of a number's variance": "a = mean((c - mean(c, axis=0))**2)",
    "an axis twice": "a = sum(x, axis=(0, 0))",
    "axes where one belongs": "a = softmax(x, axis=(0,))",
    "axes to concatenate along": "a = concatenate([x, x], axis=(0, 1))",
    "an axis that is true": "a = concatenate([x, x], axis=True)",
    "an axis that no array has": "a = stack([x, x], axis=99999999999999999999)",
    "an axis that is none": "a = sum(x, axis=None)",
    "one axis to swap": "a = swapaxes(x, 0)",
    "axes to swap": "a = swapaxes(x, (0,), (1,))",
    "no shape to reshape to": "a = reshape(x)",
    "a length of other entries": "a = reshape(x, 5)",
    "a shape that is true": "a = reshape(x, True)",
    "ddof in brackets": "a = var(x, ddof=(1,))",
    "an axis that is no number": "a = sum(x, axis=c)",
    "an axis that is half": "a = sum(x, axis=0.5)",
    "an index that is not there": "a = x[2]",
    "too many indices": "a = x[0, 0, 0]",
    "a listed index that is not there": "a = x[[0, 2]]",
    "a listed index beyond all numbers": f"a = x[[{10**30}]]",
    "a listed index that is half": "a = x[[0, 0.5]]",
    "an array in a listed index": "a = x[[c]]",
    "lists of several lengths": "a = wide[[[0, 1], [2]]]",
    "lists at odds": "a = x[[0, 1], [0, 1, 2]]",
    "an empty list": "a = wide[[]]",
    "lists of too many axes": "a = wide[[[[[[0]]]]]]",
    "lists in lists in lists": f"a = wide[{'[' * 80}0{']' * 80}]",
    "lists beside an array of indices": "a = x[[0], ids]",
    "a step of 0": "a = x[::0]",
    "nothing": "a = x[2:]",
    "indices out of range": "a = c[ids]",
    "numbers as indices": "a = x[y]",
    "indices as numbers": "a = ids * 2",
    "one entry of too many rows": "a = x[arange(2), ids]",
    "a shape of other size": "a = x.reshape(4, 2)",
    "two open lengths": "a = x.reshape(-1, -1)",
    "a shape with 0": "a = x.reshape(0, 6)",
    "a transpose of other axes": "a = transpose(x, (0, 0))",
    "axes that are not there": "a = swapaxes(x, 0, 2)",
    "concatenated at odds": "a = concatenate([x, y])",
    "stacked at odds": "a = stack([x, y])",
    "nothing to concatenate": "a = concatenate([])",
    "no list": "a = concatenate(x)",
    "an axis to concatenate along": "a = concatenate([x, x], axis=5)",
    "too many axes": "a = stack([stack([stack([x, x]), stack([x, x])])])",
    "too few operands": "a = maximum(x)",
    "too many operands": "a = exp(x, x)",
    "no operands": "a = exp()",
    "an unknown option": "a = sum(x, dtype=1)",
    "an option twice": "a = sum(x, 0, axis=0)",
    "a variance of one": "a = var(c, ddof=1)",
    "a variance of much freedom": "a = var(x, ddof=7)",
    "bounds that are no numbers": "a = clip(x, c, 1)",
    "no condition": "a = where(x, x, x)",
    "infinity elsewhere": "a = x - inf",
    "infinity in a where": "a = where(m, x, -inf)",
    "a division of lengths by 0": "a = x.reshape(N // 0, 6)",
    "a quotient": "a = x // 2",
    "cumsum without an axis": "a = cumsum(x)",
    "truth": "a = x + True",
    "an unknown name": "a = z",
    "an unknown function": "a = frobnicate(x)",
    "a parameter for a function": "a = softmax",
    "an outer product of matrices": "a = outer(x, y)",
    "dot of a number": "a = c @ x",
}


@pytest.mark.parametrize("name", SHAPES)
def test_what_does_not_go_together_is_refused_where_it_stands(name):
    fault(SHAPES[name])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = softmax(x, axis=(0,))", "softmax takes a whole number as axis"),
        ("a = sum(x, axis=True)", "sum takes a whole number or whole numbers in brackets as axis"),
        ("a = sum(x, keepdims=(1,))", "sum takes True or False as keepdims"),
        ("a = swapaxes(x, 0)", "swapaxes takes a whole number as second"),
        ("a = sum(x, axis=None)", "None has no place in a program: leave an option out"),
        ("a = sum(x, axis=1.0)", "numpy takes no fraction here: write it without a point"),
        ("a = reshape(x, (6 / 2, 2))", "numpy takes no fraction here: write // for /"),
        ("a = reshape(x, (1 + 4 / 2, 2))", "numpy takes no fraction here: write // for /"),
        (
            "a = sum(x, 0, True)",
            "behind its operand and axis sum takes options by name alone: keep",
        ),
        ("a = var(x, 0, 1)", "behind its operand and axis var takes options by name alone: ddof=…"),
        (
            "a = norm(x, 2)",
            "behind its operand norm takes options by name alone: axis=…, keepdims=…",
        ),
        ("a = logsumexp(x, axis=(0, 0))", "an axis is named twice"),
        ("a = var(x, ddof=0.5)", "var takes a whole number as ddof"),
        ("a = x[1.0]", "numpy takes no fraction here: write it without a point"),
        ("a = x[0:2.0]", "numpy takes no fraction here: write it without a point"),
        ("a = x[[0, 1.0]]", "numpy takes no fraction here: write it without a point"),
        ("a = y[:N / 2]", "numpy takes no fraction here: write // for /"),
        ("a = y[:N // 0]", "a division by 0"),
        ("a = y[:c]", "a whole number belongs here, of constants and sizes"),
        ("a = y[N]", "index 4 is out of bounds"),
        ("a = y[y > 0]", "a mask is no index: write where(MASK, x, 0)"),
        ("a = x[m]", "a mask is no index: write where(MASK, x, 0)"),
    ],
)
def test_an_option_of_another_kind_is_told_what_it_must_be(text, said):
    assert said in str(fault(text))


@pytest.mark.parametrize("text", ["a = x[5]", "a = x[[0, 5]]", "a = x.T[:, [[5]]]"])
def test_an_index_that_is_not_there_is_told_with_the_axis_and_its_length(text):
    said = str(fault(text))
    assert "has no such entries: index 5 is out of bounds for axis" in said
    assert "with size 2" in said


@pytest.mark.parametrize(
    "text",
    [
        *("a = sum(x, axis=[0], keepdims=1)", "a = reshape(x, -1)", "a = x.reshape(3, 2)"),
        *("a = var(x, ddof=1.0)", "a = x.var(axis=1, ddof=0.0)", "a = logsumexp(x, axis=(0, 1))"),
        "a = reshape(x, (N * 100000 // 200000, 3))",
    ],
)
def test_options_of_the_kinds_that_numpy_takes_are_taken(text):
    assert graph(text).lines


@pytest.mark.parametrize("call", ["reshape(x, 3, 2)", "np.reshape(x, 3, 2)", "transpose(x, 1, 0)"])
def test_lengths_that_numpy_takes_in_brackets_alone_are_refused_without(call):
    assert "numpy takes one argument beside the array: write " in str(fault(f"a = {call}"))
    brackets = call.replace("x, ", "x, (").replace(")", "))")
    method = f"x.{call.removeprefix('np.').replace('x, ', '')}"
    assert graph(f"a = {brackets}\nb = {method}").lines


@pytest.mark.parametrize(
    "text",
    [
        *("a = ids * x", "a = ids[0] * x", "a = ids[1:]", "a = ids[ids]", "a = x[ids + 1]"),
        *("a = ids", "a = ids.T", "a = mean((ids - mean(ids))**2)", "a = c + sum(ids)"),
        "a = softmax(where(few, ids, -inf))",
    ],
)
def test_indices_are_no_numbers(text):
    told = str(fault(text))
    assert told.count("an array of integers is an index: write it within brackets, E[ids]") == 1
    assert told.count("line 1, column") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = x[arange(2), labels]", "the indices go from 0 to 5, and shape [2, 3] has columns 0"),
        ("a = x[labels]", "the indices go from 0 to 5, and shape [2, 3] has rows 0 to 1"),
        ("a = x[arange(3), labels]", "of shape [2, 3] is taken by arange(2) (got arange(3))"),
        ("a = x[arange(0, 2), labels]", "is taken by arange(2) (got arange(0, 2))"),
    ],
)
def test_indices_that_numpy_would_not_find_are_told_with_what_there_is(text, said):
    labels = {"labels": ArrayType(shape=(2,), integers=(0, 5))}
    with pytest.raises(ProgramError) as told:
        graph_of(read_program(text), {**GIVEN, **labels})
    assert said in str(told.value)


@pytest.mark.parametrize(
    "text",
    [
        *("a = (x > 0) + (x < 1)", "a = (x > 0) - (x < 1)", "a = -(x > 0)"),
        *("a = (x > 0) @ (y > 0)", "a = dot(y > 0, y < 1)"),
        *("a = exp(x > 0)", "a = tanh(x > 0)", "a = sqrt(x > 0)", "a = softmax(x > 0)"),
        "b = x > 0\nk = b\na = k + b",
        *("a = pad(x > 0, 1) + pad(x > 0, 1)", "a = -reshape(x > 0, -1)", "a = exp((x > 0)[0])"),
        *("a = (x > 0) * (x < 1) + (x > 2)", "a = maximum(x > 0, x > 1) - (x > 2)"),
        *("a = -where(x > 0, x > 1, x < 2)", "a = exp(max(x > 0))"),
    ],
)
def test_what_numpy_makes_no_number_of_comparisons_is_refused(text):
    assert "write where(x > 0, 1.0, 0.0) for one" in str(fault(text))


@pytest.mark.parametrize(
    "text",
    [
        *("a = (x > 0) * (x < 1)", "a = (x > 0) + x", "a = 1 - (x > 0)", "a = sum(x > 0)"),
        *("a = (x > 0) * 1 + (x > 1) * x", "a = exp(where(x > 0, 1, 0))", "a = sum(x > 0) + 1"),
        *("a = m + m", "k = m\na = k - m", "a = where(x > 0, 1, 0) + where(x < 1, 1, 0)"),
    ],
)
def test_what_numpy_counts_comparisons_in_is_taken(text):
    assert graph(text).lines


@pytest.mark.parametrize("name", ["exp", "N"])
def test_no_function_is_called_by_the_name_of_an_array_or_a_size(name):
    arrays = {"exp": ArrayType(shape=(2,)), "x": ArrayType(shape=(2,))}
    with pytest.raises(ProgramError, match=rf"column 5: {name} is no function where an array"):
        graph_of(read_program(f"a = {name}(x)"), arrays, {"N": 4})
    assert graph_of(read_program("a = np.exp(x) + exp"), arrays, {"N": 4}).lines
