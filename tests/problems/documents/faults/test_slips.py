"""The slips that people make in set files, each with the exact words that it gets."""

import codecs
import copy
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradgrade.problems import DocumentError, ProblemSet
from gradgrade.problems.errors import Fault
from gradgrade.problems.templates.template import compile_templates
from tests.examples import examples

SET = """\
schema = "gradgrade/problem-set/1"
name = "week-3"

[[exercises]]
name = "two-layer"
inputs = 3
layers = [
  { type = "dense", units = 4, activation = "sigmoid" },
  { type = "dense", units = 2 },
]
loss = { name = "half_squared_error" }
optimizer = { name = "sgd", learning_rate = 0.2 }
batch = 4
ask = ["loss", "dW1"]
"""

NOT_FOR_PEOPLE = re.compile(
    r"Input should|valid (dictionary|list|string|integer|number|instance)|Number\(|\bNone\b|dict\b"
    r"|\(got |and \d+ more|tagged|literal|discriminator|Error\b|Model\b"
)
"""Words of the validator and of Python."""


@dataclass(frozen=True)
class Slip:
    """What is replaced in the set by what, and what is said of that."""

    old: str
    new: str
    said: str


def read_slips() -> list[Slip]:
    blocks = (Path(__file__).parent / "slips.txt").read_text("utf-8").split("\n\n")[1:]
    return [Slip(*(marked(block, sign) for sign in "-+!")) for block in blocks]


def marked(block: str, sign: str) -> str:
    return "\n".join(line[2:] for line in block.splitlines() if line[0] == sign)


SLIPS = read_slips()


def read(text: str) -> None:
    """Read a set, and see whether its exercises hold together."""
    compile_templates(ProblemSet.from_toml(text))


def refusal(text: str) -> str:
    """What is said of a set."""
    with pytest.raises(DocumentError) as refused:
        read(text)
    return str(refused.value)


def test_the_set_that_is_spoilt_is_good():
    read(SET)


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.new.replace("\n", " ")[:60] or "-")
def test_every_slip_gets_the_words_of_the_table(slip):
    assert SET.count(slip.old) >= 1
    assert refusal(SET.replace(slip.old, slip.new, 1)) == f"problem-set: {slip.said}"


def test_the_table_is_large_and_none_of_it_speaks_as_the_validator_does():
    assert len(SLIPS) >= 60
    assert [slip for slip in SLIPS if NOT_FOR_PEOPLE.search(slip.said)] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no field; `gradgrade new FILE` begins a set"),
        ("# nothing yet\n", "there is no field; `gradgrade new FILE` begins a set"),
        (
            f"```toml\n{SET}```\n",
            "not TOML: line 1, column 1: a Markdown fence: leave it out, and the one at the end; "
            "the line is: ```toml",
        ),
        (
            "name: week-3\nexercises:\n  - name: a\n",
            "not TOML: line 1, column 5: YAML is not TOML: write each field as name = value; "
            "the line is: name: week-3",
        ),
        (
            '{"name": "week-3"}',
            "not TOML: line 1, column 1: JSON is not TOML: write each field as name = value, or "
            'name the file .json; the line is: {"name": "week-3"}',
        ),
        (
            'schema = "gradgrade/problem-set/1"\nname = "a"\nexercises = {}\n',
            "line 3: exercises: begin each exercise with [[exercises]], two brackets on either "
            "side",
        ),
        (
            SET + SET.partition("\n\n")[2],
            "line 16: exercise 'two-layer': name: \"two-layer\" is the name of exercise 1 too: "
            "write another",
        ),
    ],
    ids=["empty", "a comment", "fences", "YAML", "JSON", "no list", "one name twice"],
)
def test_what_is_no_set_at_all_gets_these_words(text, said):
    assert refusal(text) == f"problem-set: {said}"


PROGRAM = """\
schema = "gradgrade/problem-set/1"
name = "week-3"

[[exercises]]
name = "by-line"
type = "program"
sizes = { n = 3 }
arrays = { x = ["n"], w = ["n"] }
program = '''
z = w * x
loss = sum(z)
'''
differentiate = "loss"
ask = ["loss", "dw"]
"""


def test_fields_of_a_program_without_its_type_are_told_by_that_alone():
    read(PROGRAM)
    assert refusal(PROGRAM.replace('type = "program"\n', "")) == (
        "problem-set: line 4: exercise 'by-line': type: this field is missing; "
        'sizes belongs to a program: write type = "program"'
    )


def test_a_type_that_is_none_is_shown_as_it_was_written():
    assert refusal(PROGRAM.replace('type = "program"', 'type = "progam"')).endswith(
        "exercise 'by-line': type: \"progam\" is no type here; "
        'sizes belongs to a program: write type = "program"'
    )


def test_a_type_may_be_written_in_any_case():
    other_case = ProblemSet.from_toml(PROGRAM.replace('type = "program"', 'type = "Program"'))
    assert other_case.exercises == ProblemSet.from_toml(PROGRAM).exercises


def test_a_function_that_a_program_misspells_is_told_by_the_nearest():
    said = refusal(PROGRAM.replace("w * x", "sigmod(w * x)"))
    assert "there is no function sigmod; did you mean sigmoid?" in said


