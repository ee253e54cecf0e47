"""A course with a set, a roster, and everybody's tokens."""

import hashlib
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from gradgrade.problems import Exercise
from gradgrade.service.course.people.courses import open_course
from gradgrade.service.course.people.tokens import create_token
from gradgrade.service.store.schema import courses
from tests.service.course_api.live import Asker, Live, Reply
from tests.solved import right_answers

NAME = "week-1"
EXERCISES = ("one-layer", "two-layers")

DENSE = {"type": "dense", "units": 2, "activation": "tanh"}


def exercise(name: str, **fields) -> dict:
    return {
        "name": name,
        "title": f"The exercise {name}",
        "points": 10,
        "inputs": 2,
        "layers": [DENSE],
        "loss": {"name": "half_squared_error"},
        "optimizer": {"name": "sgd", "learning_rate": 0.1},
        "ask": ["loss", "delta1", "dW1"],
        **fields,
    }


def problem_set(**fields) -> dict:
    return {
        "schema": "gradgrade/problem-set/1",
        "name": NAME,
        "title": "The first week",
        "exercises": [
            exercise("one-layer"),
            exercise("two-layers", layers=[DENSE, DENSE], ask=["loss", "dW1", "dW2"], points=4),
        ],
        **fields,
    }


def right(document: bytes) -> dict[str, object]:
    """The right answers to an exercise."""
    return right_answers(Exercise.from_json(document))


@dataclass(frozen=True)
class Student:
    id: str
    asker: Asker
    fetched: set[tuple[str, str]] = field(default_factory=set, compare=False)

    def exercise(self, name: str = EXERCISES[0], *, of: str = NAME) -> bytes:
        reply = self.asker.get(f"/problem-sets/{of}/exercises/{name}")
        assert reply.status == 200, reply.body
        return reply.body

    def submit(
        self, answers: object = None, name: str = EXERCISES[0], *, of: str = NAME, **headers: str
    ) -> Reply:
        """Hand in answers to an exercise that is fetched before; None: the right ones."""
        if (of, name) not in self.fetched:
            self.asker.get(f"/problem-sets/{of}/exercises/{name}")
            self.fetched.add((of, name))
        answers = right(self.exercise(name, of=of)) if answers is None else answers
        path = f"/problem-sets/{of}/exercises/{name}/submissions"
        body = answers if isinstance(answers, bytes) else {"answers": answers}
        return self.asker.post(path, body, **headers)


@dataclass(frozen=True)
class Classroom:
    """A course of its own on a running server."""

    live: Live
    course: str
    instructor: Asker
    assistant: Asker
    students: dict[str, Student] = field(default_factory=dict)

    def publish(self, **fields) -> Reply:
        reply = self.instructor.post("/problem-sets", problem_set(**fields))
        assert reply.status == 201, reply.body
        return reply

    def enrol(self, *ids: str, of: str = NAME) -> list[Student]:
        reply = self.instructor.post(f"/problem-sets/{of}/students", [{"id": each} for each in ids])
        assert reply.status == 201, reply.body
        for each in reply.json:
            if each["token"] is not None:
                student = Student(each["id"], self.live.asker(each["token"]))
                self.students[each["id"]] = student
        return [self.students[each] for each in ids]

    def ci(self, *, of: str = NAME) -> Asker:
        reply = self.instructor.post("/tokens", {"role": "ci", "problem_set": of})
        assert reply.status == 201, reply.body
        return self.live.asker(reply.json["token"])


def new_classroom(live: Live, course: str | None = None) -> Classroom:
    """Make a course as whoever runs commands on the server does."""
    now = datetime.now(UTC)
    with live.store.writing() as connection:
        course = course or _course_of_this_test(connection)
        actor = open_course(connection, course, now=now)
        texts = [
            create_token(connection, actor, role=role, now=now)[1]
            for role in ("instructor", "assistant")
        ]
    return Classroom(live, course, *map(live.asker, texts))


def _course_of_this_test(connection: Connection) -> str:
    """A name that no course has yet, the same in every run: what is drawn follows from it."""
    test = os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0]
    name = f"course-{hashlib.sha256(test.encode()).hexdigest()[:12]}"
    made = select(func.count()).where(courses.c.name.startswith(name))
    return f"{name}-{connection.execute(made).scalar_one()}"
