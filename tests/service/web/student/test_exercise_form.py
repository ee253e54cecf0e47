import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.service.web.student.work_page_data import MOST_LISTED
from tests.examples import examples
from tests.service.course_api.classroom import DENSE, EXERCISES, NAME, exercise, right
from tests.service.course_api.test_submissions import counted
from tests.service.web.visitor import EXERCISE, Visitor, boxes, one_database

NOW = datetime.now(UTC)


@pytest.fixture
def answers(published, student):
    return right(published.students["s001"].exercise())


def attempts(classroom) -> list[int | None]:
    reply = classroom.students["s001"].asker.get(f"/problem-sets/{NAME}/submissions")
    return [each["attempt"] for each in reply.json]


def visitor_of(classroom, **fields) -> Visitor:
    """Publish a set, enrol a student and sign them in."""
    classroom.publish(**fields)
    classroom.enrol("s001")
    return Visitor.of(classroom.students["s001"].asker)


def test_right_answers_get_full_marks(student, answers):
    sent = student.fill_in(EXERCISE, **boxes(answers))
    assert sent.status == 303
    page = student.get(sent.location)
    assert "✓ correct 10 of 10 points" in page.text
    assert "Attempt 1" in page.text


def test_a_wrong_entry_is_marked_in_words(student, answers):
    wrong = boxes(answers) | {"entry-2-1": "123"}
    page = student.get(student.fill_in(EXERCISE, **wrong).location)
    assert "◐ partly correct" in page.text
    assert "123 ✗ wrong" in page.text


def test_a_part_without_an_entry_is_missing(student, answers):
    page = student.get(student.fill_in(EXERCISE, **boxes(dict(list(answers.items())[:2]))).location)
    assert "dW1 – missing" in page.text


def test_what_was_kept_is_what_the_api_reads_back(published, student, answers):
    sent = student.fill_in(EXERCISE, **boxes(answers) | {"entry-0-0": "0.100"})
    kept = published.students["s001"].asker.get(sent.location)
    assert '"loss": 0.100' in kept.body.decode()
    assert kept.json["answers"] == answers | {"loss": 0.1}


def test_a_form_to_numbers_that_were_never_fetched_draws_none(published, student):
    form = student.get(EXERCISE).fields | {"entry-0-0": "1", "confirmed": "yes"}
    unfetched = EXERCISE.replace(EXERCISES[0], EXERCISES[1])
    refused = student.post(unfetched, form)
    assert refused.status == 409
    assert "fetch the exercise first" in refused.text
    held = published.instructor.get(f"/problem-sets/{NAME}/variants").json
    assert [each["exercise"] for each in held] == [EXERCISES[0]]
    assert (
        student.post(
            unfetched, student.get(unfetched).fields | {"entry-0-0": "1", "confirmed": "yes"}
        ).status
        == 303
    )


def test_a_form_that_is_sent_twice_is_one_attempt(published, server, student, answers):
    before = counted(server)
    form = student.get(EXERCISE).fields | boxes(answers)
    first, second = student.post(EXERCISE, form), student.post(EXERCISE, form)
    assert first.location == second.location
    assert attempts(published) == [1]
    assert counted(server) == before + 1


def test_a_form_that_is_sent_eight_times_at_once_is_one_attempt(published, student, answers):
    form = student.get(EXERCISE).fields | boxes(answers)
    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda _: student.post(EXERCISE, form), range(8)))
    assert {page.location for page in pages} == {pages[0].location}
    assert attempts(published) == [1]


def test_the_last_attempt_sent_twice_leads_to_its_verdict(classroom):
    student = visitor_of(classroom, attempts=1)
    form = student.get(EXERCISE).fields | {"entry-0-0": "1", "confirmed": "yes"}
    first, second = student.post(EXERCISE, form), student.post(EXERCISE, form)
    assert (second.status, second.location) == (303, first.location)


def test_two_forms_are_two_attempts(published, student, answers):
    for _ in range(2):
        student.fill_in(EXERCISE, **boxes(answers))
    assert attempts(published) == [1, 2]


@one_database
@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("1,234", "'1,234' can be 1234 or 1.234: write one of them"),
        ("1/3", "'1/3' is a fraction: write its decimal value, such as 0.25"),
        ("1e400", "beyond the range"),
        ("1" * 65, "more than 64 characters"),
        ('"><script>alert(1)</script>', "is not a number"),
        ("", "empty: fill in all of this part"),
    ],
)
def test_what_is_no_number_is_refused_beside_its_field_and_kept(
    published, student, answers, typed, why
):
    filled = boxes(answers) | {"entry-2-1": typed}
    page = student.fill_in(EXERCISE, **filled)
    assert page.status == 422
    (fault,) = (each for each in page.all("span") if each.attributes.get("id") == "entry-2-1-fault")
    assert why in fault.text
    (box,) = (each for each in page.all("input") if each.attributes.get("aria-invalid"))
    assert box.attributes["aria-describedby"] == "entry-2-1-fault"
    assert "dW1, o₁, x₂" in page.text
    assert page.fields | filled == page.fields
    assert all(each.attributes["src"] for each in page.all("script"))
    assert attempts(published) == []
    corrected = student.post(EXERCISE, page.fields | boxes(answers))
    assert corrected.status == 303


