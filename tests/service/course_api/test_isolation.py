"""Nobody reads or writes across students or courses; forbidden and absent look the same."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from gradgrade.service.api.course import ROUTES
from gradgrade.service.store.roles import ROLES
from gradgrade.service.store.schema import metadata
from tests.service.course_api.classroom import EXERCISES, NAME, new_classroom, problem_set
from tests.service.course_api.live import Asker, Live, Reply

OTHER_NAME = "week-b"

BODIES = {
    "publish_problem_set": problem_set(),
    "replace_problem_set": problem_set(title="Taken over"),
    "preview_problem_set": problem_set(),
    "enrol_students": [{"id": "s001", "name": "Taken over"}],
    "extend_student": {"attempts": 1000},
    "state_override": {"points": 10, "comment": "Taken over"},
    "submit_answers": {"answers": {"loss": 0.5}},
    "grade_practice": {"seed": "", "answers": {"loss": 0.5}},
    "create_token": {"role": "student", "student": "s001"},
    "regrade_problem_set": {"dry_run": False},
    "check_answers": {"seed": "", "answers": [{"variant": 1, "answers": {"loss": 0.5}}]},
}
"""What would do harm, by the names of operations."""

QUERIES = dict.fromkeys(
    ("read_exercise", "read_worked_solution", "list_submissions"), "?student={student}"
)

ABSENT = {
    "name": "absent-1",
    "student": "s999",
    "submission": "7" * 32,
    "token": "7" * 12,
    "regrade": "7" * 32,
}
"""Of every variable of a path, what nobody has."""

by_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)


def variables(route) -> list[str]:
    """What names an object; an exercise is named within its set, which is one."""
    found = re.findall(r"{(\w+)}", route.path + QUERIES.get(route.name, ""))
    return [name for name in found if name != "exercise"]


@dataclass(frozen=True)
class Scene:
    """Two courses in one database, each with work in it."""

    live: Live
    here: dict[str, Asker]
    there: dict[str, Asker]
    objects: dict[str, str]
    others: dict[str, str]

    def ask(self, asker: Asker, route, names: dict[str, str]) -> Reply:
        template = route.path.removeprefix("/api/v1") + QUERIES.get(route.name, "")
        path = re.sub(r"{(\w+)}", lambda found: names[found[1]], template)
        body = None
        if route.body is not None:
            body = BODIES[route.name]
            if route.name == "replace_problem_set":
                body = body | {"name": names["name"]}
        return asker.ask(route.method, path, body)

    def looks_absent(self, asker: Asker, route, names: dict[str, str], variable: str) -> None:
        """Whoever asks for the first course's object is told what they are of an absent one."""
        before = self.rows()
        theirs, absent = self.objects[variable], ABSENT[variable]
        replies = [
            told(self.ask(asker, route, names | {variable: each}), each)
            for each in (theirs, absent)
        ]
        assert replies[0] == replies[1]
        assert replies[0][0] == 404 or json.loads(replies[0][2]) == []
        assert self.rows() == before

    def rows(self) -> dict[str, list[str]]:
        with self.live.store.reading() as connection:
            return {
                table.name: sorted(map(str, connection.execute(table.select())))
                for table in metadata.sorted_tables
            }


def told(reply: Reply, name: str = "") -> tuple[int, str, bytes]:
    """What a reply tells, with the name that was asked for taken out."""
    body = reply.body.replace(name.encode(), b"NAME") if name else reply.body
    return reply.status, reply.headers.get("content-type", ""), body


def _course(live: Live, name: str, *students: str) -> tuple[dict[str, Asker], dict[str, str]]:
    """A course whose first student has handed in; its askers, the student is the last one."""
    room = new_classroom(live)
    room.publish(name=name, practice=True)
    room.enrol(*students, of=name)
    first = room.students[students[0]]
    submission = first.submit({"loss": 0.5}, of=name, Idempotency_Key="k").json["submission"]
    regrade = room.instructor.post(f"/problem-sets/{name}/regrades", {"dry_run": False}).json
    tokens = room.instructor.get("/tokens").json
    askers = {
        "instructor": room.instructor,
        "assistant": room.assistant,
        "student": room.students[students[-1]].asker,
        "ci": room.ci(of=name),
    }
    return askers, {
        "name": name,
        "exercise": EXERCISES[0],
        "student": students[0],
        "submission": submission,
        "token": str(next(each["id"] for each in tokens if each["student"] == students[0])),
        "regrade": regrade["regrade"],
    }


