"""Whatever is handed in as a program: a fault with its place, soon, and nothing of Python done."""

import resource
import string
import sys
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradgrade.oracle.programs.bounds import MOST_CHARACTERS, MOST_NODES
from gradgrade.oracle.programs.deriving import derive_program
from gradgrade.oracle.programs.faults import LONGEST_SHOWN, ProgramError
from gradgrade.oracle.programs.graph import ArrayType, Graph, graph_of
from gradgrade.oracle.programs.reading import read_program
from tests.examples import examples

GIVEN = {
    "x": ArrayType(shape=(2, 3)),
    "y": ArrayType(shape=(3,)),
    "c": ArrayType(shape=()),
    "wide": ArrayType(shape=(300, 300)),
    "ids": ArrayType(shape=(4,), integers=(0, 1)),
    "m": ArrayType(shape=(2, 3), mask=True),
    "few": ArrayType(shape=(4,), mask=True),
}
SECONDS = 2.0
MEBIBYTES = 200


def graph(text: str) -> Graph:
    """A text as a program of some givens."""
    return graph_of(read_program(text), GIVEN, {"N": 4})


def fault(text: str) -> ProgramError:
    """What is said of a text that is no program, held to its form."""
    with pytest.raises(ProgramError) as caught:
        graph(text)
    error = caught.value
    said, shown, caret = str(error).rsplit("\n", 2)
    line, column = error.place.line, error.place.column
    assert said.startswith(f"line {line}, column {column}: ")
    assert "\n" not in said
    if len(error.place.source) <= LONGEST_SHOWN:
        assert caret.index("^") == 4 + column - 1
    assert 1 <= line <= len(text.split("\n"))
    assert 1 <= column <= len(error.place.source) + 1
    assert 4 <= caret.index("^") <= len(shown)
    return error


OF_PYTHON = {
    "an import": "import os",
    "an import behind a line": "a = c\nimport os",
    "from an import": "from os import system",
    "an import within a call": "a = __import__('os').system('true')",
    "eval": "a = eval('c')",
    "exec": "a = exec(c)",
    "open": "a = open(c)",
    "an attribute": "a = x.shape",
    "a class": "a = x.__class__",
    "a chain of classes": "a = ().__class__.__bases__[0].__subclasses__()",
    "numpy's own": "a = np.load(c)",
    "a module of numpy": "a = np.linalg.norm.__globals__",
    "a lambda": "a = (lambda: c)()",
    "a comprehension": "a = [each for each in x]",
    "a generator": "a = sum(each for each in x)",
    "a text": "a = 'c'",
    "a text put together": "a = f'{c}'",
    "bytes": "a = b'c'",
    "a loop": "for each in x:\n    a = each",
    "an endless loop": "while True:\n    a = c",
    "an if": "if c > 0:\n    a = c",
    "a conditional": "a = c if c > 0 else -c",
    "a class of one's own": "class A:\n    pass",
    "a decorated function": "@c\ndef f(a):\n    return a\nb = f(c)",
    "a default": "def f(a=open('f')):\n    return a\nb = f(c)",
    "an annotation": "def f(a: print(1)):\n    return a\nb = f(c)",
    "an annotated line": "a: print(1) = c",
    "a star": "a = sum(*x)",
    "two stars": "a = sum(**x)",
    "a walrus": "a = (b := c)",
    "several targets": "a = b = c",
    "a target that is an entry": "x[0] = c",
    "a target that is an attribute": "x.T = c",
    "an augmented line": "x += c",
    "a line without a name": "x + c",
    "a deletion": "del x",
    "an assertion": "assert c",
    "a raise": "raise c",
    "a try": "try:\n    a = c\nexcept c:\n    a = c",
    "a with": "with c as a:\n    b = a",
    "a global": "global a",
    "a yield": "a = yield c",
    "an await": "a = await c",
    "a match": "match c:\n    case 1:\n        a = c",
    "and": "a = c and c",
    "not": "a = not c",
    "a remainder": "a = c % 2",
    "a shift": "a = c << 2",
    "a bit": "a = ~c",
    "equality": "a = where(c == 1, c, 2)",
    "a chain of comparisons": "a = where(0 < c < 1, c, 2)",
    "membership": "a = c in x",
    "an ellipsis": "a = ...",
    "none": "a = None",
    "a complex numeral": "a = 2j * c",
    "a hexadecimal numeral": "a = 0x10 * c",
    "an underscored numeral": "a = 1_000 * c",
    "a numeral of another script": "a = \u0663 * c",
    "a function that calls itself": "def f(a):\n    b = f(a)\n    return b\nd = f(c)",
    "two that call one another": (
        "def f(a):\n    b = g(a)\n    return b\ndef g(a):\n    b = f(a)\n    return b\nd = f(c)"
    ),
    "a function in a function": (
        "def f(a):\n    def g(b):\n        return b\n    return a\nd = f(c)"
    ),
}


