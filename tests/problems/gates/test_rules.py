"""Rules belong to a structure, whatever it is called; they are written small and read strictly."""

import json
from typing import Any

import numpy
import pytest

from gradgrade.problems import DocumentError, ProblemSet
from gradgrade.problems.gates import probing
from gradgrade.problems.gates.probing import find_rules, rules_of
from gradgrade.problems.gates.rules import RULES, Rules, finding, read_rules
from gradgrade.problems.templates.template import Template, compile_template
from gradgrade.problems.variants.set_rules import find_set_rules
from tests.strategies import definition, dense

# The biases before a batch normalization move nothing, and some draws show that without rounding.
SMALL = {
    "inputs": [1, 3, 3],
    "layers": [
        {"type": "convolution", "filters": 2, "kernel": [2, 2]},
        {"type": "batch_normalization"},
        {"type": "flatten"},
        dense(1),
    ],
    "batch": 3,
    "convention": "row",
    "ask": ["gradients"],
    "tolerance": "auto",
}


def compiled(name: str = "exercise", of: str = "set", **fields: Any) -> Template:
    written = definition(**(SMALL | fields)) | {"name": name}
    data = {"schema": "gradgrade/problem-set/1", "name": of, "exercises": [written]}
    return compile_template(ProblemSet.from_json(json.dumps(data)), name)


def test_one_structure_under_six_names_and_points_has_one_set_of_rules():
    under = [
        compiled(name=f"name-{at}", of=f"set-{at}", title=f"Title {at}", points=points)
        for at, points in enumerate((1, 10, 2.5, 3, 100, 7))
    ]
    found = {find_rules(each).to_json() for each in under}
    assert len(found) == 1
    assert len({each.key(student="1", secret=b"0", course="") for each in under}) == 6


@pytest.mark.parametrize(
    "fields",
    [
        {"points": 3},
        {"ask": [{"name": "gradients", "points": 1}]},
        {"ask": ["dW4", "db4", "dgamma_2", "dbeta_2", "dW1", "db1"]},
        {"carried_forward": 0.5},
        {"title": "Another"},
    ],
)
def test_what_no_gate_looks_at_is_no_part_of_a_structure(fields):
    assert compiled(**fields).structure == compiled().structure


@pytest.mark.parametrize(
    "fields",
    [
        {"tolerance": {"decimals": 4}},
        {"ask": ["dW1"]},
        {"draw": {"weights": {"low": -1, "high": 1, "step": 0.1}}},
        {"batch": 2},
        {"convention": "column"},
        {"optimizer": {"name": "sgd", "learning_rate": 0.25}},
        {"loss": {"name": "squared_error"}},
        {"given": {"y": [[0.5], [1], [0.25]]}},
        {"arithmetic": "decimal"},
        {"precision": "binary32"},
        {"iterations": 2},
    ],
)
def test_what_gates_look_at_makes_another_structure(fields):
    assert compiled(**fields).structure != compiled().structure


def test_an_entry_that_is_0_in_every_draw_is_known_though_some_draws_need_no_rounding():
    rules = find_rules(compiled())
    assert {name: entries.tolist() for name, entries in rules.zeros.items()} == {
        "db1": [[True], [True]]
    }
    assert ("passed_by_zeros", "db1") in rules.told


# In turn


def numbered(count: int) -> ProblemSet:
    """A set of as many exercises, each of a structure of its own."""
    exercises = [
        definition(inputs=1, layers=[dense(1)], ask=["dW1"], tolerance="auto")
        | {
            "name": f"exercise-{number}",
            "optimizer": {"name": "sgd", "learning_rate": number},
        }
        for number in range(1, count + 1)
    ]
    data = {"schema": "gradgrade/problem-set/1", "name": "many", "exercises": exercises}
    return ProblemSet.from_json(json.dumps(data))


def test_two_hundred_exercises_in_turn_keep_their_rules(monkeypatch):
    found = []

    def counting(template: Template) -> Rules:
        found.append(template.structure)
        return find_rules(template)

    monkeypatch.setattr(probing, "find_rules", counting)
    document = numbered(200)
    for _ in range(2):
        for each in document.exercises:
            rules_of(compile_template(document, each.name))
    assert len(found) == len(set(found)) == 200


