"""Mistakes in programs: each shows in some exercise of the catalogue, and is named there."""

import numpy
import pytest

from gradgrade.oracle.derivation.formulas.plain import to_plain
from gradgrade.oracle.nested import build, flatten
from gradgrade.problems import generate, grade, solve
from gradgrade.problems.misconceptions import mistakes
from gradgrade.problems.misconceptions.programs.axes import REDUCTIONS
from gradgrade.problems.misconceptions.programs.branches import BRANCHES
from gradgrade.problems.misconceptions.programs.factors import FACTORS
from gradgrade.problems.misconceptions.programs.functions import FUNCTIONS
from gradgrade.problems.misconceptions.programs.maxima import MAXIMA
from gradgrade.problems.misconceptions.programs.paths import MOST_FORGOTTEN, PATHS
from gradgrade.problems.misconceptions.programs.products import PRODUCTS
from gradgrade.problems.misconceptions.programs.statistics import STATISTICS
from gradgrade.problems.misconceptions.programs.values import VALUES
from gradgrade.problems.walks.stacked import assess
from tests.problems.misconceptions.structures import program
from tests.problems.programs import set_of

MASKED = (
    "arrays = { x = [3, 3], m = { shape = [3, 3], mask = true } }\n"
    'program = "out = softmax(where(m, x, -inf))"\nupstream = ["out"]\nask = ["out", "dx"]\n'
    "given = { m = [[1, 1, 0], [1, 1, 1], [0, 1, 1]] }"
)

PICKED = (
    "arrays = { x = [3, 2], y = { shape = [3], integers = [0, 1] } }\n"
    'program = "u = x + 1 - reshape(x[arange(3), y], (3, 1))\\nf = sum(u**3)"\n'
    'differentiate = "f"\nask = ["u", "f", "du", "dx"]'
)

SINE = (
    'arrays = { x = [3] }\nprogram = "u = sin(x)\\nf = sum(u**3)"\n'
    'differentiate = "f"\nask = ["u", "f", "du", "dx"]'
)

ROWS = (
    'arrays = { x = [4, 3] }\nprogram = "out = max(x, axis=1)"\n'
    'upstream = ["out"]\nask = ["out", "dx"]'
)

TWO_BRANCHES = (
    'arrays = { x = [6], y = [6] }\nprogram = "u = 3 * x\\nout = where(x > y, u**2, 2 * u)"\n'
    'upstream = ["out"]\nask = ["u", "out", "dx"]'
)

