"""What programs in documents are refused for, told by the field that it stands in."""

import pytest

from gradgrade.problems import DocumentError, ExerciseError
from tests.problems.documents.structures.issued import variant
from tests.problems.programs import set_of

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
            'arrays = { x = [] }\nprogram = "q = x * x"\ninputs = 3\nask = ["q"]',
            "inputs: a program has no inputs: its arrays are given by their shapes, arrays = {",
        ),
        (
            'arrays = { x = [] }\nprogram = "q = x * x"\nlayers = []\nask = ["q"]',
            "layers: a program has no layers: its lines say what is computed, program = ",
        ),
        (
            'arrays = { x = [] }\nprogram = "q = x * x"\nloss = "mse"\nask = ["q"]',
            "loss: a program has no loss: it is a line of its own, which differentiate names, ",
        ),
        (
            'arrays = { x = [] }\nprogram = "q = x * x"\nbatch = 3\nask = ["q"]',
            "batch: a program has no batch: samples are an axis of its arrays, arrays = {",
        ),
        (
            'arrays = { x = [] }\nprogram = "q = x * x"\ndraw = { x = "he" }\nask = ["q"]',
            'draw.x: "he" is no range: a program\'s arrays are drawn from low to high in steps, '
            "x = [-1, 1, 0.1]; initializations draw weights of networks alone",
        ),
        (
            'arrays = { x = [] }\nprogram = "q = x * x"\nask = ["q"]\n'
            'draw = { default = { initialization = "he" } }',
            'draw.default: { initialization = "he" } is no range: ',
        ),
        (
            'arrays = { x = [] }\nprogram = "q = x * x"\ndraw = "he"\nask = ["q"]',
            'draw: "he" is no range: a program\'s arrays are drawn from low to high in steps, '
            "draw = { default = [-1, 1, 0.1] }",
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
            "given.x: [1] has one number in brackets, and must have 2 numbers, such as [0.5, 0.5]",
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


def test_a_fault_of_the_text_is_shown_with_its_line_and_a_caret():
    with pytest.raises(DocumentError) as caught:
        set_of('arrays = { x = [2], y = [3] }\nprogram = "q = x + y"\nask = ["q"]')
    assert str(caught.value).splitlines()[1:] == ["    q = x + y", "        ^"]
    assert "\n" not in caught.value.one_line


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


ADAM = """
arrays = { v = [2] }
program = '''
h = v * v
L = sum(h)
'''
differentiate = "L"
parameters = ["v"]
optimizer = { name = "adam", learning_rate = 0.1 }
"""


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        *(
            (asked, f'"{asked}" is no name of a gradient here: write "dh"')
            for asked in (
                "dL/dh",
                "∂L/∂h",
                "dLdh",
                "dL_dh",
                "grad_h",
                "grad(h)",
                "h.grad",
                "h_grad",
            )
        ),
        ("v.grad", '"v.grad" is no name of a gradient here: write "dv"'),
        ("vv", '"vv" is no state of this optimizer: for v it keeps mv and sv; write mv or sv'),
    ],
)
def test_what_is_called_otherwise_elsewhere_is_told_by_its_name_here(asked, said):
    with pytest.raises(DocumentError) as caught:
        variant(f'{ADAM}\nask = ["{asked}"]')
    assert said in str(caught.value)


SEVERAL = """
arrays = { x = [3] }
program = '''
PROGRAM
'''
ask = ["lines"]
"""


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (
            "s = x * x\ns -= max(s)\nL = sum(s)\nL += sum(x)",
            (
                "line 2, column 1: a line assigns",
                "line 4, column 1: a line assigns to one new name",
            ),
        ),
        (
            "s = x * z\nu = np.square(x)\np = relux(x)",
            (
                "line 1, column 9: z is not",
                "line 2, column 5: there is no",
                "line 3, column 5: there",
            ),
        ),
        ("s = x * z\nt = s + s\nu = sum(t) + z2", ("line 1, column 9: z is not known here",)),
        ("\n".join(f"s{at} = z" for at in range(20)), ["column 6: z is not known here"] * 10),
    ],
)
def test_faults_of_several_lines_are_told_at_once_but_what_follows_from_another(program, said):
    with pytest.raises(DocumentError) as caught:
        variant(SEVERAL.replace("PROGRAM", program))
    assert len(caught.value.faults) == len(said)
    for fault, each in zip(caught.value.faults, said, strict=True):
        assert each in fault.said
        assert fault.field == "program"
        assert len(fault.shown) == 2


CELL = """
arrays = { f = [3], c = [3], o = [3] }
program = '''
next_c = f * c
next_h = o * tanh(next_c)
MORE
'''
"""


def test_a_line_that_a_later_one_reads_is_told_how_its_upstream_gradient_is_given():
    with pytest.raises(DocumentError) as caught:
        variant(CELL.replace("MORE", "") + 'upstream = ["next_h", "next_c"]\nask = ["dc"]')
    (fault,) = caught.value.faults
    line, upstream = "next_c_out = next_c", 'upstream = ["next_h", "next_c_out"]'
    assert f"add the line {line}, and write {upstream}; dnext_c_out is then given" in fault.said
    exercise = variant(CELL.replace("MORE", line) + f'{upstream}\nask = ["dc", "dnext_c"]')
    assert {"dnext_h", "dnext_c_out"} <= exercise.given.keys()


LENGTHS = """
sizes = { D = 2, H = 3 }
arrays = { x = [4, "D"], W = ["D", "LENGTH"] }
program = "a = x @ W"
ask = ["a"]
"""


@pytest.mark.parametrize(("length", "columns"), [("4*H", 12), ("H * D", 6), ("2*H*D", 12)])
def test_a_length_may_be_a_product_of_sizes(length, columns):
    exercise = variant(LENGTHS.replace("LENGTH", length))
    assert exercise.ask[0].shape == [4, columns]
    assert exercise.to_data()["arrays"]["W"] == ["D", length]


@pytest.mark.parametrize(
    ("length", "said"),
    [
        ("4*K", '"K" is not one of D, H'),
        ("4", '"4" is not one of D, H'),
        ("0*H", '"0" is not one of D, H'),
        ("H+1", '"H+1" is no length: write a number, a size, a product of such as "4*D", or a siz'),
        ("9" * 9 + "*H", "an array has at most 100000 entries"),
        ("H*" * 60 + "H", "has 121 characters; it must have at most 100"),
    ],
)
def test_another_length_is_refused(length, said):
    with pytest.raises(DocumentError) as caught:
        variant(LENGTHS.replace("LENGTH", length))
    assert said in str(caught.value)
