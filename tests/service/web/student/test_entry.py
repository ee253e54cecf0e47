"""Answers as text, in a file, looked at first, and what a form begins with after an attempt."""

import io
import json

import numpy
import pytest

from gradgrade.oracle.nested import flatten
from gradgrade.service.web.student.forms import MOST_CELLS
from tests.service.course_api.classroom import DENSE, EXERCISES, NAME, exercise, right
from tests.service.course_api.test_canaries import canaries, digits
from tests.service.web.visitor import EXERCISE, Visitor, boxes, one_database

pytestmark = one_database

CODE = exercise(
    "code",
    batch=16,
    inputs=8,
    convention="row",
    layers=[{**DENSE, "units": 16}, {**DENSE, "units": 5}],
    ask=["a1", "dW2", "dW1"],
)
SPARSE = "1 of 3 parts is filled in"


@pytest.fixture
def answers(published, student):
    return right(published.students["s001"].exercise())


def visitor_of(classroom, **fields) -> Visitor:
    classroom.publish(**fields)
    classroom.enrol("s001")
    return Visitor.of(classroom.students["s001"].asker)


def attempts(classroom) -> list[int | None]:
    reply = classroom.students["s001"].asker.get(f"/problem-sets/{NAME}/submissions")
    return [each["attempt"] for each in reply.json]


def lines(array) -> str:
    """An array as somebody pastes it: rows by line, columns by tab."""
    return "\n".join("\t".join(map(repr, row)) for row in array)


def says(page, number: int) -> str:
    (told,) = (each for each in page.all("p") if each.attributes.get("id") == f"says-{number}")
    return told.text.strip()


# As text


def test_a_part_can_be_pasted_as_rows_and_others_typed(student, answers):
    typed = boxes(answers)
    pasted = {"text-2": lines(answers["dW1"])}
    cells = {name: text for name, text in typed.items() if not name.startswith("entry-2")}
    sent = student.fill_in(EXERCISE, **cells, **pasted)
    assert "✓ correct 10 of 10 points" in student.get(sent.location).text


def test_a_part_in_cells_and_as_text_is_refused_beside_the_text_and_both_are_kept(
    published, student, answers
):
    typed = boxes(answers) | {"text-2": lines(answers["dW1"])}
    page = student.fill_in(EXERCISE, **typed)
    assert page.status == 422
    assert "filled in entry by entry too: answer it in one place" in page.text
    assert page.fields | typed == page.fields
    assert attempts(published) == []


def test_a_text_of_another_shape_is_refused_with_what_it_was_understood_as(published, student):
    page = student.fill_in(EXERCISE, **{"text-2": "1 2 3\n4 5 6"})
    assert "it is 2 × 3: [[1, 2, 3], [4, 5, 6]]; asked is 2 × 2" in page.text
    assert page.fields["text-2"] == "1 2 3\n4 5 6"
    assert attempts(published) == []


def test_of_more_entries_than_anybody_types_there_is_one_box_alone(classroom):
    student = visitor_of(classroom, exercises=[CODE])
    path = f"/sets/{NAME}/code"
    page = student.get(path)
    asked = json.loads(student.get(f"{path}/exercise.json").source)["ask"]
    assert all(each["shape"][0] * each["shape"][1] > MOST_CELLS for each in asked)
    assert not [name for name in page.fields if name.startswith("entry")]
    answers = right(student.get(f"{path}/exercise.json").source.encode())
    assert sum(len(flatten(each)) for each in answers.values()) > 460
    pasted = {f"text-{number}": lines(each) for number, each in enumerate(answers.values())}
    told = student.get(student.fill_in(path, **pasted).location)
    assert "✓ correct 10 of 10 points" in told.text


# A file


@pytest.mark.parametrize("kind", ["document", "bare", "printed"])
def test_a_file_of_answers_is_handed_in(published, student, answers, kind):
    made = json.loads(published.students["s001"].exercise())
    document = {"schema": "gradgrade/answers/1", "exercise": made["id"], "answers": answers}
    file = {
        "document": json.dumps(document),
        "bare": "\ufeff" + json.dumps(answers),
        "printed": "\r\n".join(f"{name} = array({value})" for name, value in answers.items()),
    }[kind]
    sent = student.upload(EXERCISE, student.get(EXERCISE).fields, file.encode())
    assert "✓ correct 10 of 10 points" in student.get(sent.location).text


def npz(save=numpy.savez, **named):
    file = io.BytesIO()
    save(file, **named)
    return file.getvalue()


def test_a_file_of_numpys_arrays_is_handed_in(published, student, answers):
    sent = student.upload(EXERCISE, student.get(EXERCISE).fields, npz(**answers))
    assert "✓ correct 10 of 10 points" in student.get(sent.location).text


