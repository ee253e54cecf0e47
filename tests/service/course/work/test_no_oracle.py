"""No public or CI route turns answers into anything about a variant that a student holds."""

import json
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient

from gradgrade.problems import Exercise, ProblemSet
from gradgrade.problems.generate import fingerprint
from gradgrade.service.app import create_app, routes_of
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.people.courses import open_course
from gradgrade.service.course.people.roster import Student, enrol, extend
from gradgrade.service.course.people.tokens import create_token
from gradgrade.service.course.sets.policy import Extension
from gradgrade.service.course.sets.problem_sets import publish
from gradgrade.service.course.work.variants import fetch
from gradgrade.service.settings import Settings
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.migrate import migrate
from tests.service.course_api.classroom import exercise, problem_set
from tests.service.course_api.test_deadlines import DUE
from tests.solved import right_answers

FEW = problem_set(
    exercises=[
        exercise(
            "few",
            layers=[{"type": "dense", "units": 2, "activation": "tanh"}],
            given={"W1": [[0.3, -0.2], [0.5, 0.4]], "b1": [0.1, 0.2], "y": [[0.5], [0.9]]},
            draw={"inputs": {"low": 0.5, "high": 2, "step": 0.25}},
            batch=1,
        ),
        exercise(
            "given",
            given={
                "W1": [[0.3, -0.2], [0.5, 0.4]],
                "b1": [0.1, 0.2],
                "x": [[0.5], [1]],
                "y": [[0.5], [1]],
            },
        ),
    ],
    due=DUE.isoformat(),
)
HELD = 9
SEEDS = 6


@dataclass(frozen=True)
class Scene:
    backend: Backend
    actor: Actor
    client: FlaskClient
    ci: str
    held: list[Exercise]

    def grade(self, exercise: dict, answers: dict):
        return self.client.post("/api/v1/grade", json={"exercise": exercise, "answers": answers})

    def check(self, path: str, **request):
        headers = {"Authorization": f"Bearer {self.ci}"}
        place = f"/api/v1/problem-sets/week-1/exercises/few/{path}"
        if request:
            return self.client.post(place, json=request, headers=headers)
        return self.client.get(place, headers=headers)


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """A course whose students hold a fifth of the 49 variants that there are."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('course')}/course.db")
    migrate(store)
    now = DUE.replace(year=DUE.year - 1)
    backend = Backend(store=store, secret=b"a secret of the tests", clock=lambda: now)
    with store.writing() as connection:
        actor = open_course(connection, "course", now=now)
    publish(backend, actor, ProblemSet.from_data(FEW))
    ids = [str(number) for number in range(HELD)]
    enrol(backend, actor, "week-1", [Student(id=each) for each in ids])
    documents = [fetch(backend, actor, "week-1", "few", each) for each in ids]
    documents.append(fetch(backend, actor, "week-1", "given", "0"))
    with store.writing() as connection:
        _, ci = create_token(connection, actor, role="ci", problem_set="week-1", now=now)
    client = create_app(backend=backend, settings=OPEN).test_client()
    yield Scene(backend, actor, client, ci, [Exercise.from_json(each) for each in documents])
    store.close()


OPEN = Settings(public_grading=True)


def changed(exercise: Exercise):
    """The exercise as it is, under other names, and turned round: rows for columns."""
    document = json.loads(exercise.to_json())
    yield document
    yield document | {"id": "0" * 16, "name": "mine", "problem_set": "mine", "title": "Mine"}
    loose = [part | {"tolerance": {"relative": 0.5, "absolute": 0}} for part in document["ask"]]
    yield document | {"ask": loose}
    turned = {
        name: [list(row) for row in zip(*value, strict=True)] if name != "b1" else value
        for name, value in document["given"].items()
    }
    asked = [part | {"shape": part["shape"][::-1]} for part in document["ask"]]
    yield document | {"convention": "row", "given": turned, "ask": asked}


def judges_no_held_variant_for_anybody(scene):
    for held in scene.held:
        right = right_answers(held)
        wrong = {"loss": right["loss"] + 1}
        for document in changed(held):
            replies = [scene.grade(document, answers) for answers in (right, wrong)]
            assert [each.status_code for each in replies] == [409, 409]
            assert replies[0].data == replies[1].data


def judges_no_held_variant_for_ci(scene):
    numbers = {fingerprint(each) for each in scene.held}
    for seed in map(str, range(SEEDS)):
        drawn = scene.check(f"variants?count=4&seed={seed}").json["exercises"]
        assert not {fingerprint(Exercise.from_data(each)) for each in drawn} & numbers
        answers = [{"variant": at, "answers": right_answers(scene.held[at])} for at in range(1, 5)]
        verdicts = scene.check("checks", seed=seed, answers=answers).json["verdicts"]
        assert "correct" not in {each["outcome"] for each in verdicts}


ASKED = {
    "grade_answers": judges_no_held_variant_for_anybody,
    "check_answers": judges_no_held_variant_for_ci,
}
"""Of every public or CI route that takes a body, whether it tells of a held variant."""

TELLING_NOTHING = {"seed", "count", "cursor", "limit"}
"""Parameters of queries in which nobody's answer can stand."""


