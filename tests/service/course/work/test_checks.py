"""Variants and verdicts for CI: of no student, stored nowhere, and telling nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from gradgrade.problems import Exercise, ProblemSet, catalogue, solve
from gradgrade.problems.grade import GRADER
from gradgrade.problems.marking.answer_key import make_answer_key
from gradgrade.problems.templates.template import compile_template
from gradgrade.service.course.work import checks
from gradgrade.service.store.schema import metadata
from tests.service.course_api.classroom import NAME, exercise, new_classroom, right
from tests.service.course_api.live import live_server

PATH = f"/problem-sets/{NAME}/exercises/one-layer"
VARIANTS, CHECKS = f"{PATH}/variants", f"{PATH}/checks"


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    directory = tmp_path_factory.mktemp("server")
    database = f"sqlite:///{directory}/course.db"
    with live_server("SQLite", database, directory) as server:
        yield server


@pytest.fixture(scope="module")
def classroom(live):
    made = new_classroom(live)
    made.publish()
    made.enrol("1", "2")
    return made


@pytest.fixture(scope="module")
def ci(classroom):
    return classroom.ci()


def exercises(ci, *, path=VARIANTS, **query) -> list[Exercise]:
    parameters = "&".join(f"{name}={value}" for name, value in query.items())
    reply = ci.get(f"{path}?{parameters}")
    assert reply.status == 200, reply.body
    return [Exercise.from_data(each) for each in reply.json["exercises"]]


def right_answers(found: list[Exercise]) -> list[dict]:
    return [
        {"variant": number, "answers": right(each.to_json().encode())}
        for number, each in enumerate(found, 1)
    ]


def verdicts(ci, answers, seed="", path=CHECKS):
    reply = ci.post(path, {"seed": seed, "answers": answers})
    assert reply.status == 200, reply.body
    return reply.json["verdicts"]


# Variants


def test_a_seed_has_its_own_variants_always_the_same(ci):
    found = exercises(ci, count=3, seed="a")
    assert len({each.id for each in found}) == 3
    assert exercises(ci, count=3, seed="a") == found
    assert exercises(ci, count=2, seed="a") == found[:2]
    assert not {each.id for each in exercises(ci, count=3, seed="b")} & {e.id for e in found}


def test_ten_variants_of_the_empty_seed_are_given_where_nothing_is_said(ci):
    assert exercises(ci) == exercises(ci, count=10, seed="")


def test_no_students_variant_is_among_them(ci, classroom):
    """Students 1 and 2 are called as variants are."""
    ids = {Exercise.from_json(each.exercise()).id for each in classroom.students.values()}
    assert len(ids) == 2
    assert not ids & {each.id for each in exercises(ci, count=20)}


@given(
    course=st.from_regex(r"[a-z0-9-]{1,100}", fullmatch=True),
    other=st.from_regex(r"[a-z0-9-]{1,100}", fullmatch=True),
    seed=st.text(max_size=100),
)
def test_whatever_the_seed_no_course_has_such_keys(course, other, seed):
    made = catalogue.load("seeds")
    template = compile_template(made, made.exercises[0].name)
    (key,) = checks.keys_of_series(template, secret=b"a secret", course=course, seed=seed, count=1)
    assert key != template.key(student="1", secret=b"a secret", course=other)


def test_another_course_has_other_variants(live, ci):
    other = new_classroom(live)
    other.publish()
    assert not {each.id for each in exercises(other.ci())} & {each.id for each in exercises(ci)}


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("count=0", "count"),
        ("count=201", "count"),
        ("count=ten", "count"),
        ("count=1&count=2", "count"),
        (f"seed={'s' * 101}", "seed"),
        ("seed=%1b[2J", "seed"),
        ("seed=a%0Ab", "seed"),
        ("student=1", "student"),
    ],
)
def test_bad_parameters_are_refused_by_name(ci, query, says):
    reply = ci.get(f"{VARIANTS}?{query}")
    assert reply.status == 422
    assert says in reply.detail


def test_more_work_than_a_request_may_be_is_refused_before_it_is_done(live):
    other = new_classroom(live)
    layers = [{"type": "dense", "units": 20, "activation": "tanh"}] * 2
    large = exercise("large", inputs=20, layers=layers, batch=2, ask=["loss"])
    huge = exercise("huge", inputs=200, layers=[{"type": "dense", "units": 200}], ask=["loss"])
    other.publish(exercises=[large, huge])
    ci, path = other.ci(), f"/problem-sets/{NAME}/exercises"
    reply = ci.get(f"{path}/large/variants?count=200")
    assert reply.status == 422
    most = int(re.search(r"the most are (\d+)", reply.detail)[1])
    assert 0 < most < 200
    assert ci.get(f"{path}/large/variants?count={most + 1}").status == 422
    for answers in (
        [{"variant": most + 1, "answers": {}}],
        [{"variant": 1, "answers": {}}] * (most + 1),
    ):
        reply = ci.post(f"{path}/large/checks", {"answers": answers})
        assert (reply.status, reply.detail.split(":")[0]) == (422, "answers")
    assert "too large" in ci.get(f"{path}/huge/variants?count=1").detail


def test_an_exercise_whose_numbers_are_everybodys_has_no_variants_for_ci(live):
    """They would be the students' own, and every wrong answer could be tried without end."""
    other = new_classroom(live)
    fixed = {
        "x": [[0.1], [0.2]],
        "y": [[0.3], [0.4]],
        "W1": [[0.1, 0.2], [0.3, 0.4]],
        "b1": [0.5, 0.6],
    }
    partly = {name: value for name, value in fixed.items() if name != "b1"}
    other.publish(exercises=[exercise("fixed", given=fixed), exercise("drawn", given=partly)])
    ci, path = other.ci(), f"/problem-sets/{NAME}/exercises"
    body = {"answers": [{"variant": 1, "answers": {}}]}
    for reply in (ci.get(f"{path}/fixed/variants"), ci.post(f"{path}/fixed/checks", body)):
        assert reply.status == 422, reply.body
        assert "'fixed' has the same numbers for everybody" in reply.detail
    assert ci.get(f"{path}/drawn/variants?count=1").status == 200
    assert ci.post(f"{path}/drawn/checks", body).status == 200


