"""Verdicts over HTTP are those of `gradgrade.problems.grade`, and give nothing away."""

import json
import re

import pytest

from gradgrade.problems import Answers, catalogue, generate, grade, solve
from gradgrade.problems.templates.cost import cost_of
from gradgrade.problems.templates.streams import Stream
from gradgrade.problems.templates.template import compile_template
from gradgrade.service.app import create_app
from gradgrade.service.bounds import COST_A_BYTE, SHORT_COST
from gradgrade.service.settings import Settings
from tests.service.api.problem_json import assert_problem


def _post(live, exercise, answers):
    return live.post(f'{{"exercise": {exercise.to_json()}, "answers": {json.dumps(answers)}}}')


def _refusal(live, exercise, change, answers=None):
    """The detail of the 422 that a changed exercise, or answers to it, get."""
    document = json.loads(exercise.to_json())
    change(document)
    reply = live.post(json.dumps({"exercise": document, "answers": answers or {}}))
    assert_problem(reply, 422)
    return reply.json["detail"]


def test_the_exact_answers_get_full_marks(live, exercise, right):
    reply = _post(live, exercise, right)
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.json["outcome"] == "correct"
    assert reply.json["score"] == reply.json["max_score"]


@pytest.mark.parametrize(
    "change",
    [
        lambda right: {"loss": right["loss"]},
        lambda right: right | {"loss": -right["loss"]},
        lambda right: right | {"loss": None},
        lambda right: right | {"loss": [right["loss"]]},
        lambda right: {"schema": "gradgrade/answers/1", "answers": right},
    ],
    ids=["in part", "wrong sign", "null", "wrong shape", "document"],
)
def test_a_verdict_is_the_same_bytes_as_in_python(live, exercise, right, change):
    answers = change(right)
    expected = grade(exercise, Answers.from_json(json.dumps(answers)))
    assert _post(live, exercise, answers).body == expected.to_json().encode()


def test_a_wrong_shape_is_a_verdict_that_says_invalid(live, exercise, right):
    reply = _post(live, exercise, right | {"loss": [[right["loss"]]]})
    assert (reply.status, reply.json["outcome"], reply.json["score"]) == (200, "invalid", 0)


@pytest.mark.parametrize("blank", [{}, {"loss": None}, {"dW1": [[None, None]]}])
def test_answers_in_which_nothing_is_filled_in_are_refused(live, exercise, blank):
    reply = _post(live, exercise, blank)
    assert_problem(reply, 422)
    assert "answers: nothing is filled in" in reply.json["detail"]


def test_answers_to_another_exercise_are_refused(live, exercise, right):
    document = {"schema": "gradgrade/answers/1", "exercise": "0" * 16, "answers": right}
    reply = _post(live, exercise, document)
    assert_problem(reply, 422)
    assert exercise.id in reply.json["detail"]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"W9": 1}, "W9"),
        ({"loss": "1"}, "loss"),
        ({"loss": True}, "loss"),
        ({"loss": {}}, "loss"),
        ({"loss": []}, "loss"),
        ({"loss": [[1], [2, 3]]}, "loss"),
        ({"schema": "gradgrade/answers/2", "answers": {}}, "schema"),
        ({"answers": {}, "more": 1}, "more"),
    ],
)
def test_answers_that_are_refused_whole_are_a_422_that_names_the_field(
    live, exercise, answers, said
):
    assert said in _refusal(live, exercise, lambda document: None, answers)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "XYZ"),
        ("layers", []),
        ("inputs", 0),
        ("inputs", 1.5),
        ("iterations", 1001),
        ("convention", "diagonal"),
        ("more", 1),
        ("given", {}),
        ("loss", {"name": "mystery"}),
    ],
)
def test_an_exercise_that_is_none_is_a_422_that_names_the_field(live, exercise, field, value):
    assert field in _refusal(live, exercise, lambda document: document.update({field: value}))


