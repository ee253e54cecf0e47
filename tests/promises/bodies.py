"""The routes of a course that take a body, and who may send one."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from gradgrade.service.api.course import ROUTES
from gradgrade.service.api.route import Route
from tests.service.course_api.classroom import EXERCISES, NAME, Classroom, problem_set
from tests.service.course_api.live import Asker

TAKING = tuple(route for route in ROUTES if route.body is not None)


@dataclass(frozen=True)
class PreparedRoom:
    """A room in which every route that takes a body would take the right one."""

    room: Classroom
    ci: Asker

    @classmethod
    def of(cls, room: Classroom) -> "PreparedRoom":
        room.publish(practice=True)
        room.enrol("s001")
        room.students["s001"].exercise()
        return cls(room, room.ci())

    def asker(self, route: Route) -> Asker:
        """Whoever may ask."""
        if "instructor" in route.roles:
            return self.room.instructor
        return self.ci if "ci" in route.roles else self.room.students["s001"].asker

    def post(self, route: Route, body: bytes, **headers: str):
        return self.asker(route).ask(route.method, path(route), body, **headers)


def path(route: Route) -> str:
    names = {"name": NAME, "exercise": EXERCISES[0], "student": "s001"}
    return route.path.removeprefix("/api/v1").format(**names)


def name_of(route: Route) -> str:
    return route.view.__name__


EXAMPLES: dict[str, Callable[[], object]] = {
    "publish_problem_set": lambda: problem_set(name="week-2", due="2031-01-01T00:00:00Z"),
    "replace_problem_set": lambda: problem_set(title="Again", late_penalty=0.1, practice=True),
    "preview_problem_set": lambda: problem_set(),
    "enrol_students": lambda: [{"id": "s002", "name": "Ada", "email": "ada@example.org"}],
    "extend_student": lambda: {"due": "2031-01-01T00:00:00Z", "late_until": None, "attempts": 3},
    "state_override": lambda: {"points": 1.5, "comment": "worked on paper"},
    "submit_answers": lambda: {"answers": {"loss": 0.5, "dW1": [[1, 2], [3, 4]]}},
    "regrade_problem_set": lambda: {"dry_run": True, "never_lower": False},
    "check_answers": lambda: {"seed": "a", "answers": [{"variant": 1, "answers": {"loss": 0.5}}]},
    "grade_practice": lambda: {"seed": "a", "answers": {"loss": 0.5}},
    "create_token": lambda: {"role": "ci", "problem_set": NAME, "expires": "2031-01-01T00:00:00Z"},
}
"""A right body by the name of its route's view."""


def example(route: Route) -> object:
    return json.loads(json.dumps(EXAMPLES[name_of(route)]()))
