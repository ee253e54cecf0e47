"""Programs in documents: what they state, what they are refused for, and what can be asked."""

import numpy
import pytest

from gradgrade.problems import (
    DocumentError,
    Exercise,
    ExerciseError,
    ProblemSet,
    generate,
    grade,
    solve,
)
from gradgrade.problems.documents.number import Number
from tests.problems.programs import set_of

AFFINE = """
arrays = { x = [2, 3], W = [3, 2], b = [2] }
program = "out = x @ W + b"
upstream = ["out"]
"""


TRAINED = """
arrays = { w = [2] }
program = "L = sum(w * w)"
differentiate = "L"
optimizer = { name = "sgd", learning_rate = 0.1 }
"""

NAMED = """
arrays = {{ x = [2], {name} = [] }}
program = '''
q = x * {name}
'''
upstream = ["q"]
{rest}
"""

TRAINED_LINE = """
arrays = {{ w = [2] }}
program = '''
{name} = w * 2
L = sum({name}**2)
'''
differentiate = "L"
parameters = ["w"]
optimizer = {{ name = "sgd", learning_rate = 0.1 }}
{until}
ask = ["w_new"]
"""

UNTIL = "until = { loss_below = 0.5, at_most = 5 }"
UNTIL_IT_RISES = 'until = { patience = 2, at_most = 5, validation = { w = "v" } }'


def variant(text, student="ada"):
    return generate(set_of(text), "program", student=student, secret=b"0")


def right(exercise):
    solution = solve(exercise)
    return {part.name: solution[part.name].float64 for part in exercise.ask}


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


