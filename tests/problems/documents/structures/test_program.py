"""Programs in documents: what they state, and what can be asked."""

import numpy
import pytest

from gradgrade.problems import DocumentError, Exercise, ProblemSet, grade
from gradgrade.problems.documents.number import Number
from tests.problems.documents.structures.issued import numbers, right, variant
from tests.problems.programs import set_of

AFFINE = """
arrays = { x = [2, 3], W = [3, 2], b = [2] }
program = "out = x @ W + b"
upstream = ["out"]
"""


def test_a_document_is_read_back_as_it_was_written():
    exercise = variant(AFFINE + 'ask = ["all"]')
    assert Exercise.from_json(exercise.to_json()) == exercise
    assert exercise.to_data()["type"] == "program"
    again = ProblemSet.from_json(set_of(AFFINE + 'ask = ["all"]').to_json())
    assert again.exercises == set_of(AFFINE + 'ask = ["all"]').exercises


def test_upstream_gradients_are_given_and_every_given_has_a_gradient():
    exercise = variant(AFFINE + 'ask = ["all"]')
    assert list(exercise.given) == ["W", "b", "x", "dout"] or set(exercise.given) == {
        *("x", "W", "b", "dout")
    }
    assert [part.name for part in exercise.ask] == ["out", "db", "dx", "dW"] or {
        part.name for part in exercise.ask
    } == {"out", "dx", "dW", "db"}


def test_indices_are_whole_numbers_in_their_range_and_show_as_such():
    text = """
arrays = { E = [4, 2], ids = { shape = [3], integers = [1, 3] } }
program = "out = E[ids]"
upstream = ["out"]
ask = ["dE"]
"""
    exercise = variant(text)
    assert {number.text for number in exercise.given["ids"]} <= {"1", "2", "3"}
    data = exercise.to_data()
    data["given"] = {**data["given"], "ids": [1, 2, 4]}
    with pytest.raises(DocumentError, match=r"given\.ids: 4 is no index from 1 to 3"):
        Exercise.from_data(data)


@pytest.mark.parametrize("table", ["E", "A"])
def test_indices_need_not_reach_the_end_of_what_they_pick_from(table):
    text = """
arrays = { E = [5, 3], A = [4, 3], ids = { shape = [4], integers = [0, 1] } }
program = "out = PICKED"
upstream = ["out"]
ask = ["out", "dTABLE"]
"""
    picked = {"E": "E[ids]", "A": "A[arange(4), ids]"}[table]
    exercise = variant(text.replace("PICKED", picked).replace("TABLE", table))
    given = {name: numbers(array) for name, array in exercise.given.items()}
    ids = [int(each) for each in given["ids"]]
    rows = ids if table == "E" else [(place, each) for place, each in enumerate(ids)]
    expected = numpy.zeros((5 if table == "E" else 4, 3))
    for row, upstream in zip(rows, given["dout"], strict=True):
        expected[row] += upstream
    taken = [numpy.array(given[table])[row].tolist() for row in rows]
    assert right(exercise) == {"out": taken, f"d{table}": pytest.approx(expected)}
    assert grade(exercise, right(exercise)).outcome == "correct"


def test_what_is_given_may_be_called_as_the_gradient_that_is_derived():
    exercise = variant("""
arrays = { x = [2], dout = [2] }
program = '''
out = x * x
L = sum(dout * out)
'''
differentiate = "L"
ask = ["dx", "dout"]
""")
    given = {name: numpy.array(numbers(array)) for name, array in exercise.given.items()}
    assert right(exercise) == {
        "dx": pytest.approx(2 * given["x"] * given["dout"]),
        "dout": pytest.approx(given["dout"]),
    }
    assert grade(exercise, right(exercise)).outcome == "correct"


def test_shapes_counts_and_jacobians_are_asked():
    exercise = variant(
        """
arrays = { x = [3], W = [2, 3] }
program = "y = tanh(W @ x)"
ask = ["y", { shape = "W" }, { jacobian = ["y", "x"], points = 0.5 }]
"""
    )
    answers = right(exercise)
    assert answers["shape_W"] == [2, 3]
    assert grade(exercise, answers).outcome == "correct"
    turned = [list(row) for row in zip(*answers["jacobian_y_x"], strict=True)]
    assert grade(exercise, answers | {"jacobian_y_x": turned}).outcome == "invalid"
    assert grade(exercise, answers | {"shape_W": [3, 2]}).outcome == "partial"