@pytest.mark.parametrize("field", ["units", "activation", "batch"])
def test_a_name_with_a_thousand_points_is_refused_for_what_it_nests(field):
    deep = SET.replace(f"{field} = ", f"{field}{'.a' * 1000} = ", 1)
    assert refusal(deep) == "problem-set: the document is nested deeper than 8 levels"


def test_several_faults_are_told_at_once_and_no_more_than_ten():
    faulty = SET.replace("units = 4", "units = 0").replace("batch = 4", 'batch = "4"\nlr = 1')
    assert refusal(faulty) == (
        "problem-set: 3 faults:\n"
        "  line 14: exercise 'two-layer': lr: there is no such field; did you mean learning_rate, "
        'which belongs into optimizer: optimizer = { name = "sgd", learning_rate = 0.1 }\n'
        "  line 8: exercise 'two-layer': layer 1: units: 0 is refused: it must be at least 1\n"
        "  line 13: exercise 'two-layer': batch: \"4\" is not a whole number but text: write 4, "
        "without quotation marks"
    )
    many = "".join(f"extra{count} = 1\n" for count in range(12))
    with pytest.raises(DocumentError) as refused:
        ProblemSet.from_toml(many + SET)
    assert len(refused.value.faults) == 10
    assert str(refused.value).startswith("problem-set: the first 10 faults:\n  line 1: extra0: ")


def test_every_exercise_that_does_not_hold_together_is_told_with_its_line():
    other = SET.partition("\n\n")[2].replace("two-layer", "other")
    faulty = SET.replace('"dW1"]', '"dW3"]') + other.replace('"dW1"]', '"dW4"]')
    assert refusal(faulty) == (
        "problem-set: 2 faults:\n"
        "  line 14: exercise 'two-layer': ask, item 2: \"dW3\" is of no layer that there is: "
        "there are layers 1 to 2\n"
        "  line 25: exercise 'other': ask, item 2: \"dW4\" is of no layer that there is: "
        "there are layers 1 to 2"
    )


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 10**6)
    | st.floats(-10, 10, allow_nan=False)
    | st.text("ab1 ,.-", max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "low", "decimals", "units", "lr"]), inner)
    ),
    max_leaves=4,
)


def ways(value: Any, way: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The ways to all values of a document."""
    if not isinstance(value, (dict, list)):
        return [way]
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return [way, *(each for key, one in inner for each in ways(one, (*way, key)))]


WHOLE = json.loads(ProblemSet.from_toml(SET).to_json())


@given(st.sampled_from(ways(WHOLE)[1:]), VALUES)
@settings(max_examples=examples(150))
def test_whatever_stands_anywhere_is_taken_or_refused_in_words_for_people(way, value):
    document = copy.deepcopy(WHOLE)
    place = document
    for part in way[:-1]:
        place = place[part]
    place[way[-1]] = value
    faults = faults_of(json.dumps(document))
    assert [fault for fault in faults if NOT_FOR_PEOPLE.search(str(fault))] == []
    assert all(fault.pointer for fault in faults)


def faults_of(text: str) -> tuple[Fault, ...]:
    """What is wrong with a set in JSON; nothing where it is taken."""
    try:
        ProblemSet.from_json(text)
    except DocumentError as error:
        return error.faults or (Fault(said=str(error)),)
    return ()


def test_a_fault_has_its_parts_for_programs():
    with pytest.raises(DocumentError) as refused:
        ProblemSet.from_toml(SET.replace("units = 4", "units = 1_0.5"))
    (fault,) = refused.value.faults
    assert fault.pointer == "/exercises/0/layers/0/units"
    assert (fault.place, fault.field, fault.line) == ("exercise 'two-layer'", "layer 1: units", 8)
    assert fault.written == "1_0.5"


def test_json_has_no_lines_and_is_answered_in_its_own_form():
    text = ProblemSet.from_toml(SET).to_json().replace('"units": 4', '"unit": 4')
    with pytest.raises(DocumentError) as refused:
        ProblemSet.from_json(text.replace('"inputs": 3,', ""))
    assert str(refused.value) == (
        "problem-set: 2 faults:\n"
        "  exercise 'two-layer': layer 1: unit: there is no such field; did you mean units?\n"
        "  exercise 'two-layer': inputs: this field is missing; write it, such as \"inputs\": 3"
    )


@pytest.mark.parametrize(
    "saved",
    [
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("  {", "\t{").encode(),
    ],
    ids=["a byte order mark", "UTF-16", "line ends of Windows", "tabs"],
)
def test_how_an_editor_writes_a_file_is_no_fault(saved, tmp_path):
    path = tmp_path / "week-3.toml"
    path.write_bytes(saved(SET))
    assert ProblemSet.load(path) == ProblemSet.from_toml(SET)
    path.write_bytes(saved(SET.replace("batch", "bacth")))
    with pytest.raises(DocumentError, match=r"week-3\.toml: problem-set: line 13: "):
        ProblemSet.load(path)


def test_a_mark_that_a_reader_left_in_the_text_is_no_fault():
    assert ProblemSet.from_toml("\ufeff" + SET) == ProblemSet.from_toml(SET)


def test_json_in_a_file_of_any_name_is_read(tmp_path):
    path = tmp_path / "week-3.toml"
    path.write_text(ProblemSet.from_toml(SET).to_json(), "utf-8")
    assert ProblemSet.load(path) == ProblemSet.from_toml(SET)
