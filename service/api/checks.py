"""Variants and verdicts for CI jobs, which hold a token for one set."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from werkzeug.wrappers import Response

from gradgrade.problems import Answers, DocumentError, Exercise, Verdict
from gradgrade.problems.documents.answers import SubmittedArray
from gradgrade.problems.documents.base import Model, as_whole
from gradgrade.problems.templates.cost import cost_of
from gradgrade.service.api.described import DescribedBy
from gradgrade.service.api.route import CourseCall, Route
from gradgrade.service.bounds import MOST_COST_CHECKED
from gradgrade.service.course.errors import Unprocessable
from gradgrade.service.course.work import checks
from gradgrade.service.http.body import read_body
from gradgrade.service.http.query import Seed
from gradgrade.service.http.query import as_whole as as_query_whole
from gradgrade.service.http.respond import json_response

MOST_VARIANTS = 200


class VariantsQuery(Model):
    """How many variants, and of which seed."""

    count: Annotated[int, Field(ge=1, le=MOST_VARIANTS), BeforeValidator(as_query_whole)] = 10
    seed: Seed = ""


class Exercises(Model):
    """Variants in the order of their numbers, the first of which is 1."""

    exercises: list[Exercise]


class CheckedAnswers(Model):
    """Answers to one variant: an answers document, or its map of names alone."""

    variant: Annotated[int, Field(ge=1, le=MOST_VARIANTS), BeforeValidator(as_whole)]
    answers: Annotated[dict[str, Any], DescribedBy(Answers, dict[str, SubmittedArray])]


class CheckRequest(Model):
    """Answers to variants of one seed."""

    seed: Seed = ""
    answers: Annotated[list[CheckedAnswers], Field(min_length=1, max_length=MOST_VARIANTS)]


class Verdicts(Model):
    """The verdicts, in the order of the answers."""

    verdicts: list[Verdict]


def list_check_variants(call: CourseCall, name: str, exercise: str) -> Response:
    """Answer with variants of no student."""
    bench = checks.find_bench(call.backend, call.actor, name, exercise)
    call.charge(_bound("count", call.query.count, bench))
    drawn = checks.draw_variants(bench, count=call.query.count, seed=call.query.seed)
    return json_response({"exercises": [each.to_data() for each in drawn]})


def check_answers(call: CourseCall, name: str, exercise: str) -> Response:
    """Answer with verdicts, and store nothing."""
    bench = checks.find_bench(call.backend, call.actor, name, exercise)
    request = read_body(CheckRequest)
    most = max(len(request.answers), *(each.variant for each in request.answers))
    call.charge(_bound("answers", most, bench))
    answered = [
        checks.Answered(variant=each.variant, answers=_answers(each, index))
        for index, each in enumerate(request.answers)
    ]
    verdicts = checks.check_answers(bench, answered, seed=request.seed, now=call.received_at)
    return json_response({"verdicts": verdicts})


def _answers(given: CheckedAnswers, index: int) -> Answers:
    try:
        return Answers.from_data(given.answers)
    except DocumentError as error:
        raise Unprocessable(f"answers[{index}]: {error.one_line}") from None


def _bound(field: str, count: int, bench: checks.Bench) -> int:
    """Return the cost of so many variants; refuse more than a request may be, before it is done."""
    cost = cost_of(bench.template)
    if cost > MOST_COST_CHECKED:
        raise Unprocessable(
            f"exercise: it is too large for variants over HTTP: its cost is {cost}, "
            f"the most is {MOST_COST_CHECKED}"
        )
    if cost * count > MOST_COST_CHECKED:
        raise Unprocessable(
            f"{field}: {count} variants of this exercise are too much for one request; "
            f"the most are {MOST_COST_CHECKED // cost}"
        )
    return cost * count


_GROUP = "Continuous integration"
_PATH = "/api/v1/problem-sets/{name}/exercises/{exercise}"

ROUTES = (
    Route(
        method="GET",
        path=f"{_PATH}/variants",
        view=list_check_variants,
        summary="Draw variants for a CI job, which are no student's",
        group=_GROUP,
        roles=frozenset({"ci"}),
        limit="grading",
        query=VariantsQuery,
        returns=Exercises,
        is_heavy=True,
    ),
    Route(
        method="POST",
        path=f"{_PATH}/checks",
        view=check_answers,
        summary="Grade answers to such variants; nothing is stored",
        group=_GROUP,
        roles=frozenset({"ci"}),
        limit="grading",
        body=CheckRequest,
        returns=Verdicts,
        is_heavy=True,
    ),
)