CONDITION = """
arrays = { x = [3] }
program = '''
k = x > 0
o = where(k, x * x, 2) + k * x
'''
"""


def test_a_condition_chooses_and_is_multiplied_and_nothing_is_differentiated_by_it():
    exercise = variant(CONDITION + 'upstream = ["o"]\nask = ["gradients"]')
    x, upstream = (numpy.array(numbers(exercise.given[name])) for name in ("x", "do"))
    assert right(exercise) == {"dx": pytest.approx(upstream * (x > 0) * (2 * x + 1))}
    assert {each.name for each in variant(CONDITION + 'upstream = ["o"]\nask = ["all"]').ask} == {
        *("k", "o", "dx")
    }


def test_a_condition_that_is_multiplied_alone_is_a_number_whose_gradient_may_be_asked():
    text = """
arrays = { x = [3], y = [3] }
program = '''
k = x > 0
o = k * y
'''
upstream = ["o"]
ask = [ASKED]
"""
    exercise = variant(text.replace("ASKED", '"dk"'))
    y, upstream = (numpy.array(numbers(exercise.given[name])) for name in ("y", "do"))
    assert right(exercise) == {"dk": pytest.approx(upstream * y)}
    everything = variant(text.replace("ASKED", '"all"'))
    assert {each.name for each in everything.ask} == {"k", "o", "dy"}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ('upstream = ["o"]\nask = ["dk"]', '"dk" is no gradient: k is a condition, 0 or 1, by'),
        ('ask = [{ jacobian = ["o", "k"] }]', "k is a condition, 0 or 1, by which nothing"),
    ],
)
def test_a_gradient_of_a_condition_is_refused(asked, said):
    with pytest.raises(DocumentError, match=said):
        variant(CONDITION + asked)


def test_a_gradient_is_checked_by_differences():
    exercise = variant(
        """
arrays = { w = [2] }
program = "L = sum(w**3)"
differentiate = "L"
ask = ["dw", { quotient = "w", h = 0.5 }, { relative_difference = "w", h = 0.5 }]
"""
    )
    answers, w = right(exercise), [float(number.text) for number in exercise.given["w"]]
    assert answers["quotient_w"] == pytest.approx([3 * each**2 + 0.25 for each in w])
    assert answers["relative_difference_w"] == pytest.approx(
        [0.25 / (3 * each**2 + 0.25) for each in w]
    )


CUBES = """
arrays = { w = [2] }
program = "L = sum(w**3)"
differentiate = "L"
"""
DIFFERENCE = '{ relative_difference = "w", h = 0.25 }'


def test_a_relative_difference_is_one_whatever_was_asked_of_the_same_program_before():
    variant(CUBES + 'ask = [{ quotient = "w", h = 0.25 }]')
    exercise = variant(f"{CUBES}ask = [{DIFFERENCE}, {DIFFERENCE}]")
    assert list(right(exercise)) == ["relative_difference_w"]


@pytest.mark.parametrize(
    "other", ['{ quotient = "w", h = 0.5 }', '{ relative_difference = "w", h = 0.5 }']
)
def test_quotients_of_one_given_with_several_steps_are_refused(other):
    said = "quotients by w have one h: write the same in all of them"
    for ask in (f"{other}, {DIFFERENCE}", f"{DIFFERENCE}, {other}"):
        with pytest.raises(DocumentError, match=f"ask, item 3: {said}"):
            variant(f'{CUBES}ask = ["dw", {ask}]')
    exercise = variant(f'{CUBES}ask = [{{ quotient = "w", h = 0.25 }}, {DIFFERENCE}]')
    data = exercise.to_data()
    data["ask"][1]["fact"]["h"] = Number("0.5")
    with pytest.raises(DocumentError, match=said):
        Exercise.from_data(data)


def test_all_leaves_out_gradients_of_what_is_made_of_labels_alone_which_may_be_asked():
    text = """
arrays = { X = [4, 3], w = [3], y = { shape = [4], mask = true } }
program = '''
t = 2*y - 1
m = t * (X @ w)
S = sum(maximum(0, 1 - m))
'''
differentiate = "S"
ask = [ASKED]
"""
    asked = [part.name for part in variant(text.replace("ASKED", '"all"')).ask]
    assert asked == ["t", "m", "S", "dm", "dX", "dw"]
    assert [part.name for part in variant(text.replace("ASKED", '"dt"')).ask] == ["dt"]
