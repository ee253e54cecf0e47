"""Every route of a course, asked as the OpenAPI document says, and as it does not."""

import pytest

from gradgrade.service.api.course import ROUTES
from tests.examples import share, spread
from tests.service.api.test_schemathesis import run, with_token
from tests.service.course_api.classroom import DENSE, EXERCISES, NAME, exercise, new_classroom
from tests.service.course_api.live import live_server
from tests.service.store.databases import new_database

ONLY = "--include-operation-id"

# Quickly made, since up to 200 variants are asked for at once.
SMALL = {"inputs": 1, "layers": [DENSE | {"units": 1}]}
SMALL_EXERCISES = [exercise(name, **SMALL) for name in EXERCISES]

WITH_A_SETS_BODY = ("publish_problem_set", "preview_problem_set")
"""Besides replacing, where a set is read by the same line and all of its limits are tried."""

ROLES = ("instructor", "assistant", "student", "ci")

ASKING = ROLES if share() >= 1 else tuple(role for role in ROLES if role != "assistant")
"""Assistants are answered as instructors are, where they may ask; in full they ask too."""


def without_limits(role):
    """The routes of which this role is not sent every limit of every field.

    How a request is read does not depend on who asks: drawn requests tell whether an answer does.
    So the first role that may ask is sent them, of a share of its routes or, in full, of each.
    """
    before = set(ROLES[: ROLES.index(role)])
    own = [each for each in ROUTES if role in each.roles]
    first = [each.name for each in own if not before & set(each.roles)]
    sent = {*spread(first)} - set(WITH_A_SETS_BODY)
    return [each.name for each in own if each.name not in sent]


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    directory = tmp_path_factory.mktemp("course")
    with (
        new_database("SQLite", directory) as database,
        live_server("SQLite", database, directory) as server,
    ):
        yield server


@pytest.mark.parametrize("role", ASKING)
def test_what_a_role_may_do_in_a_course_is_as_described(live, tmp_path, role):
    classroom = new_classroom(live)
    classroom.publish(exercises=SMALL_EXERCISES)
    first, _ = classroom.enrol("s001", "s002")
    submitted = first.submit()
    assert submitted.status == 201
    regrades = f"/problem-sets/{NAME}/regrades"
    regraded = classroom.instructor.post(regrades, {"dry_run": False, "never_lower": False})
    assert regraded.status == 201, regraded.body
    spare = classroom.instructor.post("/tokens", {"role": "assistant"})
    askers = {
        "instructor": classroom.instructor,
        "assistant": classroom.assistant,
        "student": first.asker,
        "ci": classroom.ci(),
    }
    parameters = {
        "path.name": NAME,
        "path.exercise": EXERCISES[0],
        # A student's token, which is replaced, is not the one that asks.
        "path.student": "s002",
        "path.submission": submitted.json["submission"],
        "path.regrade": regraded.json["regrade"],
        "path.token": spare.json["id"],
    }
    # What is for others is a 404 by the same few lines for every route, and would take minutes.
    own = [option for each in ROUTES if role in each.roles for option in (ONLY, each.name)]
    options = (*with_token(askers[role].token), *own)
    run(
        tmp_path,
        live.port,
        *options,
        parameters=parameters,
        without_limits=without_limits(role),
    )
    assert askers[role].get("/problem-sets").status == 200