# Verdicts


def test_right_answers_have_full_marks_in_their_order(ci):
    found = exercises(ci, count=4, seed="a")
    told = verdicts(ci, right_answers(found)[::-1], seed="a")
    assert [each["outcome"] for each in told] == ["correct"] * 4
    assert [each["exercise"] for each in told] == [each.id for each in found][::-1]


def test_right_answers_to_another_seed_are_wrong(ci):
    answers = right_answers(exercises(ci, count=1, seed="a"))
    assert verdicts(ci, answers, seed="b")[0]["outcome"] != "correct"


def test_an_answers_document_is_taken_too_and_must_be_of_its_variant(ci):
    first, second = exercises(ci, count=2)
    document = {"exercise": first.id, "answers": right(first.to_json().encode())}
    assert verdicts(ci, [{"variant": 1, "answers": document}])[0]["outcome"] == "correct"
    reply = ci.post(CHECKS, {"answers": [{"variant": 2, "answers": document}]})
    assert reply.status == 422
    assert second.id in reply.detail


def test_a_wrong_shape_costs_its_part_alone_and_the_others_are_graded(ci):
    answers = right_answers(exercises(ci, count=2))
    answers[0]["answers"]["loss"] = [0.5]
    told = verdicts(ci, answers)
    parts = {part["name"]: part for part in told[0]["parts"]}
    assert [each["outcome"] for each in told] == ["partial", "correct"]
    assert parts.pop("loss")["outcome"] == "invalid"
    assert {each["outcome"] for each in parts.values()} == {"correct"}
    assert told[0]["score"] == pytest.approx(sum(each["score"] for each in parts.values()))


@pytest.mark.parametrize(
    "refused",
    [
        {"W1": 1},
        {"dW1": [[1, 2], [3]]},
        {"dW1": []},
        {"loss": "0.5"},
        {"loss": True},
        {"exercise": "0" * 16, "answers": {}},
        {"answers": 1},
        {"answers": None, "loss": None},  # two faults
    ],
)
def test_answers_that_are_refused_whole_are_named(ci, refused):
    answers = [{"variant": 1, "answers": {}}, {"variant": 2, "answers": refused}]
    reply = ci.post(CHECKS, {"answers": answers})
    assert reply.status == 422
    assert reply.detail.startswith("answers[1]: ")
    assert "\n" not in reply.detail


@pytest.mark.parametrize(
    "body",
    [
        {"answers": []},
        {"answers": [{"variant": 0, "answers": {}}]},
        {"answers": [{"variant": 201, "answers": {}}]},
        {"answers": [{"variant": 1.5, "answers": {}}]},
        {"answers": [{"variant": True, "answers": {}}]},
        {"answers": [{"variant": 1}]},
        {"answers": [{"variant": 1, "answers": {}}] * 201},
        {"answers": [{"variant": 1, "answers": {}}], "seed": "a\nb"},
        {"answers": [{"variant": 1, "answers": {}}], "seed": 1},
        {"answers": [{"variant": 1, "answers": {}}], "count": 1},
        [],
    ],
)
def test_what_is_no_request_for_checks_is_refused(ci, body):
    assert ci.post(CHECKS, body).status == 422


@pytest.mark.parametrize("feedback", ["score", "parts", "diagnosis"])
def test_no_more_is_told_than_the_sets_feedback_allows(live, feedback):
    other = new_classroom(live)
    other.publish(feedback=feedback)
    ci = other.ci()
    answers = right_answers(exercises(ci, count=1))
    answers[0]["answers"]["loss"] += 0.1
    (told,) = verdicts(ci, answers)
    assert told["outcome"] == "partial"
    assert bool(told["parts"]) == (feedback != "score")
    assert (told["first_error"] == "loss") == (feedback == "diagnosis")
    assert any(part["entries"] for part in told["parts"]) == (feedback == "diagnosis")