@pytest.mark.parametrize("name", OF_PYTHON)
def test_nothing_else_of_python_is_a_program(name):
    fault(OF_PYTHON[name])


TAKEN = {
    "a given": "x = c",
    "a size": "N = c",
    "a gradient": "dx = c",
    "a function that is called": "sum = c\na = sum(x)",
    "a method's module": "np = c",
    "a dunder": "__name__ = c",
    "a keyword": "None = c",
    "infinity": "inf = c",
    "a Kelvin sign": "\u212a = c",
    "a Cyrillic letter": "\u0430 = c",
    "a full-width letter": "\uff41 = c",
    "an invisible character": "a\u200b = c",
    "a right-to-left mark": "a = c \u202e + c",
    "a dash": "a = c \u2212 1",
    "a Greek letter": "\u03b1 = c",
    "a name twice": "a = c\na = x",
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_name_that_is_taken_or_looks_like_another_is_refused(name):
    fault(TAKEN[name])


SHAPES = {
    "shapes at odds": "a = x + wide",
    "a product at odds": "a = x @ x",
    "a vector at odds": "a = y @ x",
    "an axis that is not there": "a = sum(x, axis=2)",
    "an axis far below": "a = softmax(x, axis=-3)",
    "an axis of a number": "a = softmax(c)",
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


def nested(opening: str, inside: str, closing: str, times: int) -> str:
    return "a = " + opening * times + inside + closing * times


DOUBLED_CALLS = "\n".join(
    [
        "def f0(a):\n    b = a * a\n    return b",
        *(
            f"def f{n}(a):\n    b = f{n - 1}(a)\n    e = f{n - 1}(b)\n    return e"
            for n in range(1, 40)
        ),
        "g = f39(c)",
    ]
)

LARGE = {
    "brackets": nested("(", "c", ")", 3000),
    "brackets that do not close": "a = " + "(" * 9000,
    "square brackets": nested("[", "c", "]", 3000),
    "calls": nested("exp(", "c", ")", 1000),
    "minus signs": "a = " + "-" * 9000 + "c",
    "plus signs": "a = " + "+" * 9000 + "c",
    "nots": "a = " + "not " * 2000 + "c",
    "terms": "a = " + " + ".join(["c"] * 2400),
    "powers": "a = c" + "**2" * 2000,
    "a tower of powers": "a = 9" + "**9" * 1000,
    "powers on the right": "a = c ** " + "(2 ** " * 500 + "2" + ")" * 500,
    "products": "a = " + " * ".join(["wide"] * 1400),
    "indices": "a = x" + "[0:1]" * 1500,
    "transposes": "a = x" + ".T" * 4000,
    "an exponent": "a = c ** 65",
    "an exponent below": "a = c ** -1000",
    "an exponent of many digits": "a = c ** 99999999999999999999999999999999",
    "a third": "a = c ** (1/3)",
    "an exponent that is an array": "a = c ** x",
    "a numeral of many digits": "a = " + "9" * 5000,
    "a numeral of just too many": "a = " + "1" * 65,
    "a numeral with a large exponent": "a = 1e309",
    "a numeral with a vast exponent": "a = 1e99999999999",
    "a numeral near 0": "a = 1e-99999999999",
    "a product of numerals": "a = 1e308 * 1e308 * c",
    "a sum of numerals": "a = 1.7e308 + 1.7e308 + c",
    "a quotient of numerals": "a = 1e308 / 1e-308 + c",
    "a division of numerals by 0": "a = 1 / 0 + c",
    "an outer product": "a = outer(wide.reshape(-1), wide.reshape(-1))",
    "a broadcast": "a = wide.reshape(-1, 1) + wide.reshape(-1)",
    "a product of stacks": "a = wide.reshape(300, 300, 1) @ wide.reshape(300, 1, 300)",
    "many large arrays": "\n".join(f"a{n} = wide * {n}" for n in range(20)),
    "doubled lines": "a0 = wide.reshape(-1)\n"
    + "\n".join(f"a{n} = concatenate([a{n - 1}, a{n - 1}])" for n in range(1, 40)),
    "doubled calls": DOUBLED_CALLS,
    "lines": "\n".join(f"a{n} = c" for n in range(201)),
    "empty lines": "\n" * 9000,
    "characters": "a = c" + " " * MOST_CHARACTERS,
    "operations": "\n".join(f"a{n} = " + "-c" * 40 for n in range(199)),
    "a comment": "#" * (MOST_CHARACTERS + 1),
    "a null": "a = c\0",
    "a form feed": "a = c\f\n",
    "a backslash": "a = c \\",
    "a carriage return within": "a = c\rb = c",
    "a carriage return in a comment": "a = c # d\rimport os",
    "a comment turned round": "a = c # \u202e c",
    "a comment with a null": "a = c # \0",
    "tabs": "\ta = c",
    "an indented line": "  a = c",
    "an open text": "a = '" + "c" * 9000,
    "three open quotes": 'a = """' + "c" * 9000,
    "a surrogate": "a = c + \ud800",
    "semicolons": "a = c;" * 300,
    "a deep function": "def f(a):\n" + "".join(" " * n + "if a:\n" for n in range(1, 90)) + "x = 1",
}


@pytest.mark.parametrize("name", LARGE)
def test_what_is_too_large_is_refused_soon_and_within_bounded_memory(name):
    before, start = memory(), time.process_time()
    try:
        fault(LARGE[name])
    finally:
        assert time.process_time() - start < SECONDS
        assert memory() - before < MEBIBYTES


def memory() -> float:
    """The most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.fixture
def done() -> Iterator[list[str]]:
    """What Python is made to do during a test: code run, files opened, modules imported."""
    noted: list[str] = []
    watched = ["exec", "open", "import", "os.system", "subprocess.Popen", "socket.connect"]

    def note(event: str, _: object) -> None:
        if watched and event in watched:
            noted.append(event)

    # A hook stays for good; with nothing to watch for it does nothing.
    sys.addaudithook(note)
    yield noted
    watched.clear()


def test_nothing_of_python_is_evaluated(done: list[str]):
    graph("a = softmax(x @ x.T)")
    done.clear()
    for text in (*OF_PYTHON.values(), "a = open('f', 'w')", "a = print(c)", "a = exec(c)"):
        with pytest.raises(ProgramError):
            graph(text)
    assert done == []


def test_what_python_is_made_to_do_is_noted(done: list[str]):
    exec("1 + 1")
    assert done == ["exec"]


# Texts of all kinds


def repeated(part: str) -> str:
    """A text of as many characters as a program may have."""
    return (part * MOST_CHARACTERS)[:MOST_CHARACTERS]


ANY_TEXT = st.one_of(
    st.text(max_size=300),
    st.text(st.sampled_from("abcdxyN01.9eE+-*/@()[],:=<> \n\t#'\"\\_TÄ\u212a"), max_size=200),
    st.builds(
        "".join,
        st.lists(
            st.sampled_from(
                [
                    *(
                        "a = ",
                        "b = ",
                        "\n",
                        "x",
                        "y",
                        "c",
                        "ids",
                        "wide",
                        "m",
                        "N",
                        "a",
                        "b",
                        "inf",
                    ),
                    *("inf", "+", "-", "*", "/", "//", "**", "@", ".T", "(", ")", "[", "]", ","),
                    *(":", ">"),
                    *("0", "1", "2", "0.5", "1e308", "-1", "axis=", "keepdims=True"),
                    "def f(a):\n",
                    *("    return ", "sum(", "softmax(", "where(", "x.reshape(", "concatenate(["),
                    *("f(", "np.", "arange(", "max(", "var(", "outer(", "exp(", "logsumexp("),
                ]
            ),
            max_size=40,
        ),
    ),
    st.builds(repeated, st.text(string.printable, min_size=1, max_size=40)),
)


def held_to_its_form(text: str) -> None:
    """A text is a program of bounded size, or refused with its place; nothing else happens."""
    start = time.process_time()
    try:
        found = graph(text)
    except ProgramError:
        fault(text)
    else:
        assert len(found.nodes) <= MOST_NODES
        derive_program(found, upstream=[str(node.name) for node in found.lines[-1:]])
    assert time.process_time() - start < SECONDS


@settings(max_examples=examples(5000), deadline=None)
@given(ANY_TEXT)
def test_any_text_is_a_program_or_refused_with_its_place(text):
    held_to_its_form(text)


@settings(max_examples=examples(500), deadline=None)
@given(
    st.text(st.sampled_from("()[]-+*c1.a=\n ,@"), min_size=1, max_size=30), st.sampled_from("ac=(")
)
def test_10_000_characters_of_the_same_are_a_program_or_refused_soon(part, begins):
    held_to_its_form(repeated(f"{begins} = {part}"))
    held_to_its_form(f"a = {repeated(part)}"[:MOST_CHARACTERS])


def test_columns_count_characters_behind_a_comment_of_any_script():
    error = fault("a = c  # Größe µ\nb = c + q")
    assert (error.place.line, error.place.column) == (2, 9)


def test_the_caret_stands_under_the_fault():
    assert str(fault("q = x + wide")) == (
        "line 1, column 5: shapes [2, 3] and [300, 300] do not go together\n"
        "    q = x + wide\n"
        "        ^"
    )


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
        ("a = x[1.0]", "1.0 is no whole number: indices are constants"),
        ("a = x[0:2.0]", "2.0 is no whole number: indices are constants"),
    ],
)
def test_an_option_of_another_kind_is_told_what_it_must_be(text, said):
    assert said in str(fault(text))


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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = x ^ 2", "^ has no place in a program: a power is written **"),
        ("a = x % 2", "% has no place in a program"),
        ("a = ~m", "~ has no place in a program: exchange what where chooses from"),
        ("a = not m", "not has no place in a program"),
        ("a = x[..., 0]", "... has no place in a program: write a : for each axis"),
        (
            "a = y[:, None]",
            "a new axis has no place in an index: write x.reshape(…) with a 1 there",
        ),
        ("a = y[np.newaxis, :]", "a new axis has no place in an index"),
        ("a = x * np.pi", "np.pi is no value here: write its number"),
        ("a = 1_000 * x", "1_000 is no decimal numeral: write one as 16 or 0.5"),
        ("a = 0x10 * x", "0x10 is no decimal numeral"),
        ("a = 2x", "2x is no decimal numeral: write one as 16 or 0.5, and * before a name"),
        ("a = np.einsum('ij,j', x, y)", "a text has no value here, and no function takes one"),
        (
            "a = torch.exp(x)",
            "there is no function torch.exp: functions stand alone, or behind np.",
        ),
        ("a = exp(x, x)", "exp takes 1 operand (got 2)"),
        ("del x", "del has no place in a program"),
    ],
)
def test_what_python_has_and_a_program_has_not_is_told_with_what_to_write(text, said):
    assert said in str(fault(text))


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
    "text",
    [
        *("a = (x > 0) + (x < 1)", "a = (x > 0) - (x < 1)", "a = -(x > 0)"),
        *("a = (x > 0) @ (y > 0)", "a = dot(y > 0, y < 1)"),
        "b = x > 0\nk = b\na = k + b",
    ],
)
def test_what_numpy_makes_no_number_of_comparisons_is_refused(text):
    assert "write where(x > 0, 1, 0) for one" in str(fault(text))


@pytest.mark.parametrize(
    "text",
    [
        *("a = (x > 0) * (x < 1)", "a = (x > 0) + x", "a = 1 - (x > 0)", "a = sum(x > 0)"),
        *("a = m + m", "k = m\na = k - m", "a = where(x > 0, 1, 0) + where(x < 1, 1, 0)"),
    ],
)
def test_what_numpy_counts_comparisons_in_is_taken(text):
    assert graph(text).lines


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


@pytest.mark.parametrize("call", ["reshape(x, 3, 2)", "np.reshape(x, 3, 2)", "transpose(x, 1, 0)"])
def test_lengths_that_numpy_takes_in_brackets_alone_are_refused_without(call):
    assert "numpy takes one argument beside the array: write " in str(fault(f"a = {call}"))
    brackets = call.replace("x, ", "x, (").replace(")", "))")
    method = f"x.{call.removeprefix('np.').replace('x, ', '')}"
    assert graph(f"a = {brackets}\nb = {method}").lines


@pytest.mark.parametrize("name", ["exp", "N"])
def test_no_function_is_called_by_the_name_of_an_array_or_a_size(name):
    arrays = {"exp": ArrayType(shape=(2,)), "x": ArrayType(shape=(2,))}
    with pytest.raises(ProgramError, match=rf"column 5: {name} is no function where an array"):
        graph_of(read_program(f"a = {name}(x)"), arrays, {"N": 4})
    assert graph_of(read_program("a = np.exp(x) + exp"), arrays, {"N": 4}).lines


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("digits", ["0.0", "1"])
def test_a_numeral_with_an_exponent_that_no_decimal_has_is_refused(digits, sign):
    text = f"{digits}e{sign}{10**21}"
    assert f"{text} is outside the range of numbers" in str(fault(f"a = c * {text}"))
