"""Whether an exercise may be issued, and what is found in it, depends on no name of it."""

import json
from typing import Any

import numpy
import pytest

from gradgrade.problems import Exercise, ProblemSet
from gradgrade.problems.gates.probing import find_rules
from gradgrade.problems.generate import Search, accept
from gradgrade.problems.templates.template import Template, compile_template
from gradgrade.problems.walks.stacked import assess
from tests.strategies import definition, dense

NORMALIZED_FILTERS = {
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
RECTIFIED_FILTERS = NORMALIZED_FILTERS | {
    "layers": [
        {"type": "convolution", "filters": 2, "kernel": [2, 2], "activation": "relu"},
        {"type": "flatten"},
        dense(1),
    ],
}
UNDER = [
    ("case", "e", 1),
    ("case", "e", 10),
    ("bn", "e", 1),
    ("bn", "e", 10),
    ("week-3", "last", 2),
]
STUDENTS = 16
LEAST_ISSUED = 1 / 3


def compiled(set_name: str, name: str, points: float, fields: dict[str, Any]) -> Template:
    written = definition(**fields) | {"name": name, "points": points}
    data = {"schema": "gradgrade/problem-set/1", "name": set_name, "exercises": [written]}
    return compile_template(ProblemSet.from_json(json.dumps(data)), name)


@pytest.mark.parametrize("fields", [NORMALIZED_FILTERS, RECTIFIED_FILTERS])
def test_one_structure_has_the_same_findings_and_is_issued_alike_under_any_name(fields):
    found, shares = set(), []
    for under in UNDER:
        template = compiled(*under, fields)
        rules = find_rules(template)
        found.add(rules.to_json())
        searches = [
            Search(template.key(student=str(at), secret=b"names", course=""))
            for at in range(STUDENTS)
        ]
        accepted = accept(template, searches, rules)
        rejected = sum(len(each.search.rejected) for each in accepted)
        shares.append(STUDENTS / (STUDENTS + rejected))
    assert len(found) == 1
    assert min(shares) > LEAST_ISSUED


@pytest.mark.parametrize("fields", [NORMALIZED_FILTERS, RECTIFIED_FILTERS])
@pytest.mark.parametrize("under", UNDER)
def test_no_variant_has_a_filter_whose_gradient_is_0(under, fields):
    template = compiled(*under, fields)
    rules = find_rules(template)
    assert ("dead_gradient", "dW1") not in rules.told
    searches = [
        Search(template.key(student=str(at), secret=b"dead", course="")) for at in range(STUDENTS)
    ]
    for each in accept(template, searches, rules):
        kernels = gradient_of_kernels(each.exercise)
        assert (kernels != 0).any(axis=(1, 2, 3)).all()


def gradient_of_kernels(exercise: Exercise) -> Any:
    (part,) = (part for part in exercise.ask if part.name == "dW1")
    return numpy.reshape(assess([exercise]).values["dW1"][0], part.shape)