def test_after_the_deadline_checks_go_on_and_tell_what_is_told_then(live):
    other = new_classroom(live)
    other.publish(feedback="score", after_due="parts", due="2020-01-01T00:00:00Z")
    ci = other.ci()
    (told,) = verdicts(ci, right_answers(exercises(ci, count=1)))
    assert [part["outcome"] for part in told["parts"]] == ["correct"] * 3


# What it leaves, and to whom


def test_nothing_is_stored(live, ci):
    def rows():
        with live.store.reading() as connection:
            tables = metadata.sorted_tables
            return [
                connection.execute(select(func.count()).select_from(each)).scalar()
                for each in tables
            ]

    # What an exercise's gates go by is kept once for all its variants, whoever needs it first.
    exercises(ci, count=1)
    before = rows()
    verdicts(ci, right_answers(exercises(ci, count=2, seed="stored")), seed="stored")
    assert rows() == before


def test_no_reply_holds_an_expected_value(live, ci):
    found = exercises(ci, count=5, seed="canary")
    wrong = [
        {"variant": number, "answers": {"loss": 0.5, "dW1": [[1.5, 2.5], [3.5, 4.5]]}}
        for number in range(1, 6)
    ]
    replies = [
        ci.get(f"{VARIANTS}?count=5&seed=canary"),
        ci.post(CHECKS, {"seed": "canary", "answers": wrong}),
        ci.post(CHECKS, {"seed": "canary", "answers": [{"variant": 1, "answers": {"x": 1}}]}),
    ]
    text = "".join(reply.body.decode() + str(reply.headers) for reply in replies)
    text += live.log.read_text()
    for each in found:
        solution = solve(each)
        key = make_answer_key(solution, grader=GRADER)
        for name in solution:
            for value in re.findall(r"\d\.\d{10}", str(solution[name].value)):
                assert value not in text, name
        for ends in key.accepted.values():
            assert not any(repr(float(end)) in text for array in ends for end in array.flat)


def test_only_a_token_of_the_set_may_ask(classroom, live, ci):
    other = new_classroom(live)
    other.publish()
    classroom.publish(name="week-2")
    askers = [
        classroom.instructor,
        classroom.assistant,
        classroom.students["1"].asker,
        classroom.ci(of="week-2"),
        other.ci(),
    ]
    body = {"answers": [{"variant": 1, "answers": {}}]}
    # The other course has a set of this name, which is another.
    assert other.ci().get(VARIANTS).status == 200
    for asker in askers[:-1]:
        assert asker.get(VARIANTS).status == 404
        assert asker.post(CHECKS, body).status == 404
    assert live.asker(None).get(VARIANTS).status == 401


def test_a_set_of_somebody_elses_looks_as_one_that_is_absent(classroom, ci):
    classroom.publish(name="week-3")
    for kind in ("variants", "checks"):
        replies = [
            ci.ask(
                "GET" if kind == "variants" else "POST",
                f"/problem-sets/{name}/exercises/one-layer/{kind}",
                None if kind == "variants" else {"answers": [{"variant": 1, "answers": {}}]},
            )
            for name in ("week-3", "week-9")
        ]
        assert [each.status for each in replies] == [404, 404]
        bodies = [
            each.body.replace(name, b"")
            for each, name in zip(replies, (b"week-3", b"week-9"), strict=True)
        ]
        assert bodies[0] == bodies[1]
    assert ci.get(f"/problem-sets/{NAME}/exercises/absent/variants").status == 404


def test_a_revoked_token_is_nobodys(classroom):
    ci = classroom.ci()
    assert ci.get(f"{VARIANTS}?count=1").status == 200
    tokens = classroom.instructor.get("/tokens?limit=1000").json
    newest = max(each["id"] for each in tokens)
    assert classroom.instructor.delete(f"/tokens/{newest}").status == 204
    assert ci.get(f"{VARIANTS}?count=1").status == 401


def test_a_replaced_set_has_other_variants_and_forgets_none_of_its_own(live):
    other = new_classroom(live)
    other.publish()
    ci = other.ci()
    before = exercises(ci, count=1)
    replaced = ProblemSet.from_json(other.instructor.get(f"/problem-sets/{NAME}").body).to_data()
    replaced["exercises"][0]["inputs"] = 3
    assert other.instructor.put(f"/problem-sets/{NAME}", _plain(replaced)).status == 200
    after = exercises(ci, count=1)
    assert after[0].id != before[0].id
    assert verdicts(ci, right_answers(after))[0]["outcome"] == "correct"


def _plain(data) -> bytes:
    return ProblemSet.from_data(data).to_json().encode()
