"""What is computed for whoever asks without a course: pure, from bytes to bytes.

It may run in another process, so all of a request's work is here: reading its JSON too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from gradgrade.oracle.errors import OracleError
from gradgrade.problems import Answers, DocumentError, Exercise, catalogue, generate
from gradgrade.problems.documents.answers import SubmittedArray
from gradgrade.problems.documents.base import Model
from gradgrade.problems.generate import numbers_digest
from gradgrade.problems.grade import Grader
from gradgrade.problems.templates.cost import Workload, cost_of
from gradgrade.problems.templates.template import compile_template
from gradgrade.service.api.described import DescribedBy
from gradgrade.service.api.route import Call
from gradgrade.service.bounds import (
    COST_A_BYTE,
    COST_OF_EXHAUSTION,
    MOST_COST_EXPLAINED,
    SHORT_COST,
)
from gradgrade.service.contained import Exhausted
from gradgrade.service.http.body import as_model, json_of
from gradgrade.service.http.respond import json_bytes


class GradeRequest(Model):
    """An exercise and answers to it: an answers document, or its map of names alone."""

    exercise: Annotated[dict[str, Any], DescribedBy(Exercise)]
    answers: Annotated[dict[str, Any], DescribedBy(Answers, dict[str, SubmittedArray])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of it.

    Args:
        body: the answer, as JSON.
        cost: what it took, as `Workload.cost` counts.
        numbers: those of the exercise; see `numbers_digest`.
    """

    body: bytes
    cost: int
    numbers: bytes


def grade(body: bytes, *, most_cost: int) -> Done:
    """Grade answers to an exercise.

    Args:
        body: a `GradeRequest`.
        most_cost: the largest exercise that is graded; a short body has less.

    Raises:
        BadJson: it is no JSON.
        DocumentError: it is refused, or the exercise has no values.
    """
    request = as_model(GradeRequest, json_of(body))
    try:
        exercise, cost = _priced(request.exercise, most_cost=most_cost, size=len(body))
    except DocumentError as error:
        raise error.below("exercise") from None
    answers = Answers.from_submission({"answers": request.answers}).filled_in()
    try:
        verdict = Grader(exercise).grade(answers, explains=cost <= MOST_COST_EXPLAINED)
    except OracleError as error:
        raise DocumentError(str(error)) from None
    return Done(body=json_bytes(verdict.to_data()), cost=cost, numbers=numbers_digest(exercise))


def _priced(stated: Mapping[str, Any], *, most_cost: int, size: int) -> tuple[Exercise, int]:
    """Return an exercise in a body of some bytes, and its cost."""
    # Before the exercise is checked as a whole, which derives all of its steps.
    cost = Workload.of(stated).check(most=most_cost)
    most = SHORT_COST + COST_A_BYTE * size
    if cost > most:
        raise DocumentError(
            f"exercise: its cost is {cost}, and in a body of {size} bytes the most is {most}: "
            "iterations, samples and layers that are stated in a word are for `gradgrade grade`"
        )
    return Exercise.from_data(stated), cost


def draw(problem_set: str, exercise: str, seed: str) -> Done:
    """Draw a variant of an exercise of the catalogue.

    Raises:
        ExerciseError: none can be issued.
    """
    definitions = catalogue.load(problem_set)
    variant = generate(definitions, exercise, student="1", secret=seed.encode())
    cost = cost_of(compile_template(definitions, exercise))
    return Done(body=variant.to_json().encode(), cost=cost, numbers=numbers_digest(variant))


def worked(call: Call, work: Callable[[], Done]) -> Done:
    """Return what came of work for whoever asks, and charge them for it.

    Raises:
        DocumentError: it took more of the processor than it may.
    """
    try:
        done = work()
    except Exhausted as error:
        call.charge(COST_OF_EXHAUSTION)
        raise DocumentError(f"exercise: it is too much work: {error}") from None
    call.charge(done.cost)
    return done