def test_what_numpys_file_says_stands_in_the_page_that_comes_back(published, student, answers):
    fields = student.get(EXERCISE).fields | {"look": "yes"}
    page = student.upload(EXERCISE, fields, npz(**answers))
    assert json.loads(page.fields["answers"]) == {"answers": answers}
    assert "3 of 3 parts can be read" in page.text
    unknown = student.upload(EXERCISE, student.get(EXERCISE).fields, npz(dW9=[0.5]))
    assert (unknown.status, "dW9" in unknown.text) == (422, True)
    assert attempts(published) == []


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"\x80\x81", "the text is not UTF-8"),
        (b"\x93NUMPY\x01\x00v\x00", "an array without its name"),
        (npz(loss=1j), '"loss" holds complex128'),
        (npz(numpy.savez_compressed, dW1=numpy.zeros(10**6)), "unpacks to more than is asked for"),
    ],
    ids=["no text", "no name", "complex", "too much"],
)
def test_a_file_that_cannot_be_read_is_refused_beside_its_field(published, student, file, said):
    page = student.upload(EXERCISE, student.get(EXERCISE).fields, file)
    assert page.status == 422
    (fault,) = (each for each in page.all("p") if each.attributes.get("id") == "file-fault")
    assert said in fault.text
    assert attempts(published) == []


def test_what_a_file_says_stands_in_the_page_that_comes_back(published, student):
    page = student.upload(EXERCISE, student.get(EXERCISE).fields, b"loss = 1/3")
    assert page.status == 422
    assert page.fields["answers"] == "loss = 1/3"
    assert "loss: '1/3' is a fraction" in page.text
    assert attempts(published) == []


def test_a_file_beside_text_is_refused(published, student):
    fields = student.get(EXERCISE).fields | {"answers": "loss = 1"}
    page = student.upload(EXERCISE, fields, b"loss = 2")
    assert "answers are written here too" in page.text
    assert attempts(published) == []


def test_a_file_longer_than_a_body_may_be_is_refused(published, student):
    page = student.upload(EXERCISE, student.get(EXERCISE).fields, b" " * 2**20)
    assert page.status == 413
    assert attempts(published) == []


# Looking first


def test_a_look_spends_nothing_and_tells_how_each_part_was_understood(published, student, answers):
    typed = boxes(answers) | {"entry-0-0": "0,50"}
    page = student.fill_in(EXERCISE, look="yes", **typed)
    assert page.status == 200
    assert (
        "Nothing was handed in yet, and no attempt is spent. 3 of 3 parts can be read" in page.text
    )
    assert says(page, 0) == "Understood as 0.50"
    assert says(page, 2) == f"Understood as 2 × 2: {answers['dW1']}"
    assert page.fields | typed == page.fields
    assert "look" not in page.fields
    assert attempts(published) == []
    assert student.post(EXERCISE, page.fields).status == 303


def test_a_look_tells_the_faults_too(published, student, answers):
    typed = {"entry-0-0": "1/3", "text-2": lines(answers["dW1"])}
    page = student.fill_in(EXERCISE, look="yes", **typed)
    assert page.status == 200
    assert "'1/3' is a fraction" in page.text
    assert says(page, 0) == ""
    assert says(page, 2).startswith("Understood as 2 × 2: [[")
    assert attempts(published) == []


def test_a_look_finds_a_shape_that_only_grading_would(published, student):
    page = student.fill_in(EXERCISE, look="yes", answers='{"dW1": [1, 2]}')
    assert "dW1: it is 2: [1, 2]; asked is 2 × 2" in page.text
    assert attempts(published) == []


def test_a_look_into_a_file_tells_what_stands_in_it(published, student, answers):
    fields = student.get(EXERCISE).fields | {"look": "yes"}
    page = student.upload(EXERCISE, fields, json.dumps(answers).encode())
    assert says(page, 0) == f"Understood as {answers['loss']}"
    assert json.loads(page.fields["answers"]) == answers
    assert attempts(published) == []
    assert "✓ correct" in student.get(student.post(EXERCISE, page.fields).location).text


def test_a_look_confirms_nothing(published, student):
    page = student.fill_in(EXERCISE, look="yes", **{"entry-0-0": "1"})
    assert SPARSE not in page.text
    assert SPARSE in student.post(EXERCISE, page.fields).text
    assert attempts(published) == []


# Mostly empty


@pytest.mark.parametrize("way", ["cells", "text", "all", "file"])
def test_whoever_leaves_most_empty_is_asked_once_however_they_answer(published, student, way):
    fields = student.get(EXERCISE).fields
    if way == "file":
        page = student.upload(EXERCISE, fields, b"loss = 1")
    else:
        typed = {
            "cells": {"entry-0-0": "1"},
            "text": {"text-2": "1 2\n3 4"},
            "all": {"answers": "loss = 1"},
        }
        page = student.post(EXERCISE, fields | typed[way])
    assert page.status == 422
    assert SPARSE in page.text
    assert attempts(published) == []
    assert student.post(EXERCISE, page.fields).status == 303
    assert attempts(published) == [1]


# After an attempt


def after(student, path, **typed: str) -> dict[str, str]:
    """What a form begins with after answers were handed in."""
    assert student.fill_in(path, confirmed="yes", **typed).status == 303
    return student.get(path).fields