def test_a_kink_is_a_422(live, exercise):
    def at_a_kink(document):
        document["layers"][0]["activation"] = "relu"
        document["given"] |= {"x": [[0]] * 2, "b1": 0}

    assert "delta1" in _refusal(live, exercise, at_a_kink, {"loss": 1})


def test_an_exercise_that_costs_too_much_is_a_422_before_anything_is_computed(live, exercise):
    for change in (
        {"inputs": 100_000},
        {"batch": 10_000, "iterations": 1000},
        {"layers": [{"type": "dense", "units": 100_000}] * 64},
        {"layers": [{"type": "dense", "units": 30}] * 64, "iterations": 30},
    ):
        detail = _refusal(live, exercise, lambda document, change=change: document.update(change))
        assert "the most is 100000" in detail


def test_an_exercise_that_is_too_long_to_derive_is_a_422(live, exercise):
    change = {"layers": [{"type": "dense", "units": 1}] * 64, "iterations": 1000}
    detail = _refusal(live, exercise, lambda document: document.update(change))
    assert "at most 2000 can be derived" in detail


def test_the_largest_cost_is_an_option(exercise, request_text):
    def status(most_cost):
        client = create_app(most_cost=most_cost).test_client()
        kind = "application/json"
        return client.post("/api/v1/grade", data=request_text, content_type=kind).status_code

    # 16 steps, 37 entries and 885 operations: (16·2000 + 37·100 + 885) / 200.
    assert (status(183), status(182)) == (200, 422)


def test_the_longest_body_is_an_option(request_text):
    client = create_app(settings=Settings(most_bytes=100)).test_client()
    reply = client.post("/api/v1/grade", data=request_text, content_type="application/json")
    assert reply.status_code == 413


@pytest.mark.parametrize("public_grading", [False, True])
def test_anybody_may_grade_where_no_course_is_served(request_text, public_grading):
    client = create_app(settings=Settings(public_grading=public_grading)).test_client()
    reply = client.post("/api/v1/grade", data=request_text, content_type="application/json")
    assert reply.json["outcome"] == "correct"


DIGITS = 8


def _significant(numeral):
    """The first significant digits of a numeral, without point and leading zeros."""
    return re.split("[eE]", numeral)[0].replace(".", "").lstrip("-0")[:DIGITS]


def _numerals(value):
    if isinstance(value, list):
        for entry in value:
            yield from _numerals(entry)
    else:
        yield str(value)


def _is_telling(numeral: str) -> bool:
    """Whether a value's digits tell it: those of 0.99999999 stand in every largest number."""
    return len(set(_significant(numeral))) > 1


@pytest.mark.parametrize("name", [each.name for each in catalogue.load("seeds").exercises])
def test_no_expected_value_is_in_any_response(live, name):
    exercise = generate(catalogue.load("seeds"), name, student="1", secret=b"0")
    solution = solve(exercise)
    given = {_significant(each) for value in exercise.given.values() for each in _texts(value)}
    expected = {
        _significant(each)
        for quantity in solution.values()
        for each in _numerals(quantity.value)
        if len(_significant(each).rstrip("0")) == DIGITS and _is_telling(each)
    } - given
    assert expected
    shapes = {part.name: part.shape for part in exercise.ask}
    attempts = [
        {},
        {each: _filled(shape, 1) for each, shape in shapes.items()},
        {each: _filled(shape, 0) for each, shape in shapes.items()},
        {each: [0.5] for each in shapes},
        {each: [[1], [2, 3]] for each in shapes},
        {"unknown": 1},
        dict.fromkeys(shapes, "text"),
    ]
    paths = ["/healthz", "/openapi.json", "/api/v1/catalogue", "/api/v1/catalogue/seeds", "/nope"]
    replies = [_post(live, exercise, answers) for answers in attempts]
    replies += [live.get(path) for path in paths]
    for reply in replies:
        text = reply.body.decode() + str(reply.headers)
        digits = re.sub(r"(?<=\d)\.(?=\d)", "", text)
        assert not [each for each in expected if each in digits]