SHOWN = {
    "path_overwritten": 'arrays = { x = [], y = [] }\nprogram = "p = x * y\\nf = p * x"\n'
    'differentiate = "f"\nask = ["f", "dp", "dx", "dy"]',
    "path_forgotten": 'arrays = { x = [], y = [] }\nprogram = "u = x * y\\nf = u * u + sin(u)"\n'
    'differentiate = "f"\nask = ["f", "du", "dx", "dy"]',
    "picked_entries_left_out": PICKED,
    "upstream_not_multiplied": 'arrays = { x = [] }\nprogram = "u = tanh(x)\\nf = u**3"\n'
    'differentiate = "f"\nask = ["f", "du", "dx"]',
    "broadcast_averaged": 'arrays = { x = [3, 2], b = [2] }\nprogram = "out = x + b"\n'
    'upstream = ["out"]\nask = ["out", "db"]',
    "mean_not_divided_back": 'arrays = { x = [4] }\nprogram = "u = x**2\\nf = mean(u)"\n'
    'differentiate = "f"\nask = ["f", "du", "dx"]',
    "sum_divided_back": 'arrays = { x = [4] }\nprogram = "u = x**3\\nf = sum(u)**2"\n'
    'differentiate = "f"\nask = ["f", "du", "dx"]',
    "broadcast_of_one_repetition": 'arrays = { x = [3, 2], b = [2] }\nprogram = "out = x + b"\n'
    'upstream = ["out"]\nask = ["out", "db"]',
    "factor_left_out": 'arrays = { x = [], y = [] }\nprogram = "f = x * y"\n'
    'differentiate = "f"\nask = ["f", "dx", "dy"]',
    "negation_lost": 'arrays = { x = [] }\nprogram = "u = -x\\nf = u**3"\n'
    'differentiate = "f"\nask = ["f", "du", "dx"]',
    "biased_variance": 'arrays = { x = [4] }\nprogram = "m = mean(x)\\nf = var(x, ddof=1)"\n'
    'differentiate = "f"\nask = ["m", "f", "dx"]',
    "epsilon_forgotten": 'arrays = { x = [4] }\nprogram = "v = var(x)\\nf = sqrt(v + 0.01)"\n'
    'differentiate = "f"\nask = ["v", "f", "dx"]',
    "own_operand": 'arrays = { x = [], y = [] }\nprogram = "f = x * y"\n'
    'differentiate = "f"\nask = ["f", "dx", "dy"]',
    "difference_not_negated": 'arrays = { x = [], y = [] }\nprogram = "e = x - y\\nf = e**2"\n'
    'differentiate = "f"\nask = ["f", "dx", "dy"]',
    "quotient_not_negated": 'arrays = { x = [], y = [] }\nprogram = "f = x / y"\n'
    'differentiate = "f"\nask = ["f", "dx", "dy"]',
    "quotient_not_squared": 'arrays = { x = [], y = [] }\nprogram = "f = x / y"\n'
    'differentiate = "f"\nask = ["f", "dx", "dy"]',
    "exponent_factor_forgotten": 'arrays = { x = [] }\nprogram = "f = x**3"\n'
    'differentiate = "f"\nask = ["f", "dx"]',
    "exponent_not_lowered": 'arrays = { x = [] }\nprogram = "f = x**3"\n'
    'differentiate = "f"\nask = ["f", "dx"]',
    "factor_not_transposed": 'arrays = { x = [2, 2], W = [2, 2] }\nprogram = "out = x @ W"\n'
    'upstream = ["out"]\nask = ["out", "dx", "dW"]',
    "argument_for_value": 'arrays = { x = [3] }\nprogram = "out = tanh(x)"\n'
    'upstream = ["out"]\nask = ["out", "dx"]',
    "tanh_value_not_squared": 'arrays = { x = [3] }\nprogram = "out = tanh(x)"\n'
    'upstream = ["out"]\nask = ["out", "dx"]',
    "softmax_diagonal_alone": 'arrays = { x = [4] }\nprogram = "out = softmax(x)"\n'
    'upstream = ["out"]\nask = ["out", "dx"]',
    "softmax_sum_left_out": 'arrays = { x = [4] }\nprogram = "out = softmax(x)"\n'
    'upstream = ["out"]\nask = ["out", "dx"]',
    "maximum_shared_out": 'arrays = { x = [4] }\nprogram = "m = max(x)\\nf = m**2"\n'
    'differentiate = "f"\nask = ["f", "dm", "dx"]',
    "wrong_axis": 'arrays = { x = [3, 3] }\nprogram = "a = x**2\\nout = mean(a, axis=1)"'
    '\nupstream = ["out"]\nask = ["a", "out", "dx"]',
    "factor_left_out_forward": 'arrays = { x = [] }\nprogram = "u = x / 3\\nf = sin(u)"\n'
    'differentiate = "f"\nask = ["u", "f", "dx"]',
    "term_left_out": 'arrays = { x = [3, 2], b = [2] }\nprogram = "out = x + b"\n'
    'upstream = ["out"]\nask = ["out", "db"]',
    "mask_left_out": MASKED,
    "mask_after_softmax": MASKED,
    "mask_transposed": MASKED.replace("[0, 1, 1]", "[1, 1, 1]"),
    "root_left_out": 'arrays = { x = [3] }\nprogram = "u = sqrt(x**2 + 2)\\nf = sum(u**3)"\n'
    'differentiate = "f"\nask = ["u", "f", "du", "dx"]',
    "multiplied_for_divided": 'arrays = { x = [3] }\nprogram = "u = x / 3\\nout = sin(u)"\n'
    'upstream = ["out"]\nask = ["u", "out", "dx"]',
    "labels_off_by_one": "arrays = { x = [3, 3], y = { shape = [3], integers = [0, 2] } }\n"
    'program = "u = x[arange(3), y]\\nf = sum(u**3)"\n'
    'differentiate = "f"\nask = ["u", "f", "dx"]',
    "picked_entries_counted_once": PICKED,
    "picked_entries_overwritten": PICKED,
    "exponent_one_less": 'arrays = { x = [3] }\nprogram = "u = x**3\\nf = sum(u)"\n'
    'differentiate = "f"\nask = ["u", "f", "dx"]',
    "function_derivative_missing": SINE,
    "sine_derivative_sign": SINE,
    "maximum_to_first": ROWS,
    "maximum_times_value": ROWS,
    "branches_exchanged": TWO_BRANCHES,
    "branch_everywhere": TWO_BRANCHES,
    "mixture_exchanged": "arrays = { z = [3], a = [3], b = [3] }\n"
    'program = "u = sin(a)\\nout = (1 - z) * u + z * b"\nupstream = ["out"]\n'
    'ask = ["u", "out", "dz", "da", "db"]',
    "difference_reversed": 'arrays = { x = [3], y = [3] }\nprogram = "e = x - y\\nf = sum(e**2)"\n'
    'differentiate = "f"\nask = ["e", "f", "de", "dx", "dy"]',
    "rectifier_of_term": 'arrays = { x = [8], y = [8] }\nprogram = "out = relu(x + y)"\n'
    'upstream = ["out"]\nask = ["out", "dx", "dy"]',
    "array_before_in_gradient": "arrays = { x = [3], W = [2, 3] }\n"
    'program = "z = x**2 - 1\\nh = tanh(z)\\nout = W @ h"\nupstream = ["out"]\n'
    'ask = ["z", "h", "out", "dW", "dx"]',
    "product_of_derivatives": 'arrays = { x = [3] }\nprogram = "out = sin(x) * x**3"\n'
    'upstream = ["out"]\nask = ["out", "dx"]',
    "maximum_to_all": 'arrays = { x = [4] }\nprogram = "m = max(x)\\nf = m**2"\n'
    'differentiate = "f"\nask = ["f", "dm", "dx"]',
    "border_cut_behind": 'arrays = { x = [3] }\nprogram = "p = pad(x, (1, 2))"\n'
    'upstream = ["p"]\nask = ["p", "dx"]',
    "repeated_index_overwritten": "arrays = { E = [2, 2], ids = { shape = [4], "
    'integers = [0, 1] } }\nprogram = "out = E[ids]"\nupstream = ["out"]\nask = ["out", "dE"]',
}
"""An exercise that shows each mistake."""