@pytest.mark.parametrize("public_grading", [False, True])
def test_no_public_or_ci_route_tells_whether_answers_to_a_held_variant_are_right(
    scene, public_grading
):
    settings = Settings(public_grading=public_grading)
    for route in routes_of(backend=scene.backend, settings=settings):
        if route.roles is not None and "ci" not in route.roles:
            continue
        if route.method == "GET":
            assert route.body is None, route.path
            assert set(getattr(route.query, "model_fields", ())) <= TELLING_NOTHING, route.path
        else:
            ASKED[route.name](scene)


def test_a_ci_draw_that_a_student_comes_to_hold_is_drawn_again(scene):
    before = scene.check("variants?count=12&seed=x").json["exercises"]
    ids = [f"late-{number}" for number in range(HELD)]
    enrol(scene.backend, scene.actor, "week-1", [Student(id=each) for each in ids])
    for each in ids:
        fetch(scene.backend, scene.actor, "week-1", "few", each)
    after = scene.check("variants?count=12&seed=x").json["exercises"]
    assert [each["id"] for each in after] == [each["id"] for each in before]
    assert after != before
    right = [right_answers(Exercise.from_data(each)) for each in after]
    answers = [{"variant": at, "answers": each} for at, each in enumerate(right, 1)]
    verdicts = scene.check("checks", seed="x", answers=answers).json["verdicts"]
    assert {each["outcome"] for each in verdicts} == {"correct"}


def test_what_nobody_holds_is_graded_for_anybody(scene):
    document = json.loads(scene.held[0].to_json())
    document["given"]["b1"] = [0.1, 0.25]
    right = right_answers(Exercise.from_data(document))
    assert scene.grade(document, right).json["outcome"] == "correct"


def test_a_held_variant_is_graded_for_anybody_once_its_set_is_closed_for_all_its_holders(scene):
    held = scene.held[0]
    later = DUE.replace(year=DUE.year + 1)
    extend(scene.backend, scene.actor, "week-1", "0", Extension(due=later))

    def status(now):
        backend = Backend(store=scene.backend.store, secret=b"x" * 16, clock=lambda: now)
        client = create_app(backend=backend, settings=OPEN).test_client()
        request = {"exercise": json.loads(held.to_json()), "answers": right_answers(held)}
        return client.post("/api/v1/grade", json=request).status_code

    assert status(DUE.replace(month=12)) == 409
    assert status(later) == 409
    assert status(later.replace(month=12)) == 200


def test_beside_a_course_nobody_grades_without_a_token_unless_the_settings_say_so(scene):
    client = create_app(backend=scene.backend, settings=Settings()).test_client()
    assert client.post("/api/v1/grade", json={}).status_code == 404
    assert "/api/v1/grade" not in client.get("/openapi.json").json["paths"]
    assert scene.grade({}, {}).status_code == 422


@pytest.mark.parametrize("public_grading", [False, True])
def test_who_publishes_is_told_whether_anybody_may_grade_and_which_exercises_have_few_variants(
    scene, public_grading
):
    settings = Settings(public_grading=public_grading)
    with scene.backend.store.writing() as connection:
        now = scene.backend.clock()
        _, token = create_token(connection, scene.actor, role="instructor", now=now)
    client = create_app(backend=scene.backend, settings=settings).test_client()
    many = [*FEW["exercises"], exercise("many")]
    told = client.post(
        "/api/v1/problem-sets",
        json=FEW | {"name": f"more-{public_grading}".lower(), "exercises": many},
        headers={"Authorization": f"Bearer {token}"},
    ).json
    assert told["public_grading"] is public_grading
    warnings = told["warnings"][1:] if public_grading else told["warnings"]
    assert [each.partition(":")[0] for each in warnings] == [
        "exercise 'few' has at most 49 variants",
        "exercise 'given' has one variant",
    ]
    assert len(told["warnings"]) == 2 + public_grading