def test_numbers_are_taken_as_people_type_them_and_kept_as_json(published, student, answers):
    typed = {
        name: text.replace(".", ",").replace("-", "−") for name, text in boxes(answers).items()
    }
    sent = student.fill_in(EXERCISE, **typed)
    assert sent.status == 303
    assert "✓ correct 10 of 10" in student.get(sent.location).text
    kept = published.students["s001"].asker.get(sent.location)
    assert kept.json["answers"] == answers


def test_the_first_box_takes_a_whole_part_and_each_number_gets_its_own(student, answers):
    whole = answers["dW1"]
    typed = {"entry-2-0": f"array({whole})", "entry-0-0": "1/3"}
    page = student.fill_in(EXERCISE, **typed)
    assert page.status == 422
    assert page.fields["entry-2-1"] == repr(flatten(whole)[1])
    assert f"Understood as {' × '.join(map(str, shape_of(whole)))}: {whole}" in page.text
    told = student.get(student.post(EXERCISE, page.fields | boxes(answers)).location)
    assert "✓ correct 10 of 10" in told.text


@one_database
@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("[[1, 2, 3]]", "it is 1 × 3: [[1, 2, 3]]; asked is"),
        ("[[1 ... 2]]", "'...' stands for numbers that were not printed: print all of them"),
        ("[[1, n/a]]", "entry 2: 'n/a' is not a number"),
        ("1,234", "'1,234' can be 1234 or 1.234"),
    ],
)
def test_a_whole_part_that_cannot_be_taken_is_told_beside_the_first_box(student, typed, why):
    page = student.fill_in(EXERCISE, **{"entry-2-0": typed})
    assert page.status == 422
    (fault,) = (each for each in page.all("span") if each.attributes.get("id") == "entry-2-0-fault")
    assert why in fault.text
    assert page.fields["entry-2-0"] == typed


def test_answers_can_be_written_as_a_program_prints_them(student, answers):
    text = "\n".join(f"{name} = {value!r}  # mine" for name, value in answers.items())
    page = student.get(student.fill_in(EXERCISE, answers=text).location)
    assert "✓ correct 10 of 10 points" in page.text


def test_answers_can_be_written_as_json(student, answers):
    page = student.get(student.fill_in(EXERCISE, answers=json.dumps(answers)).location)
    assert "✓ correct 10 of 10" in page.text


def test_an_answers_document_is_taken_as_json(published, student, answers):
    made = json.loads(published.students["s001"].exercise())
    document = {"schema": "gradgrade/answers/1", "exercise": made["id"], "answers": answers}
    page = student.get(student.fill_in(EXERCISE, answers=json.dumps(document)).location)
    assert "✓ correct 10 of 10" in page.text


def test_some_parts_can_be_in_boxes_and_others_in_json(student, answers):
    text = json.dumps({"dW1": answers.pop("dW1")})
    page = student.get(student.fill_in(EXERCISE, answers=text, **boxes(answers)).location)
    assert "✓ correct 10 of 10" in page.text


@one_database
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "not JSON"),
        ('{"loss": 1,234}', "loss: '1,234' can be 1234 or 1.234"),
        ('{"loss": NaN}', "loss: 'NaN' is not a number"),
        ('{"loss": 1, "loss": 2}', "stands twice"),
        ("[" * 5000, "nested deeper"),
        ("[1]", "must be an object"),
        ('{"dW1": [[1, 2], [3]]}', "ragged"),
        ('{"loss": "</textarea><script>alert(1)</script>"}', "is not a number"),
        ('{"nothing": 1}', "nothing"),
        ('{"\\u0000": 1}', ""),
        ('{"exercise": "0000000000000000", "answers": {"loss": 1}}', ""),
        ('{"dW1": [1, 2]}', "dW1"),
        ("\n\n  {", "not JSON"),
        ("0.5", "must be an object"),
    ],
)
def test_json_that_cannot_be_taken_is_refused_and_kept(published, student, text, why):
    page = student.fill_in(EXERCISE, answers=text, confirmed="yes")
    assert page.status == 422
    assert "Nothing was handed in" in page.text
    assert why in page.text
    assert page.fields["answers"] == text.replace("\r\n", "\n")
    assert all(each.attributes["src"] for each in page.all("script"))
    assert [each for each in attempts(published) if each is not None] == []
    sent = page.fields | {"answers": '{"loss": 1}', "confirmed": "yes"}
    assert student.post(EXERCISE, sent).status == 303


