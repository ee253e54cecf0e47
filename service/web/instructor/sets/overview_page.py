"""A set as it stands: what it asks, what that is worth, and who holds which version of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from werkzeug.wrappers import Response

from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.documents.points import hundredths
from gradgrade.problems.documents.problem_set import ExerciseDefinition
from gradgrade.problems.templates.template import compile_template
from gradgrade.problems.variants.report import MUCH_FORWARD
from gradgrade.service.course.sets.policy import Extension, policy_of
from gradgrade.service.course.sets.problem_sets import Held, find
from gradgrade.service.course.work.variants import count_holdings
from gradgrade.service.web.rendering import page
from gradgrade.service.web.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseStanding:
    """An exercise of a set.

    Args:
        name: its name.
        title: its title, which may be empty.
        points: what it is worth, in hundredths.
        parts: what is asked.
        forward_share: the share of the points that no derivative is needed for.
        variety: how many variants there are at most, where they are fewer than a million.
        held: how many students have a variant.
        held_of_earlier: how many of them have one of an earlier version of the set.
    """

    name: str
    title: str
    points: int
    parts: Sequence[AskedQuantity]
    forward_share: float
    variety: int | None
    held: int
    held_of_earlier: int


def show_overview(visit: Visit, name: str) -> Response:
    """Answer with a set as it stands."""
    with visit.backend.store.snapshot() as connection:
        held = find(connection, visit.actor, name)
        holdings = count_holdings(connection, held.row)
    exercises = [_standing(held, each, holdings) for each in held.problem_set.exercises]
    return page(
        "overview.html",
        tab="overview",
        problem_set=held.problem_set,
        version=held.version,
        policy=policy_of(held.problem_set, Extension()),
        now=visit.received_at,
        exercises=exercises,
        points=sum(each.points for each in exercises),
        much_forward=MUCH_FORWARD,
    )


def _standing(
    held: Held, definition: ExerciseDefinition, holdings: Mapping[tuple[str, int], int]
) -> ExerciseStanding:
    template = compile_template(held.problem_set, definition.name)
    of_versions = {
        version: count for (name, version), count in holdings.items() if name == definition.name
    }
    return ExerciseStanding(
        name=definition.name,
        title=definition.title,
        points=hundredths(definition.points),
        parts=template.ask,
        forward_share=template.forward_share,
        variety=template.variety,
        held=sum(of_versions.values()),
        held_of_earlier=sum(
            count for version, count in of_versions.items() if version < held.version
        ),
    )
