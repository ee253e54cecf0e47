"""What the grader says of each kind, over the exercises of the catalogue."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy

from gradgrade.problems import Exercise, generate
from gradgrade.problems.catalogue import load
from gradgrade.problems.documents.verdict import Verdict
from gradgrade.problems.explanation.explain import Explainer
from gradgrade.problems.grade import Grader
from gradgrade.problems.misconceptions import mistakes
from gradgrade.problems.walks.stacked import Assessment
from tests.evidence.outside.kinds import KINDS
from tests.evidence.outside.right_names import RIGHT_NAMES
from tests.evidence.outside.working import Kind, Working

STUDENTS = ("1", "2")
"""For whom every exercise of the catalogue is drawn."""


@dataclass(frozen=True, kw_only=True)
class Graded:
    """A kind's answers to a variant, and what was said of them.

    Args:
        kind: the kind's code.
        exercise: `set/name`, and the student's name.
        outcomes: of each part.
        names: by part, the code and the title of each misconception that is named.
        alike: the titles of those whose maker would answer every part as this student did, so that
            no grader could tell.
    """

    kind: str
    exercise: str
    outcomes: dict[str, str]
    names: dict[str, list[tuple[str, str]]]
    alike: frozenset[str]

    @property
    def is_told(self) -> bool:
        """Whether the answers were told from right ones."""
        return any(outcome != "correct" for outcome in self.outcomes.values())

    @property
    def wrong_names(self) -> dict[str, list[tuple[str, str]]]:
        """The names of those parts for which no right one is given."""
        right = RIGHT_NAMES.get(self.kind, frozenset())
        return {
            part: names
            for part, names in self.names.items()
            if right.isdisjoint(code for code, _ in names)
        }

    @property
    def belied_names(self) -> dict[str, list[tuple[str, str]]]:
        """The wrong names of which these answers could tell that they are wrong."""
        wrong = self.wrong_names.items()
        return {
            part: names
            for part, names in wrong
            if self.alike.isdisjoint(title for _, title in names)
        }

    @property
    def codes(self) -> tuple[str, ...]:
        """What is named, in order."""
        return tuple(dict.fromkeys(code for part in self.names.values() for code, _ in part))


def graded(problem_set: str, name: str, student: str) -> list[Graded]:
    """Grade every kind's answers to one variant of an exercise, where the kind can be made."""
    exercise = generate(load(problem_set), name, student=student, secret=b"0")
    grader = Grader(exercise)
    where = f"{problem_set}/{name}, student {student}"
    assessment = Explainer(exercise).assessment
    return [
        _graded(kind.code, where, grader.grade(answers), assessment, answers)
        for kind, answers in wrong_answers(exercise)
    ]


def wrong_answers(exercise: Exercise) -> Iterator[tuple[Kind, dict[str, Any]]]:
    """Yield what each kind of student hands in where it is not what an honest one does."""
    text = exercise.to_json()
    right = Working()(text)
    for kind in KINDS:
        try:
            answers = kind.work(text)
        except ValueError:
            continue  # shapes do not go together: a student notices
        if _is_alike(answers, right) or not _has_shapes(answers, right):
            continue
        yield kind, {part: _written(exercise, answer) for part, answer in answers.items()}


def _is_alike(answers: dict[str, Any], right: dict[str, Any]) -> bool:
    return all(numpy.array_equal(answers[part], right[part]) for part in right)


def _has_shapes(answers: dict[str, Any], right: dict[str, Any]) -> bool:
    """Whether the answers are numbers in the right shapes: others are noticed before."""
    return all(
        numpy.shape(answers[part]) == numpy.shape(right[part])
        and numpy.isfinite(answers[part]).all()
        for part in right
    )


def _written(exercise: Exercise, answer: Any) -> Any:
    """Return an answer with as many digits as the exercise asks of work by hand."""
    rounding = exercise.rounding
    if rounding is None:
        return answer
    if isinstance(answer, list):
        return [_written(exercise, each) for each in answer]
    if rounding.decimals is not None:
        return round(answer, rounding.decimals)
    return float(f"{answer:.{rounding.significant}g}")


def _graded(
    kind: str, where: str, verdict: Verdict, assessment: Assessment, answers: dict[str, Any]
) -> Graded:
    names = {
        part.name: [(each.code, each.title) for each in part.misconceptions]
        for part in verdict.parts
        if part.misconceptions
    }
    named = {title for each in names.values() for _, title in each}
    return Graded(
        kind=kind,
        exercise=where,
        outcomes={part.name: part.outcome for part in verdict.parts},
        names=names,
        alike=frozenset(_alike(assessment, answers, named)) if named else frozenset(),
    )


def _alike(assessment: Assessment, answers: dict[str, Any], titles: set[str]) -> Iterator[str]:
    """Yield the titles of the mistakes that lead to the same answers in every part."""
    for mistake in mistakes(assessment.derivation):
        title = f"{mistake.misconception.title} {mistake.place}".rstrip()
        if title in titles:
            made = assessment.predict(mistake)
            if all(
                (
                    numpy.abs(made.values[part][0] - numpy.ravel(answer)) <= 2 * made.bands[part][0]
                ).all()
                for part, answer in answers.items()
            ):
                yield title