def numbers(array):
    return [numbers(each) for each in array] if isinstance(array, list) else float(array.text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'arrays = { x = [2], y = [3] }\nprogram = "q = x + y"\nask = ["q"]',
            "program: line 1, column 5: shapes [2] and [3] do not go together",
        ),
        (
            'arrays = { x = ["N"] }\nprogram = "q = x + 1"\nask = ["q"]',
            'arrays.x: "N" is no size: write a number, or sizes = { N = 4 } beside it',
        ),
        (
            'arrays = { x = [2] }\nprogram = "q = x + 1"\ndifferentiate = "q"\nask = ["q"]',
            "differentiate: q has shape [2], and only a number has a gradient",
        ),
        (
            'arrays = { x = [] }\nprogram = "q = x + 1"\ndifferentiate = "p"\nask = ["q"]',
            "differentiate: p is no line of the program; there are q",
        ),
        (
            'arrays = { x = [] }\nprogram = "q = x * x"\nparameters = ["x"]\nask = ["q"]',
            "optimizer: this field is missing, and parameters depends on it",
        ),
        (
            'arrays = { x = [] }\nprogram = "q = x * x"\nconvention = "row"\nask = ["q"]',
            "convention: a program's arrays lie as numpy has them",
        ),
        (
            'arrays = { x = [] }\nprogram = "q = x * x"\ndifferentiate = "q"\nask = ["dz"]',
            'ask, item 1: "dz" is not one of',
        ),
        (
            'arrays = { i = { shape = [2], integers = [3, 1] } }\nprogram = "q = 1"\nask = ["q"]',
            "arrays.i.integers: [3, 1] is no range of indices",
        ),
        (
            "arrays = { i = { shape = [400], integers = [0, 250] } }\n"
            'program = "q = 1"\nask = ["q"]',
            "arrays.i: 400 indices of up to 250: one more than that, times how many they are, must "
            "come to at most 100000",
        ),
        (
            "arrays = { m = { shape = [2], integers = [0, 1], mask = true } }\n"
            'program = "q = 1"\nask = ["q"]',
            "arrays.m.mask: integers are no mask; leave one of them out",
        ),
        (
            'arrays = { x = [2] }\nprogram = ""\nupstream = ["q"]\nask = ["q"]',
            'program: "" has 0 characters; it must have at least 1',
        ),
        (
            'arrays = { x = [2] }\nprogram = "# none"\nupstream = ["q"]\nask = ["q"]',
            "upstream: q is no line of the program; it has no lines",
        ),
        *(
            (
                f'arrays = {{ x = [2] }}\nprogram = "# none"\nask = ["{asked}"]',
                "program: it has no lines to ask for: write one, such as q = x * x",
            )
            for asked in ("gradients", "dx", "all", "x")
        ),
        (
            'arrays = { x = [2] }\nprogram = "q = x * x"\nupstream = ["q", "q"]\nask = ["q"]',
            "upstream: q stands there twice: leave one out",
        ),
        (
            f'{TRAINED}parameters = ["w", "w"]\nask = ["all"]',
            "parameters: w stands there twice: leave one out",
        ),
        (
            f'{TRAINED}ask = ["all"]',
            "parameters: this field is missing, and optimizer depends on it; write it, such as "
            'parameters = ["W"]',
        ),
        (
            'sizes = { x = 2 }\narrays = { x = ["x"] }\nprogram = "q = x * x"\nask = ["q"]',
            "sizes.x: an array has this name too: change one of them",
        ),
        (
            'arrays = { x = [2] }\nprogram = "q = sum(x)"\nask = ["dx"]',
            'differentiate: this field is missing, and "dx" depends on it; write it, such as '
            'differentiate = "q"',
        ),
        (
            'arrays = { x = [2] }\nprogram = "q = x * x"\nask = ["gradients"]',
            'differentiate: this field is missing, and "gradients" depends on it; write it, such '
            'as upstream = ["q"]',
        ),
        (
            # A fact of a line is no line.
            'arrays = { x = [2] }\nprogram = "q = x * x"\nask = [{ shape = "q" }, "dx"]',
            'differentiate: this field is missing, and "dx" depends on it; write it, such as '
            'upstream = ["q"]',
        ),
        *(
            (
                f'arrays = {{ {name} = [2] }}\nprogram = "q = {name} * 2"\nask = ["q"]',
                f"arrays.{name}: a program would read something else here: choose another name",
            )
            for name in ("np", "numpy", "inf", "None")
        ),
        (
            'sizes = { lambda = 2 }\narrays = { x = ["lambda"] }\nprogram = "q = x"\nask = ["q"]',
            "sizes.lambda: a program would read something else here: choose another name",
        ),
        (
            "arrays = { x = [2], m = { shape = [2], mask = true } }\ngiven = { m = [1, 2] }\n"
            'program = "q = where(m, x, 0)"\nask = ["q"]',
            "given.m: 2 is no entry of a mask: write 0 or 1",
        ),
        (
            'arrays = { x = [2] }\ngiven = { x = [1] }\nprogram = "q = x * 2"\nask = ["q"]',
            "given.x: this has one number in brackets, and must have 2 numbers",
        ),
    ],
)
def test_what_does_not_hold_together_is_told_by_its_field(text, said):
    with pytest.raises(DocumentError) as caught:
        variant(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ("[2.5]", "arrays.x, item 1: 2.5 is not a whole number"),
        ("[[2]]", "arrays.x, item 1: [2] is not a whole number but a list"),
        ("2", "arrays.x: 2 is not a list in brackets"),
        ('"2"', 'arrays.x: "2" is not a list in brackets'),
        ("{ shap = [2] }", "arrays.x.shap: there is no such field; did you mean shape"),
        ('{ shape = [2], mask = "yes" }', 'arrays.x.mask: "yes" is refused: write true or false'),
    ],
)
def test_a_shape_that_is_none_is_one_fault(shape, said):
    with pytest.raises(DocumentError) as caught:
        set_of(f'arrays = {{ x = {shape} }}\nprogram = "q = x * 2"\nask = ["q"]')
    assert len(caught.value.faults) == 1
    assert said in str(caught.value)


def test_training_that_never_stops_is_told_with_what_to_change():
    text = f"{TRAINED}{UNTIL}".replace("w * w)", "w * w) + 5")
    with pytest.raises(
        ExerciseError, match="let until hold sooner, raise at_most, or the learning"
    ):
        variant(f'{text}\nparameters = ["w"]\nask = ["steps"]')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NAMED.format(name="dq", rest='ask = ["dx"]'), "arrays: the name dq is taken"),
        (NAMED.format(name="objective", rest='ask = ["dx"]'), "arrays: the name objective is"),
        (TRAINED_LINE.format(name="objective", until=""), "program: the name objective is taken"),
        (TRAINED_LINE.format(name="learning_rate", until=""), "program: the name learning_rate"),
        *(
            (TRAINED_LINE.format(name=name, until=until), f"'program': program: the name {name} is")
            for name in ("learning_rate", "steps", "stops", "met", "loss_below")
            for until in (UNTIL, UNTIL_IT_RISES)
        ),
        (
            NAMED.format(name="s", rest='ask = [{ shape = "q" }]').replace(
                "q = ", "shape_q = x\nq = "
            ),
            "ask, item 1: shape_q is what it is called, and the name of a line or an array",
        ),
        (
            NAMED.format(name="jacobian_q_x", rest='ask = [{ jacobian = ["q", "x"] }]'),
            "ask, item 1: jacobian_q_x is what it is called, and the name of a line or an array",
        ),
    ],
)
def test_a_name_of_two_things_is_refused(text, said):
    with pytest.raises(DocumentError) as caught:
        variant(text)
    assert said in str(caught.value)


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