def _texts(value):
    if isinstance(value, list):
        for entry in value:
            yield from _texts(entry)
    else:
        yield value.text


def _filled(shape, number):
    for size in reversed(shape):
        number = [number] * size
    return number


def test_a_short_body_cannot_cost_much(live, exercise, right):
    """Iterations, samples and layers are stated in a word, and cost no bytes."""
    change = {"iterations": 200, "ask": [{"name": "loss", "shape": [], "points": 1}]}
    detail = _refusal(live, exercise, lambda document: document.update(change), {"loss": 1})
    assert re.match(r"exercise: its cost is \d{5,}, and in a body of \d+ bytes the most is", detail)


def test_every_exercise_that_ships_may_be_graded_by_anybody():
    for name in catalogue.names():
        definitions = catalogue.load(name)
        for each in definitions.exercises:
            template = compile_template(definitions, each.name)
            specimen = template.exercise(bytes(32), template.draw(Stream(bytes(32))))
            assert cost_of(template) <= SHORT_COST + COST_A_BYTE * len(specimen.to_json())


@pytest.mark.parametrize(
    ("fields", "answers", "pointer"),
    [
        ({}, {"loss": True}, "/answers/loss"),
        ({}, {"answers": {"loss": True}}, "/answers/answers/loss"),
        ({"inputs": "2"}, {"loss": 0.5}, "/exercise/inputs"),
    ],
)
def test_a_fault_has_a_pointer_into_the_body(live, exercise, fields, answers, pointer):
    document = json.loads(exercise.to_json()) | fields
    reply = live.post(json.dumps({"exercise": document, "answers": answers}))
    assert_problem(reply, 422)
    assert [each["pointer"] for each in reply.json["faults"]] == [pointer]


ADVICE = "write one, such as -0.25, or null to leave this part out"
BEYOND = (
    "is beyond the range of binary64, whose largest double is about 1.8e308: "
    "check its exponent, or write a number nearer to 0"
)


@pytest.mark.parametrize(
    ("answers", "status", "detail"),
    [
        ('{"loss": NaN}', 400, "answers.loss: NaN is not a number: write a finite one"),
        (
            '{"loss": 0.5, "dW1": [[0.1, 1e400]]}',
            400,
            f"answers.dW1, item 1, item 2: 1e400 {BEYOND}",
        ),
        (
            '{"loss": "-1e999"}',
            422,
            f'answers.loss: "-1e999" is not a number but text, and -1e999 {BEYOND}',
        ),
        (
            '{"loss": %s}' % ("1" * 5000),
            400,
            f"answers.loss: {'1' * 60}… has more than 64 characters: write fewer digits",
        ),
        (
            '{"loss": NaN, "db1": [Infinity]}',
            400,
            "2 faults: answers.loss: NaN is not a number: write a finite one; "
            "answers.db1, item 1: Infinity is not a number: write a finite one",
        ),
        ('{"loss": true}', 422, f"answers.loss: true is not a number: {ADVICE}"),
        ('{"loss": "x"}', 422, f'answers.loss: "x" is not a number but text: {ADVICE}'),
        (
            '{"dW1": [[0.1, 0.2], [0.3, "0.4"]]}',
            422,
            'answers.dW1, item 2, item 2: "0.4" is not a number but text: '
            "write 0.4, without quotation marks",
        ),
        (
            '{"db1": [0.1, null]}',
            422,
            "answers.db1, item 2: null is not a number: "
            "write all numbers of this part, or null to leave it out",
        ),
        (
            '{"dW1": [[1], [1, 2]]}',
            422,
            "answers.dW1: [[1], [1, 2]] is refused: an array is ragged: its rows differ "
            "in length; write all numbers of this part, or null to leave it out",
        ),
    ],
)
def test_a_refusal_names_the_part_and_the_entry_shows_it_and_says_what_to_write(
    live, exercise, answers, status, detail
):
    reply = live.post(f'{{"exercise": {exercise.to_json()}, "answers": {answers}}}')
    assert_problem(reply, status)
    assert reply.json["detail"] == detail