def nested(depth: int) -> str:
    """Answers as JSON of such a nesting."""
    return '{"loss": ' + "[" * (depth - 1) + "1" + "]" * (depth - 1) + "}"


@given(depth=st.integers(1, 9), is_document=st.booleans(), is_typed=st.booleans())
@settings(
    deadline=None,
    max_examples=examples(25),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@one_database
def test_whatever_is_kept_can_be_read_back(
    published, student, answers, depth, is_document, is_typed
):
    asker = published.students["s001"].asker
    known = {each["submission"] for each in asker.get(f"/problem-sets/{NAME}/submissions").json}
    text = f'{{"answers": {nested(depth)}}}' if is_document else nested(depth)
    if is_typed:
        student.fill_in(EXERCISE, answers=text)
    else:
        published.students["s001"].submit(text.encode())
        published.students["s001"].submit(f'{{"answers": {text}}}'.encode())
    kept = asker.get(f"/problem-sets/{NAME}/submissions").json
    for each in kept:
        if each["submission"] not in known:
            read = asker.get(f"/submissions/{each['submission']}")
            assert (read.status, read.json["answers"]) == (200, json.loads(nested(depth)))
            assert student.get(f"/submissions/{each['submission']}").status == 200


def test_answers_that_are_typed_too_deep_to_be_kept_are_refused_and_regrades_go_on(
    published, student
):
    taken = student.fill_in(EXERCISE, answers=nested(7), confirmed="yes")
    assert taken.status == 422
    assert attempts(published) == [None]
    refused = student.fill_in(EXERCISE, answers=nested(8))
    assert refused.status == 422
    assert "nested deeper than 8 levels" in refused.text
    assert attempts(published) == [None]
    reply = published.instructor.post(f"/problem-sets/{NAME}/regrades", {"dry_run": False})
    assert (reply.status, reply.json["submissions"], reply.json["unreadable"]) == (201, 1, [])


def test_a_part_that_is_answered_in_both_places_is_refused(student, answers):
    page = student.fill_in(EXERCISE, answers='{"loss": 1}', **boxes(answers))
    assert page.status == 422
    assert "'loss' is filled in above too" in page.text


def test_a_form_of_which_most_is_empty_is_asked_about_once(published, student, answers):
    sparse = student.get(EXERCISE).fields | {"entry-0-0": "1"}
    page = student.post(EXERCISE, sparse)
    assert page.status == 422
    assert "1 of 3 parts is filled in" in page.text
    assert attempts(published) == []
    mistyped = student.post(EXERCISE, page.fields | {"entry-0-0": "1/3"})
    assert mistyped.status == 422
    assert student.post(EXERCISE, mistyped.fields | {"entry-0-0": "0.5"}).status == 303
    assert attempts(published) == [1]


def test_a_fault_asks_nothing_and_confirms_nothing(published, student):
    mistyped = student.fill_in(EXERCISE, **{"entry-0-0": "1/3"})
    assert "filled in; what is left empty" not in mistyped.text
    mended = student.post(EXERCISE, mistyped.fields | {"entry-0-0": "0.5"})
    assert "1 of 3 parts is filled in" in mended.text
    assert attempts(published) == []


def test_a_form_of_which_most_is_filled_in_is_taken_at_once(published, student, answers):
    typed = boxes(answers)
    del typed["entry-0-0"]
    assert student.fill_in(EXERCISE, **typed).status == 303
    assert attempts(published) == [1]


def test_an_empty_form_spends_nothing(published, student):
    page = student.fill_in(EXERCISE)
    assert page.status == 422
    assert "nothing is filled in" in page.text
    assert attempts(published) == []


@one_database
@pytest.mark.parametrize("key", ["", "x", "0" * 31, "é" * 32])
def test_a_form_without_its_key_is_refused(published, student, answers, key):
    page = student.fill_in(EXERCISE, key=key, **boxes(answers))
    assert page.status == 400
    assert attempts(published) == []


def test_a_key_that_came_with_other_answers_is_refused_and_replaced(published, student, answers):
    form = student.get(EXERCISE).fields
    student.post(EXERCISE, form | {"entry-0-0": "1", "confirmed": "yes"})
    page = student.post(EXERCISE, form | boxes(answers))
    assert page.status == 422
    assert page.fields["key"] != form["key"]
    assert page.fields | boxes(answers) == page.fields
    assert student.post(EXERCISE, page.fields).status == 303
    assert attempts(published) == [1, 2]


def test_a_large_part_is_answered_as_text_alone(classroom):
    wide = {**DENSE, "units": 21}
    large = exercise("large", layers=[wide], inputs=10, ask=["loss", "dW1"])
    student = visitor_of(classroom, exercises=[large])
    path = f"/sets/{NAME}/large"
    page = student.get(path)
    assert "dW1 as text, 21 × 10" in page.text
    assert "210 numbers: they are in the file" in page.text
    assert [name for name in page.fields if name.startswith("entry")] == ["entry-0-0"]
    answers = right(student.get(f"{path}/exercise.json").source.encode())
    told = student.get(student.fill_in(path, answers=json.dumps(answers)).location)
    assert "✓ correct 10 of 10" in told.text
    assert "210 entries: 210 ✓ right" in told.text


def test_after_the_deadline_nothing_is_taken(classroom, server):
    student = visitor_of(classroom, due=(NOW + timedelta(hours=1)).isoformat())
    form = student.get(EXERCISE).fields | {"entry-0-0": "1", "confirmed": "yes"}
    server.set_clock(NOW + timedelta(hours=2))
    page = student.post(EXERCISE, form)
    assert page.status == 409
    assert "Nothing more is taken: this problem set closed at" in page.text
    closed = NOW + timedelta(hours=1)
    times = [each.attributes["datetime"] for each in page.all("time")]
    assert times.count(closed.isoformat()) == 3  # in the facts, the refusal, and what is said below
    assert closed.isoformat() not in page.text
    assert [each for each in page.all("button") if each.text == "Hand in"] == []
    assert "closed" in student.get(f"/sets/{NAME}").text
    assert attempts(classroom) == []


def test_late_work_is_announced_taken_and_told(classroom, server):
    student = visitor_of(
        classroom,
        due=(NOW + timedelta(hours=1)).isoformat(),
        late_until=(NOW + timedelta(hours=3)).isoformat(),
        late_penalty=0.25,
    )
    assert "for 75 % of the points" in student.get(EXERCISE).text
    answers = right(classroom.students["s001"].exercise())
    server.set_clock(NOW + timedelta(hours=2))
    assert "It is late." in student.get(EXERCISE).text
    page = student.get(student.fill_in(EXERCISE, **boxes(answers)).location)
    assert "7.5 of 10 points" in page.text
    assert "late: 10 points before what that costs" in page.text


def test_when_all_attempts_are_spent_nothing_is_taken(classroom):
    student = visitor_of(classroom, attempts=1)
    form = student.get(EXERCISE).fields
    assert "This is your last attempt." in student.get(EXERCISE).text
    student.fill_in(EXERCISE, **{"entry-0-0": "1", "confirmed": "yes"})
    page = student.post(EXERCISE, form | {"entry-0-0": "2", "confirmed": "yes"})
    assert page.status == 409
    assert "all 1 attempts at this exercise are spent" in page.text
    assert "0 of 1 attempt left" in student.get(EXERCISE).text
    assert attempts(classroom) == [1]


@pytest.mark.parametrize(
    ("feedback", "tells"), [("score", ()), ("parts", ("part",)), ("diagnosis", ("part", "entry"))]
)
def test_no_more_is_told_than_the_set_allows(classroom, feedback, tells):
    student = visitor_of(classroom, feedback=feedback)
    answers = right(classroom.students["s001"].exercise())
    # The learning rate times the gradient.
    answers["dW1"] = [[entry / 10 for entry in row] for row in answers["dW1"]]
    page = student.get(student.fill_in(EXERCISE, **boxes(answers)).location)
    assert "6.67 of 10 points" in page.text
    assert ("dW1 ✗ not correct" in page.text) == ("part" in tells)
    assert ("× factor" in page.text) == ("entry" in tells)
    assert ("What may have happened" in page.text) == ("entry" in tells)
    assert repr(answers["dW1"][0][0]) in page.text


def test_earlier_submissions_are_listed_the_newest_first(student, answers):
    student.fill_in(EXERCISE, **{"entry-0-0": "1", "confirmed": "yes"})
    student.fill_in(EXERCISE, **boxes(answers))
    page = student.get(EXERCISE)
    outcomes = [
        each.text for each in page.all("strong") if "outcome" in each.attributes.get("class", "")
    ]
    assert outcomes == ["✓ correct", "✗ not correct"]
    assert "10 points, 10 reached" in page.text
    assert "10 of 14 points so far" in student.get(f"/sets/{NAME}").text


def test_the_other_exercise_has_a_standing_of_its_own(student, answers):
    student.fill_in(EXERCISE, **boxes(answers))
    assert "There is none." in student.get(f"/sets/{NAME}/{EXERCISES[1]}").text


def test_of_many_submissions_the_latest_are_listed(published, student):
    for number in range(MOST_LISTED + 2):
        sent = published.students["s001"].submit({"loss": number})
        assert sent.status == 201
    page = student.get(EXERCISE)
    numbers = [each.text for each in page.all("a") if "/submissions/" in each.attributes["href"]]
    assert numbers == [str(number) for number in range(MOST_LISTED + 2, 2, -1)]
