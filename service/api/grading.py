"""`POST /grade`: grades anybody's answers to any exercise, and remembers nothing.

Whoever asks states the exercise with its tolerances, so beside a course it would judge a student's
own exercise without end: there it is off unless the settings say so, and refuses what somebody
holds.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from gradgrade.problems import Verdict
from gradgrade.service.api import public_work
from gradgrade.service.api.public_work import GradeRequest, worked
from gradgrade.service.api.route import Call, Route
from gradgrade.service.bounds import BYTES_A_COST
from gradgrade.service.contained import Contained
from gradgrade.service.http.body import raw_body

if TYPE_CHECKING:
    from gradgrade.service.course.backend import Backend


def grading_route(*, most_cost: int, contained: Contained, backend: Backend | None = None) -> Route:
    """Return the route.

    Args:
        most_cost: the largest `Workload.cost` that is graded.
        contained: whoever works.
        backend: of the course that is served beside it, if one is.
    """

    def grade_answers(call: Call) -> Response:
        body = raw_body()
        call.charge(len(body) // BYTES_A_COST)
        done = worked(call, partial(contained, public_work.grade, body, most_cost=most_cost))
        if backend is not None:
            _refuse_held(backend, done.numbers)
        return Response(done.body, content_type="application/json")

    return Route(
        method="POST",
        path="/api/v1/grade",
        view=grade_answers,
        summary="Grade answers to an exercise; nothing is stored",
        group="Grading without a course",
        limit="grading",
        body=GradeRequest,
        returns=Verdict,
        refuses=(503,) if backend is None else (409, 503),
        is_heavy=True,
    )


def _refuse_held(backend: Backend, numbers: bytes) -> None:
    # Where there is no course, nothing of it is loaded.
    from gradgrade.service.course.work.holding import refuse_held

    refuse_held(backend, numbers, now=backend.clock())
