"""The agenda: where a student stands in every exercise, and which of them are still to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gradgrade.problems.documents.points import hundredths
from gradgrade.problems.documents.problem_set import ExerciseDefinition
from gradgrade.service.course.grades.standing import Standing
from gradgrade.service.course.sets.policy import Policy
from gradgrade.service.course.sets.problem_sets import Held
from gradgrade.service.course.work.practice import can_be_practised

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An exercise, and where a student stands in it.

    Args:
        held: its set.
        exercise: its definition.
        policy: what holds for the student.
        standing: what they have reached.
        now: the time.
    """

    held: Held
    exercise: ExerciseDefinition
    policy: Policy
    standing: Standing
    now: datetime

    @property
    def title(self) -> str:
        """The exercise's title, or its name where there is none."""
        return self.exercise.title.strip() or self.exercise.name

    @property
    def address(self) -> str:
        """Where its page is."""
        return f"/sets/{self.held.problem_set.name}/{self.exercise.name}"

    @property
    def most(self) -> int:
        """What it is worth, in hundredths."""
        return hundredths(self.exercise.points)

    @property
    def attempts_left(self) -> int | None:
        """How many attempts are left; None: any number."""
        return self.policy.attempts_left(self.standing.attempts)

    @property
    def is_to_do(self) -> bool:
        """Whether something is taken that may earn more; where points are stated nothing does."""
        return not (
            self.policy.is_closed(self.now)
            or self.standing.override is not None
            or self.standing.is_solved
            or self.attempts_left == 0
        )

    @property
    def shows_solution(self) -> bool:
        """Whether its worked solution is shown now."""
        return self.policy.shows_solution(self.now, is_solved=self.standing.is_solved)

    @property
    def can_be_practised(self) -> bool:
        """Whether other numbers of it may be tried."""
        return can_be_practised(self.held, self.policy, self.exercise.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedSet:
    """A set as a student works it."""

    held: Held
    policy: Policy
    tasks: Sequence[Task]

    @property
    def title(self) -> str:
        """Its title, or its name where there is none."""
        return self.held.problem_set.title.strip() or self.held.problem_set.name

    @property
    def reached(self) -> int:
        """What was earned, in hundredths."""
        return sum(task.standing.points or 0 for task in self.tasks)

    @property
    def most(self) -> int:
        """What it is worth, in hundredths."""
        return sum(task.most for task in self.tasks)

    @property
    def done(self) -> Sequence[Task]:
        """The exercises in which nothing more can be earned."""
        return [task for task in self.tasks if not task.is_to_do]


def worked_set(
    held: Held, policy: Policy, standings: Mapping[str, Standing], *, now: datetime
) -> WorkedSet:
    """Return a set as a student works it.

    Args:
        held: the set.
        policy: what holds for the student.
        standings: what they have reached, by the names of exercises.
        now: the time.
    """
    tasks = [
        Task(
            held=held,
            exercise=each,
            policy=policy,
            standing=standings.get(each.name, Standing()),
            now=now,
        )
        for each in held.problem_set.exercises
    ]
    return WorkedSet(held=held, policy=policy, tasks=tasks)


def to_do(sets: Iterable[WorkedSet]) -> list[tuple[WorkedSet, Task]]:
    """Return what is still to do: what is due first comes first, what is never due last."""
    open_tasks = [(each, task) for each in sets for task in each.tasks if task.is_to_do]
    return sorted(open_tasks, key=lambda found: found[0].policy.due or NEVER)
