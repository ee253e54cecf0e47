"""Practice over HTTP: other numbers of an exercise, and verdicts that are kept nowhere.

Who may practise, on which numbers and when, is the same as on the page: `work.practice` says it.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from werkzeug.wrappers import Response

from gradgrade.problems import Answers, Exercise, Verdict, grade
from gradgrade.problems.documents.answers import SubmittedArray
from gradgrade.problems.documents.base import Model
from gradgrade.problems.generate import numbers_digest
from gradgrade.service.api.described import DescribedBy
from gradgrade.service.api.public_work import Done, worked
from gradgrade.service.api.roles import STUDENT
from gradgrade.service.api.route import CourseCall, Route
from gradgrade.service.api.submissions import check_length
from gradgrade.service.course.work.holding import refuse_held
from gradgrade.service.course.work.practice import Practice, draw_practice, find_practice
from gradgrade.service.http.body import read_body
from gradgrade.service.http.query import Seed
from gradgrade.service.http.respond import json_bytes


class PracticeQuery(Model):
    """Which other numbers: those of a seed."""

    seed: Seed = ""


class PracticeRequest(Model):
    """Answers to the numbers of a seed: an answers document, or its map of names alone."""

    seed: Seed = ""
    answers: Annotated[dict[str, Any], DescribedBy(Answers, dict[str, SubmittedArray])]


def read_practice(call: CourseCall, name: str, exercise: str) -> Response:
    """Answer with other numbers, which are nobody's."""
    practice = find_practice(call.backend, call.actor, name, exercise, seed=call.query.seed)
    done = worked(call, partial(call.contained, drawn, practice))
    return Response(done.body, content_type="application/json")


def grade_practice(call: CourseCall, name: str, exercise: str) -> Response:
    """Answer with a verdict and its whole diagnosis, and store nothing."""
    check_length(call, name, exercise)
    request = read_body(PracticeRequest)
    answers = Answers.from_submission({"answers": request.answers}).filled_in()
    practice = find_practice(call.backend, call.actor, name, exercise, seed=request.seed)
    done = worked(call, partial(call.contained, graded, practice, answers))
    # Nor are they those of another exercise, by chance or by a set with few.
    refuse_held(call.backend, done.numbers, now=call.received_at)
    return Response(done.body, content_type="application/json")


def drawn(practice: Practice) -> Done:
    """Draw other numbers; it may be in another process."""
    exercise = draw_practice(practice)
    return _done(practice, exercise, exercise.to_json().encode())


def graded(practice: Practice, answers: Answers) -> Done:
    """Draw other numbers, and grade answers to them; it may be in another process.

    Raises:
        DocumentError: the answers are refused whole.
    """
    exercise = draw_practice(practice)
    return _done(practice, exercise, json_bytes(grade(exercise, answers).to_data()))


def _done(practice: Practice, exercise: Exercise, body: bytes) -> Done:
    return Done(body=body, cost=practice.cost, numbers=numbers_digest(exercise))


_GROUP = "Practice"
_PATH = "/api/v1/problem-sets/{name}/exercises/{exercise}/practice"

ROUTES = (
    Route(
        method="GET",
        path=_PATH,
        view=read_practice,
        summary="Draw other numbers of an exercise, which count for nothing",
        group=_GROUP,
        roles=STUDENT,
        limit="grading",
        query=PracticeQuery,
        returns=Exercise,
        refuses=(409,),
        is_heavy=True,
    ),
    Route(
        method="POST",
        path=_PATH,
        view=grade_practice,
        summary="Grade answers to such numbers; nothing is stored",
        group=_GROUP,
        roles=STUDENT,
        limit="grading",
        body=PracticeRequest,
        returns=Verdict,
        refuses=(409,),
        is_heavy=True,
    ),
)