def test_after_a_verdict_what_was_right_is_filled_in_entry_by_entry(student, answers):
    typed = boxes(answers) | {"entry-2-1": "123"}
    begun = after(student, EXERCISE, **typed)
    assert begun["entry-2-1"] == ""
    assert begun | {name: text for name, text in typed.items() if name != "entry-2-1"} == begun


def test_where_only_parts_are_told_of_a_wrong_part_is_empty(classroom):
    student = visitor_of(classroom, feedback="parts")
    answers = right(classroom.students["s001"].exercise())
    typed = boxes(answers) | {"entry-2-1": "123"}
    begun = after(student, EXERCISE, **typed)
    assert {name for name, text in begun.items() if name.startswith("entry") and not text} == {
        f"entry-2-{index}" for index in range(4)
    }


def test_where_nothing_is_told_of_parts_all_that_was_typed_is_filled_in(classroom):
    student = visitor_of(classroom, feedback="score")
    answers = right(classroom.students["s001"].exercise())
    typed = boxes(answers) | {"entry-2-1": "123"}
    begun = after(student, EXERCISE, **typed)
    assert begun | typed == begun


def test_a_large_part_that_was_right_is_filled_in_as_text(classroom):
    student = visitor_of(classroom, exercises=[CODE])
    path = f"/sets/{NAME}/code"
    answers = right(student.get(f"{path}/exercise.json").source.encode())
    answers["dW2"][0][0] += 1
    pasted = {f"text-{number}": lines(each) for number, each in enumerate(answers.values())}
    begun = after(student, path, **pasted)
    assert json.loads(begun["text-0"]) == answers["a1"]
    assert begun["text-1"] == ""


def test_a_form_begins_with_nothing_that_was_not_typed(classroom):
    student = visitor_of(classroom, attempts=5)
    document = classroom.students["s001"].exercise()
    typed = dict.fromkeys(boxes(right(document)), "0.5")
    seen = student.get(EXERCISE).source
    for page in (
        student.fill_in(EXERCISE, look="yes", **typed),
        student.fill_in(EXERCISE, **typed),
        student.get(EXERCISE),
        student.fill_in(EXERCISE, look="yes", answers='{"loss": 1}'),
    ):
        seen += page.source
    made = canaries(document)
    assert made
    assert not [each for each in made if each in digits(seen)]
    assert "entry-0-0" in seen


# What is shown


def test_formulas_of_parts_are_shown_where_the_set_says_so(classroom):
    asked = exercise("one-layer", hints="formulas")
    student = visitor_of(classroom, exercises=[asked, exercise("other")])
    formulas = 'class="formula wide"'
    assert student.get(EXERCISE).source.count(formulas) == 3
    assert formulas not in student.get(f"/sets/{NAME}/other").source


def test_formulas_with_stops_are_explained_where_they_are_shown(classroom):
    fields = {"until": {"loss_below": 0.05, "at_most": 3}, "ask": ["steps", "W1_new"]}
    asked = [exercise("one-layer", hints="formulas", **fields), exercise("other", **fields)]
    student = visitor_of(classroom, exercises=asked)
    said = "stops is 1 in the iteration where training stops and 0 in all others"
    assert said in student.get(EXERCISE).source
    assert said not in student.get(f"/sets/{NAME}/other").source


def test_cells_are_called_as_the_drawing_calls_the_units(classroom):
    student = visitor_of(
        classroom,
        exercises=[exercise("one-layer", layers=[DENSE, DENSE], batch=2, ask=["dW1", "a1"])],
    )
    page = student.get(EXERCISE)
    labels = [
        each.attributes["aria-label"]
        for each in page.all("input")
        if "aria-label" in each.attributes
    ]
    assert labels[:4] == ["dW1, h₁, x₁", "dW1, h₁, x₂", "dW1, h₂, x₁", "dW1, h₂, x₂"]
    assert labels[4:6] == ["a1, h₁, sample 1", "a1, h₁, sample 2"]
    assert {"h₁", "x₂", "sample 2"} <= {each.text for each in page.all("th")}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "no number needs more than 17 significant digits."),
        ({"precision": "binary32"}, "no number needs more than 9 significant digits."),
        ({"arithmetic": "decimal", "rounding": 4}, "Type at least 4 decimals."),
        ({"tolerance": {"decimals": 1}}, "Type at least 1 decimal."),
        ({"tolerance": {"significant": 5}}, "Type at least 5 significant digits."),
        ({"tolerance": 1e-6}, "Type at least 8 significant digits."),
        ({"tolerance": {"absolute": 0.001}}, "Type at least 4 decimals."),
    ],
)
def test_precision_is_said_in_digits_and_never_as_a_tolerance(classroom, fields, said):
    student = visitor_of(classroom, exercises=[exercise(EXERCISES[0], **fields)])
    page = student.get(EXERCISE)
    assert page.text.count(said) == 1
    assert "as near as" not in page.text
    assert "within" not in page.text