def test_exercises_of_one_structure_are_probed_once_whoever_works():
    document = numbered(3)
    twins = [
        each.model_copy(update={"name": f"twin-{at}", "points": each.points})
        for at, each in enumerate(document.exercises)
    ]
    doubled = document.model_copy(update={"exercises": [*document.exercises, *twins]})
    names = [each.name for each in doubled.exercises]
    done: list[int] = []

    def run(function: Any, tasks: Any) -> Any:
        tasks = list(tasks)
        done.append(len(tasks))
        return map(function, tasks)

    found = find_set_rules(doubled, names, run=run)
    assert done == [3]
    assert list(found) == names
    for name in names:
        assert found[name].to_json() == rules_of(compile_template(doubled, name)).to_json()


# The document


def test_rules_are_read_back_as_they_were_written():
    written = find_rules(compiled())
    read = read_rules(written.to_json())
    assert read is not None
    assert read.findings == written.findings
    assert read.zeros.keys() == written.zeros.keys()
    for name, entries in written.zeros.items():
        assert numpy.array_equal(read.zeros[name], entries)
    assert len(written.to_json()) < 2_000


@pytest.mark.parametrize(
    "entries",
    [[[True]], [[False, True, True], [True, False, True]], [[True] * 300] * 300, [[False, False]]],
)
def test_zeros_are_written_in_runs(entries):
    written = Rules(zeros={"dx": numpy.array(entries)}).to_json()
    read = read_rules(written)
    assert read is not None
    assert read.zeros["dx"].tolist() == entries
    assert len(written) < 150


def test_rules_of_another_version_are_none():
    document = json.loads(Rules().to_json()) | {"rules": f"{RULES}0", "whatever": 1}
    assert read_rules(json.dumps(document)) is None


RIGHT = {
    "rules": RULES,
    "zeros": {"db1": {"shape": [2, 1], "runs": [[0, 2]]}},
    "findings": [["passed_by_zeros", "db1", "structural", 1.0]],
}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"more": 1}, "more"),
        ({"findings": [["passed_by_nobody", "db1", "structural", 1.0]]}, "passed_by_nobody"),
        ({"findings": [["misconception", "no_such", "rare", 0.5]]}, "no_such"),
        ({"findings": [["kink", "db1", "perhaps", 0.5]]}, "findings"),
        ({"findings": [["kink", "db1", "given", 2]]}, "findings"),
        ({"findings": [["kink", "db1", "given"]]}, "findings"),
        ({"zeros": {"db1": {"shape": [2, 1], "runs": [[0, 3]]}}}, "[0, 3]"),
        ({"zeros": {"db1": {"shape": [2, 1], "runs": [[1, 2], [0, 1]]}}}, "[0, 1]"),
        ({"zeros": {"db1": {"shape": [2], "runs": []}}}, "zeros"),
        ({"zeros": None}, "zeros"),
    ],
)
def test_what_is_no_document_of_rules_is_refused(change, says):
    assert read_rules(json.dumps(RIGHT)) is not None
    with pytest.raises(DocumentError) as refusal:
        read_rules(json.dumps(RIGHT | change))
    assert str(refusal.value).startswith("rules: ")
    assert says in str(refusal.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"rules": 1}'])
def test_what_is_no_json_of_rules_is_refused(text):
    with pytest.raises(DocumentError, match=r"^rules: "):
        read_rules(text)


def test_a_finding_is_told_in_the_words_of_its_gate_or_misconception():
    rare = finding("misconception", "residual_sign in layer 2", "rare", 0.5)
    identical = finding("misconception", "residual_sign in layer 2", "identical", 1.0)
    assert (rare.text, identical.text) == (
        "too few draws show it beyond the tolerance for every variant to",
        "comes to the right answers in this exercise",
    )
    assert rare.advice != identical.advice
    assert finding("kink", "delta1", "given", 1.0).advice != (
        finding("kink", "delta1", "structural", 1.0).advice
    )
