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
from gradgrade.oracle.programs.faults import ProgramError
from tests.examples import examples
from tests.oracle.programs.refused import fault, graph

SECONDS = 2.0
MEBIBYTES = 200


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

OTHER_NAMES = "\n".join(
    [
        "def f(b0):",
        *(f"    b{n + 1} = b{n}" for n in range(40)),
        "    return b40",
        "c0 = x > 0",
        *(f"c{n + 1} = f(c{n})" for n in range(40)),
        "a = c40 + c40",
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
    "an exponent of deviations": "a = mean((x - mean(x)) ** 0.4)",
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
    "other names of a comparison": OTHER_NAMES,
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
