"""What a set tells its students, and when, changes no variant: neither its numbers nor its id."""

import pytest

from gradgrade.problems import DocumentError, ProblemSet, catalogue, generate

PLAIN = catalogue.load("first-steps").to_data()
POLICIES = {
    "solutions": "after_full_marks",
    "practice": True,
    "due": "2031-03-01T12:00:00Z",
    "late_until": "2031-03-02T12:00:00Z",
    "late_penalty": 0.5,
    "attempts": 3,
    "feedback": "score",
    "after_due": "diagnosis",
    "title": "Another",
}


def variant(**fields):
    problem_set = ProblemSet.from_data(PLAIN | fields)
    return generate(problem_set, "one-neuron", student="s001", secret=b"0").to_json()


@pytest.mark.parametrize("field", sorted(POLICIES.keys() - {"late_until"}))
def test_no_policy_changes_a_variant_by_a_byte(field):
    assert variant(**{field: POLICIES[field]}) == variant()


def test_all_policies_together_change_none_either():
    assert variant(**POLICIES) == variant()


def test_a_set_says_when_solutions_are_shown_in_any_letter_case():
    told = ProblemSet.from_data(PLAIN | {"solutions": "After_Full_Marks"})
    assert told.solutions == "after_full_marks"
    assert ProblemSet.from_data(told.to_data()) == told


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"solutions": "after_due"}, "there is no due, after which they are shown; write due too"),
        ({"solutions": "always"}, "after_full_marks"),
        ({"practice": "yes"}, "practice"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_says_what_to_write(fields, said):
    with pytest.raises(DocumentError, match=said):
        ProblemSet.from_data(PLAIN | fields)