FAMILIES = (
    *(PATHS, FACTORS, FUNCTIONS, MAXIMA, REDUCTIONS),
    *(STATISTICS, VALUES, BRANCHES, PRODUCTS),
)
CODES = [each.code for family in FAMILIES for each in family]


def test_every_mistake_has_an_exercise():
    assert sorted(SHOWN) == sorted(CODES)


def test_an_entry_that_is_listed_twice_is_overwritten_too():
    assert_named_first(
        "repeated_index_overwritten",
        'arrays = { x = [4] }\nprogram = "windows = x[[[0, 1, 2], [1, 2, 3]]]"\n'
        'upstream = ["windows"]\nask = ["windows", "dx"]',
    )


def test_a_masked_softmax_has_a_diagonal_too():
    assert_named_first("softmax_diagonal_alone", MASKED)


@pytest.mark.parametrize("code", CODES)
def test_a_mistake_is_marked_wrong_and_named_first(code):
    assert_named_first(code, SHOWN[code])


def assert_named_first(code: str, exercise_of_set: str) -> None:
    """What a mistake makes of an exercise is wrong, and its verdict begins with the mistake."""
    problem_set = set_of(exercise_of_set)
    exercise = generate(problem_set, "program", student="ada", secret=b"0")
    assessment = assess([exercise])
    made = [each for each in mistakes(assessment.derivation) if each.misconception.code == code]
    assert made
    values = assessment.predict(made[0]).values
    answers = {
        part.name: build(values[part.name][0].tolist(), tuple(part.shape)) for part in exercise.ask
    }
    verdict = grade(exercise, answers)
    assert verdict.outcome == "partial"
    first = next(part for part in verdict.parts if part.name == verdict.first_error)
    assert [each.code for each in first.misconceptions][:1] == [code]


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        ("max(reshape(x, (2, 2, 3, 2)), axis=(1, 3))", (2, 1, 3, 1)),
        ("min(reshape(x, (4, 6)), axis=1)", (4, 1)),
        ("max(reshape(x, (4, 6)), axis=-2, keepdims=True)", (1, 6)),
    ],
)
def test_a_maximum_of_each_window_or_row_whose_gradient_goes_to_all_is_named(call, shape):
    text = f'arrays = {{ x = [4, 6] }}\nprogram = "o = {call}"\nupstream = ["o"]\nask = ["o", "dx"]'
    exercise = generate(set_of(text), "program", student="1", secret=b"0")
    answers = {part.name: solve(exercise)[part.name].float64 for part in exercise.ask}
    assert grade(exercise, answers).outcome == "correct"
    upstream = numpy.reshape([each.double for each in flatten(exercise.given["do"])], shape)
    whole = (2, 2, 3, 2) if len(shape) > 2 else (4, 6)
    to_all = numpy.broadcast_to(upstream, whole).reshape(4, 6)
    verdict = grade(exercise, answers | {"dx": to_all.tolist()})
    (wrong,) = (part for part in verdict.parts if part.outcome != "correct")
    assert [each.code for each in wrong.misconceptions] == ["maximum_to_all"]