def test_a_fault_of_the_text_is_shown_with_its_line_and_a_caret():
    with pytest.raises(DocumentError) as caught:
        set_of('arrays = { x = [2], y = [3] }\nprogram = "q = x + y"\nask = ["q"]')
    assert str(caught.value).splitlines()[1:] == ["    q = x + y", "        ^"]
    assert "\n" not in caught.value.one_line


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


def trained_until(w, x, y, *, rate, bound):
    """Plain Python's descent on mean((w x − y)²), and how many updates it takes."""
    steps = 0
    while True:
        errors = [w * a - b for a, b in zip(x, y, strict=True)]
        loss = sum(each**2 for each in errors) / len(errors)
        if loss < bound:
            return steps, w, loss
        w -= rate * sum(2 * e * a for e, a in zip(errors, x, strict=True)) / len(errors)
        steps += 1


@pytest.mark.parametrize("student", ["ada", "alan", "grace"])
def test_training_stops_where_plain_code_stops(student):
    exercise = variant(
        """
arrays = { x = [3], w = [], y = [3] }
program = "L = mean((w * x - y)**2)"
differentiate = "L"
parameters = ["w"]
optimizer = { name = "sgd", learning_rate = 0.05 }
until = { loss_below = 0.8, at_most = 12 }
ask = ["steps", "w_new", "L"]
""",
        student,
    )
    given = {
        name: [float(each.text) for each in array] if isinstance(array, list) else float(array.text)
        for name, array in exercise.given.items()
    }
    steps, w, loss = trained_until(given["w"], given["x"], given["y"], rate=0.05, bound=0.8)
    answers = right(exercise)
    assert answers["steps"] == steps
    assert (answers["w_new"], answers["L"]) == (pytest.approx(w), pytest.approx(loss))
    assert grade(exercise, {"steps": steps, "w_new": w, "L": loss}).outcome == "correct"
    assert grade(exercise, {"steps": steps + 1, "w_new": w, "L": loss}).outcome == "partial"


def stopped_early(w, given, *, rate, patience):
    """Plain Python's descent that watches other data, and how many updates it takes."""

    def errors(x, y):
        return [w * a - b for a, b in zip(x, y, strict=True)]

    losses, steps = [], 0
    while True:
        losses.append(sum(each**2 for each in errors(given["xv"], given["yv"])) / len(given["xv"]))
        before, last = losses[:-patience], losses[-patience:]
        if before and min(last) > min(before):
            return steps, w
        x, own = given["x"], errors(given["x"], given["y"])
        w -= rate * sum(2 * e * a for e, a in zip(own, x, strict=True)) / len(x)
        steps += 1


@pytest.mark.parametrize("student", ["ada", "alan", "grace"])
def test_training_stops_early_where_plain_code_does(student):
    exercise = variant(
        """
arrays = { x = [3], w = [], y = [3], xv = [3], yv = [3] }
program = "L = mean((w * x - y)**2)"
differentiate = "L"
parameters = ["w"]
optimizer = { name = "sgd", learning_rate = 0.05 }
until = { patience = 2, validation = { x = "xv", y = "yv" }, at_most = 12 }
ask = ["steps", "w_new"]
""",
        student,
    )
    given = {
        name: [float(each.text) for each in array] if isinstance(array, list) else float(array.text)
        for name, array in exercise.given.items()
    }
    steps, w = stopped_early(given["w"], given, rate=0.05, patience=2)
    assert right(exercise) == {"steps": steps, "w_new": pytest.approx(w)}
    assert Exercise.from_json(exercise.to_json()) == exercise


