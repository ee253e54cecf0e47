"""Which draw is issued: the first that passes the gates, whoever is drawn beside it."""

import itertools
from math import prod

import pytest
from hypothesis import given, settings

from gradgrade.oracle.nested import build
from gradgrade.problems import DocumentError, Exercise, ExerciseError, grade, solve
from gradgrade.problems.gates.probing import find_rules, rules_of
from gradgrade.problems.generate import accept, fingerprint
from gradgrade.problems.templates.streams import Stream
from gradgrade.problems.templates.template import compile_template
from gradgrade.problems.variants.rosters import Chunk, Made, chunks, make
from gradgrade.problems.walks.stacked import assess
from tests.examples import examples
from tests.problems.generated import GATED, generated, searches
from tests.strategies import definitions, problem_set

POSITIVE = {"low": 0.5, "high": 1, "step": 0.1}


def test_a_variant_does_not_depend_on_who_is_drawn_beside_it():
    template = compile_template(problem_set(**GATED), "exercise")
    rules = find_rules(template)
    together = accept(template, searches(template, 50), rules)
    alone = [accept(template, [each], rules)[0] for each in searches(template, 50)]
    assert [each.exercise for each in together] == [each.exercise for each in alone]
    assert [each.search for each in together] == [each.search for each in alone]
    assert any(each.search.rejected for each in together)
    assert not all(each.search.rejected for each in together)


def test_the_first_draw_that_passes_is_issued():
    document = problem_set(**GATED)
    template = compile_template(document, "exercise")
    rules = find_rules(template)
    for student, search in enumerate(searches(template, 8)):
        drawn = (
            template.exercise(search.key, template.draw(Stream(search.key, attempt)))
            for attempt in itertools.count()
        )
        first = next(each for each in drawn if rules.reasons(assess([each])) == [None])
        assert generated(document, student=str(student)) == first


def test_what_is_avoided_is_not_drawn():
    document = problem_set(**GATED)
    first = generated(document)
    second = generated(document, avoiding={fingerprint(first)})
    third = generated(document, avoiding={fingerprint(first), fingerprint(second)})
    assert first.id == second.id == third.id
    assert len({fingerprint(each) for each in (first, second, third)}) == 3
    assert generated(document, avoiding={fingerprint(second)}) == first


def test_a_variant_is_written_as_its_document_is():
    template = compile_template(
        problem_set(**GATED, title="“Gates”\n", convention="row"), "exercise"
    )
    for each in accept(template, searches(template, 5), find_rules(template)):
        assert template.written(each.exercise) == each.exercise.to_json()
        assert Exercise.from_json(template.written(each.exercise)) == each.exercise


def test_chunks_of_any_size_make_the_same():
    document, students = problem_set(**GATED), tuple(map(str, range(12)))
    rules = find_rules(compile_template(document, "exercise"))

    def made(size: int) -> list[Made]:
        pieces = (
            Chunk(
                problem_set=document, exercise="exercise", students=each, rules=rules, secret=b"0"
            )
            for each in chunks(students, size)
        )
        return [variant for piece in pieces for variant in make(piece)]

    assert made(12) == made(5) == made(1)


def test_an_exercise_whose_numbers_are_all_given_is_issued_whatever_the_gates_find():
    given = {"x": [[1], [1]], "y": [[0], [0]], "W1": [[0, 0], [0, 0]], "b1": [0, 0]}
    exercise = generated(problem_set(given=given, tolerance={"decimals": 2}))
    assert solve(exercise)["loss"].value == "0"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"tolerance": {"decimals": 0}}, ["passed_by_zeros", "tighten the tolerance"]),
        (
            {"draw": {"weights": {"low": -2, "high": -1, "step": 0.5}, "inputs": POSITIVE}},
            ["dead_units", "positive biases"],
        ),
        (
            {"optimizer": {"name": "sgd", "learning_rate": 1e-18}},
            ["echo_of_given", "learning rate"],
        ),
    ],
)
def test_an_exercise_that_no_draw_makes_fair_is_refused_with_advice(fields, words):
    with pytest.raises(ExerciseError) as refusal:
        generated(problem_set(**(GATED | {"batch": 1} | fields)))
    message = str(refusal.value)
    assert message.startswith("exercise 'exercise' cannot be issued: all of 1000 draws were rej")
    assert "\n" not in message
    for word in words:
        assert word in message


@given(definitions(most_iterations=1))
@settings(max_examples=examples(15))
def test_no_part_of_a_gated_variant_is_solved_by_zeros_but_where_it_is_told(fields):
    document = problem_set(**(fields | {"tolerance": "auto", "ask": ["gradients", "updates"]}))
    try:
        exercise = generated(document)
    except (DocumentError, ExerciseError):
        return
    findings = rules_of(compile_template(document, "exercise")).findings
    told = {each.subject for each in findings if each.gate == "passed_by_zeros"}
    zeros = {part.name: build([0.0] * prod(part.shape), tuple(part.shape)) for part in exercise.ask}
    parts = grade(exercise, zeros).parts
    assert {each.name for each in parts if each.outcome == "correct"} <= told