def test_a_path_that_is_forgotten_of_three_is_named():
    text = """
arrays = { x = [4, 2] }
program = "o = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 0.125)"
upstream = ["o"]
ask = ["o", "dx"]
"""
    exercise = generate(set_of(text), "program", student="1", secret=b"0")
    x, upstream = (
        numpy.reshape([each.double for each in flatten(exercise.given[name])], (4, 2))
        for name in ("x", "do")
    )
    through_values = upstream / numpy.sqrt(x.var(axis=0) + 0.125)
    answers = {part.name: solve(exercise)[part.name].float64 for part in exercise.ask}
    forgotten = through_values - through_values.mean(axis=0)
    verdict = grade(exercise, answers | {"dx": forgotten.tolist()})
    (wrong,) = (part for part in verdict.parts if part.outcome != "correct")
    assert [each.code for each in wrong.misconceptions] == ["path_forgotten"]


def test_of_hundreds_of_paths_a_few_are_forgotten_alone():
    lines = [f"u{number} = x * {number}" for number in range(100)]
    lines += [f"v{number} = u{number} * u{number + 50}" for number in range(50)]
    lines += ["f = " + " + ".join(f"v{number}" for number in range(40))]
    made = [each.misconception.code for each in mistakes(program("\n".join(lines), x=()))]
    assert made.count("path_forgotten") == MOST_FORGOTTEN


def test_what_is_left_out_of_a_line_is_told_as_its_author_wrote_it():
    stated = """
    sizes = { N = 4 }
    arrays = { x = [3] }
    program = "u = 0.50 * x\\nv = u + N\\nf = sum(v**2)"
    differentiate = "f"
    ask = ["u", "v", "f"]
    """
    exercise = generate(set_of(stated), "program", student="1", secret=b"0")
    told = {each.title for each in mistakes(exercise.derivation())}
    assert "Factor left out of a line (0.50 in line 1)" in told
    assert "Term left out of a sum (N in line 2)" in told


PENALIZED = """
arrays = { x = [3], y = [3], W = [3], V = [3] }
program = '''
a = np.sum(W * x)
b = np.sum(V * y) + a
L = b**2 + np.sum(W**2) + np.sum(V**2)
'''
differentiate = "L"
ask = ["L", "dW", "dV"]
"""


def titles(stated: str, code: str) -> set[str]:
    exercise = generate(set_of(stated), "program", student="1", secret=b"0")
    found = mistakes(exercise.derivation())
    return {each.title for each in found if each.misconception.code == code}


def test_a_kept_path_is_told_by_the_line_that_it_goes_through_wherever_it_is_kept():
    assert titles(PENALIZED, "path_overwritten") == {
        "Paths missing from the gradient",
        "Paths missing from the gradient of V, keeping only what comes through line 2, "
        "and of W, only through line 1",
        *(
            f"Paths missing from the gradient of {name}, keeping only what comes through line {n}"
            for name, lines in (("W", (1, 3)), ("V", (2, 3)))
            for n in lines
        ),
    }


def test_of_many_quantities_with_paths_it_is_said_how_many_they_are():
    stated = PENALIZED.replace("np.sum(V**2)", "np.sum(V**2) + np.sum(x**2)").replace(
        '"dV"]', '"dV", "dx"]'
    )
    place = "of 3 quantities, keeping only what comes through use 1 of each"
    assert f"Paths missing from the gradient {place}" in titles(stated, "path_overwritten")


def test_a_forgotten_path_is_written_as_the_sum_of_the_others():
    stated = PENALIZED.replace("b**2 +", "b**2 + np.sum(W) +")
    exercise = generate(set_of(stated), "program", student="1", secret=b"0")
    right = exercise.derivation()
    forgotten = [each for each in mistakes(right) if each.misconception.code == "path_forgotten"]
    assert len(forgotten) == 3
    for each in forgotten:
        (step,) = (step for step in each.derivation.steps if str(step.name) == "dW")
        left = to_plain(each.derivation.formula(step))
        assert len(step.reads) == 2
        assert all(to_plain(right.written(name)) in left for name in step.reads)
        assert left != to_plain(right.formula(right.by_name[step.name]))