def test_a_network_is_given_what_it_is_validated_with():
    problem_set = ProblemSet.from_toml(
        """
schema = "gradgrade/problem-set/1"
name = "week"
[[exercises]]
name = "early"
inputs = 2
batch = 3
layers = [{ type = "dense", units = 1 }]
loss = "squared_error"
optimizer = { name = "sgd", learning_rate = 0.1 }
until = { patience = 2, at_most = 15 }
ask = ["steps", "updates", "loss"]
"""
    )
    exercise = generate(problem_set, "early", student="ada", secret=b"0")
    assert {"x_validation", "y_validation"} <= set(exercise.given)
    assert grade(exercise, right(exercise)).outcome == "correct"


def test_a_network_stops_where_its_gradient_vanishes():
    problem_set = ProblemSet.from_toml(
        """
schema = "gradgrade/problem-set/1"
name = "week"
[[exercises]]
name = "vanishing"
inputs = 1
batch = 3
layers = [{ type = "dense", units = 1, bias = "none" }]
loss = "squared_error"
optimizer = { name = "sgd", learning_rate = 0.2 }
until = { gradient_norm_below = 0.2, at_most = 12 }
ask = ["steps", "dW1", "updates"]
"""
    )
    exercise = generate(problem_set, "vanishing", student="ada", secret=b"0")
    answers = right(exercise)
    assert abs(answers["dW1"][0][0]) < 0.2
    assert 1 <= answers["steps"] <= 12
    assert Exercise.from_json(exercise.to_json()) == exercise


@pytest.mark.parametrize(
    ("layers", "inputs"),
    [
        ('[{ type = "dense", units = 3, activation = "relu" }]', "2"),
        ('[{ type = "convolution", filters = 2, kernel = [2, 2] }]', "[1, 3, 3]"),
        ('[{ type = "max_pooling", size = [2, 2] }]', "[1, 4, 4]"),
        ('[{ type = "batch_normalization" }]', "3\nbatch = 4"),
        ('[{ type = "lstm", units = 2 }, { type = "last_step" }]', "[2, 2]"),
    ],
)
def test_a_network_is_given_the_gradient_of_its_output_in_place_of_a_loss(layers, inputs):
    problem_set = ProblemSet.from_toml(
        f"""
schema = "gradgrade/problem-set/1"
name = "week"
[[exercises]]
name = "backward"
inputs = {inputs}
layers = {layers}
upstream = true
ask = ["all"]
"""
    )
    exercise = generate(problem_set, "backward", student="ada", secret=b"0")
    last = f"da{len(exercise.layers)}"
    assert last in exercise.given
    assert last not in [part.name for part in exercise.ask]
    assert grade(exercise, right(exercise)).outcome == "correct"


@pytest.mark.parametrize(
    ("layer", "states"),
    [
        ('{ type = "recurrent", units = 2, initial_state = true }', ["dh0_1"]),
        ('{ type = "lstm", units = 2, initial_state = true }', ["dh0_1", "dc0_1"]),
    ],
)
@pytest.mark.parametrize(
    "rest",
    [
        "upstream = true\nbatch = 2",
        'loss = "half_squared_error"\noptimizer = "sgd"\nlearning_rate = 0.1\niterations = 2',
    ],
)
def test_a_recurrent_layer_is_given_its_initial_state(layer, states, rest):
    problem_set = ProblemSet.from_toml(
        f"""
schema = "gradgrade/problem-set/1"
name = "week"
[[exercises]]
name = "cell"
inputs = [2, 2]
layers = [{layer}, {{ type = "last_step" }}]
{rest}
ask = ["all"]
"""
    )
    exercise = generate(problem_set, "cell", student="ada", secret=b"0")
    asked = {part.name.partition("@")[0] for part in exercise.ask}
    assert set(states) <= asked
    assert {state.removeprefix("d") for state in states} <= set(exercise.given)
    assert grade(exercise, right(exercise)).outcome == "correct"
    assert Exercise.from_json(exercise.to_json()) == exercise


def test_a_layer_without_an_initial_state_says_nothing_of_one():
    problem_set = ProblemSet.from_toml(
        """
schema = "gradgrade/problem-set/1"
name = "week"
[[exercises]]
name = "cell"
inputs = [2, 2]
layers = [{ type = "lstm", units = 1 }]
loss = "half_squared_error"
ask = ["dx"]
"""
    )
    exercise = generate(problem_set, "cell", student="ada", secret=b"0")
    assert "initial_state" not in exercise.to_json()
