"""Practice: other numbers of an exercise for a student, which count for nothing.

They are drawn whenever they are asked for, under a name that no course has, and kept nowhere.
Numbers that a student holds are drawn again, so that no one's are judged without an attempt.
"""

from __future__ import annotations

from dataclasses import dataclass

from gradgrade.problems import Exercise, ProblemSet
from gradgrade.problems.gates.rules import Rules
from gradgrade.problems.generate import Search, issue
from gradgrade.problems.templates.cost import cost_of
from gradgrade.problems.templates.template import compile_template
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import NotFound
from gradgrade.service.course.sets.policy import Policy, own_policies
from gradgrade.service.course.sets.problem_sets import Held, find, template_of
from gradgrade.service.course.sets.set_rules import load_rules
from gradgrade.service.course.work import variants
from gradgrade.service.course.work.holding import held_fingerprints


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """What other numbers are drawn from; all of it can cross to another process.

    Args:
        problem_set: the set.
        exercise: the exercise's name.
        key: what the draws are made from.
        rules: of the exercise.
        avoiding: the fingerprints of the variants that students hold.
        cost: of the exercise, as `Workload.cost` counts.
    """

    problem_set: ProblemSet
    exercise: str
    key: bytes
    rules: Rules
    avoiding: frozenset[bytes]
    cost: int


def can_be_practised(held: Held, policy: Policy, exercise: str) -> bool:
    """Tell whether a set allows practice of an exercise, and there are other numbers of it."""
    return policy.practice and template_of(held, exercise).is_drawn


def find_practice(
    backend: Backend, actor: Actor, name: str, exercise: str, *, seed: str
) -> Practice:
    """Return what a student's other numbers are drawn from; their own are pinned if they were not.

    Args:
        backend: the backend.
        actor: the student.
        name: the set's.
        exercise: the exercise's.
        seed: another one gives other numbers.

    Raises:
        NotFound: there is no such set or exercise for this student, or it cannot be practised.
        ExerciseError: no variant can be issued.
    """
    # Whoever practises has numbers of their own, which practice then never meets.
    variants.fetch(backend, actor, name, exercise, None)
    with backend.store.reading() as connection:
        held = find(connection, actor, name)
        (policy,) = own_policies(connection, actor, [held])
        taken = held_fingerprints(connection, held.row, exercise)
    template = template_of(held, exercise)
    if actor.student is None or not can_be_practised(held, policy, exercise):
        raise NotFound(f"exercise {exercise!r} cannot be practised")
    return Practice(
        problem_set=held.problem_set,
        exercise=exercise,
        # No course is called so: in their names there is no slash.
        key=template.key(
            student=actor.student.id,
            secret=backend.secret,
            course=f"{actor.course}/practice/{seed}",
        ),
        rules=load_rules(backend, held, (exercise,))[exercise],
        avoiding=taken,
        cost=cost_of(template),
    )


def draw_practice(practice: Practice) -> Exercise:
    """Draw other numbers of an exercise.

    Raises:
        ExerciseError: no variant can be issued.
    """
    template = compile_template(practice.problem_set, practice.exercise)
    search = Search(practice.key)
    (issued,) = issue(template, [search], practice.rules, avoiding=practice.avoiding)
    return issued.exercise