@pytest.fixture(scope="module")
def scene(server):
    here, objects = _course(server, NAME, "s001", "s002")
    there, others = _course(server, OTHER_NAME, "t001")
    return Scene(server, here, there, objects, others)


def test_every_route_has_roles_and_what_would_do_harm():
    assert all(route.roles for route in ROUTES)
    assert {route.name for route in ROUTES if route.body} == set(BODIES)
    assert {name for route in ROUTES for name in variables(route)} == set(ABSENT)


@by_route
def test_without_a_token_nothing_is_told(scene, route):
    for names in (scene.objects, scene.objects | ABSENT):
        reply = scene.ask(scene.live.asker(None), route, names)
        assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
        assert reply.detail == "a token is needed: Authorization: Bearer TOKEN"


@by_route
def test_a_route_that_is_not_for_a_role_is_not_there(scene, route):
    before = scene.rows()
    for askers in (scene.here, scene.there):
        for role in set(ROLES) - route.roles:
            nowhere = askers[role].ask(route.method, "/nowhere")
            assert nowhere.status == 404
            assert told(scene.ask(askers[role], route, scene.objects)) == told(nowhere)
    assert scene.rows() == before


def across_courses() -> Iterator[object]:
    for route in ROUTES:
        for role in sorted(route.roles):
            for variable in variables(route):
                yield pytest.param(route, role, variable, id=f"{route.name}-{role}-{variable}")


@pytest.mark.parametrize(("route", "role", "variable"), list(across_courses()))
def test_another_courses_object_looks_absent(scene, route, role, variable):
    scene.looks_absent(scene.there[role], route, scene.others, variable)


@pytest.mark.parametrize(
    ("route", "variable"),
    [
        pytest.param(route, variable, id=f"{route.name}-{variable}")
        for route in ROUTES
        if "student" in route.roles
        for variable in variables(route)
        if variable in ("student", "submission")
    ],
)
def test_another_students_work_looks_absent(scene, route, variable):
    scene.looks_absent(scene.here["student"], route, scene.objects, variable)


def test_what_is_refused_to_others_is_there_for_whose_it_is(scene):
    """Or the tests above would hold of a server that has nothing."""
    for route in ROUTES:
        if route.method == "GET" and "instructor" in route.roles:
            reply = scene.ask(scene.here["instructor"], route, scene.objects)
            assert (reply.status, reply.json != []) == (200, True)


@pytest.mark.parametrize("role", ROLES)
def test_lists_hold_ones_own_course_alone(scene, role):
    marks = (scene.objects["submission"], "s001", "s002", NAME)
    for route in ROUTES:
        if role in route.roles and route.method == "GET" and "{" not in route.path:
            found = scene.ask(scene.there[role], route, {})
            assert found.status == 200
            assert not any(mark.encode() in found.body for mark in marks)


def test_a_name_that_two_courses_have_is_each_ones_own(server):
    rooms = [new_classroom(server) for _ in range(2)]
    students = []
    for room in rooms:
        room.publish(title=room.course)
        students += room.enrol("s001")
    told = [student.submit({"loss": 0.5}, Idempotency_Key="k").json for student in students]
    assert told[0]["submission"] != told[1]["submission"]
    for room, each in zip(rooms, told, strict=True):
        assert room.instructor.get(f"/problem-sets/{NAME}").json["title"] == room.course
        listed = room.instructor.get(f"/problem-sets/{NAME}/submissions?student=s001").json
        assert [entry["submission"] for entry in listed] == [each["submission"]]
    assert rooms[1].instructor.put(f"/problem-sets/{NAME}", problem_set(title="New")).status == 200
    assert rooms[0].instructor.get(f"/problem-sets/{NAME}").json["title"] == rooms[0].course
