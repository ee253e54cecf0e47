"""Scripts read as calls: what each is given and answers, and what cannot be stood in for."""

import pytest

from gradgrade.problems import ProblemSet
from gradgrade.problems.audits.audited import Audited
from gradgrade.problems.audits.patterns import Fixed, Kept, Keyed, Several, Viewed
from gradgrade.problems.scripts.statements import ScriptError
from tests.problems.scripts.scripts import NETWORK, problem_set


def calls(script: str, *, definition: str = NETWORK):
    return Audited(problem_set(script, definition=definition), "layer").calls


def test_a_cache_is_kept_for_the_call_that_takes_it():
    forward, backward = calls(
        "a1, cache = affine_forward(x, W1, b1)\ndx, dW1, db1 = affine_backward(da1, cache)\n"
    )
    assert forward.positional == (Viewed("x"), Viewed("W1"), Viewed("b1"))
    assert forward.returns == Several((Viewed("a1"), Kept(0)))
    assert backward.positional == (Viewed("da1"), Kept(0))
    assert backward.answers == ("dx", "dW1", "db1")


@pytest.mark.parametrize(
    ("written", "views"),
    [
        ("W1.T", ("T",)),
        ("np.transpose(W1)", ("T",)),
        ("W1.T.T", ()),
        ("b1[:, None]", ("column",)),
        ("b1[None, :]", ("row",)),
        ("b1[np.newaxis, :]", ("row",)),
        ("b1.reshape(-1, 1)", ("column",)),
        ("b1.reshape(1, -1)", ("row",)),
        ("b1.reshape((n1, 1))", ("column",)),
        ("W1.copy()", ()),
        ("np.array(W1)", ()),
        ("b1[:, None].ravel()", ()),
    ],
)
def test_views_of_arguments(written, views):
    (call,) = calls(f"a1, dW1, db1, dx = f(x, {written}, W1, b1, da1)\n")
    assert call.positional[1] == Viewed("b1" if "b1" in written else "W1", views)


def test_views_of_results_lead_back():
    (call,) = calls("a, dW, db, dx = f(x, W1, b1, da1)\na1, dW1, db1 = a.T, dW.T, db[:, 0]\n")
    assert call.returns == Several(
        (
            Viewed("a1", ("T",)),
            Viewed("dW1", ("T",)),
            Viewed("db1", ("first_column",)),
            Viewed("dx"),
        )
    )


def test_dictionaries_and_comprehensions():
    (call,) = calls(
        'params = {"W1": W1, "b1": b1}\na1, grads = f(x, params, da1, mode="train")\n'
        'dW1, db1, dx = (grads[f"d{name}"] for name in ["W1", "b1", "x"])\n'
    )
    assert call.positional[1] == Keyed((("W1", Viewed("W1")), ("b1", Viewed("b1"))))
    assert call.named == (("mode", Fixed("train")),)
    assert call.returns.items[1] == Keyed(
        (("dW1", Viewed("dW1")), ("db1", Viewed("db1")), ("dx", Viewed("dx")))
    )


def test_objects_are_known_by_what_is_set_and_read():
    forward, backward = calls(
        "layer = Linear(n0, n1)\nlayer.W, layer.b = W1, b1\na1 = layer(x)\n"
        "dx = layer.backward(da1)\ndW1, db1 = layer.grads['W'], layer.db\n"
    )
    assert (forward.owner, forward.name) == ("Linear", "__call__")
    assert [at.path for at in forward.reads] == [(".W",), (".b",)]
    assert [at.path for at in backward.sets] == [(".grads", "W"), (".db",)]
    assert forward.sets == ()


def test_what_the_script_has_no_use_for_is_not_stood_in_for():
    (call,) = calls("check(lambda: 1)\na1, dW1, db1, dx = f(x, W1, b1, da1)\n")
    assert call.name == "f"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("a1, dW1, db1, dx = f(x * 2, W1, da1)\n", "line 1: x * 2 cannot be stood in for"),
        ("a1, dW1, db1, dx = f(np.hstack([x, W1]))\n", "line 1: np.hstack([x, W1]) cannot be"),
        ("a, dW1, db1, dx = f(x)\na1 = a + 1\n", "line 2: a + 1 cannot be stood in for"),
        (
            "v = Value(x)\nf = v * v\nf.backward()\na1, dW1, db1, dx = f.data, v.a, v.b, v.grad\n",
            "line 2: v * v cannot be stood in for",
        ),
        ("a1, dW1, db1, dx = f(x, W1)\n", "line 1: f(x, W1) is given too little for a1: b1 is not"),
        ("for i in f(x):\n    a1, dW1, db1, dx = g(i)\n", "line 1: f(x) cannot be stood in for"),
    ],
)
def test_what_cannot_be_stood_in_for_is_named_with_its_line(script, said):
    with pytest.raises(ScriptError) as refused:
        calls(script)
    assert str(refused.value).startswith(said)
    assert 'standin = "standin.py"' in str(refused.value)


def test_biases_as_columns_are_so_on_both_sides():
    definition = NETWORK.replace("[exercises.code]", "[exercises.code]\ncolumn_biases = true")
    (call,) = calls("a1, dW1, db1, dx = f(x, W1, b1, da1)\n", definition=definition)
    assert call.positional[2] == Viewed("b1", ("column",))
    assert call.returns.items[2] == Viewed("db1", ("first_column",))


def test_a_program_has_calls_too():
    text = """
schema = "gradgrade/problem-set/1"
name = "code"
[[exercises]]
name = "layer"
type = "program"
sizes = { n = 3 }
arrays = { x = ["n"], w = ["n"] }
program = "L = sum(x * w)"
differentiate = "L"
ask = ["L", "dx", "dw"]
[exercises.code]
script = "L, (dx, dw) = f(x, w)"
"""
    audited = Audited(ProblemSet.from_toml(text), "layer")
    assert audited.calls[0].returns == Several((Viewed("L"), Several((Viewed("dx"), Viewed("dw")))))
    assert audited.shapes.axes("x") == (("n", 1),)
    assert {"paths_not_added", "L_zero", "dx_sign"} & {each.code for each in audited.mistaken}
