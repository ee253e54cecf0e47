"""What the grader names, where one known mistake was made: every mistake, on the catalogue.

A mistake's answers are submitted as a student's would be who makes it everywhere. Where another
misconception leads to the same answers, within the bands of both, no grader can tell them apart.
Nor can it where the answers are 0 and what follows rightly from that: whatever stops what leads
there makes it 0, so that they show where the work ends and not why.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

import numpy

from gradgrade.oracle.arithmetic.binary64 import Array, Binary64
from gradgrade.oracle.derivation.walking import given_rows, rewalk, take, walk
from gradgrade.oracle.nested import flatten
from gradgrade.problems import Exercise, generate
from gradgrade.problems.catalogue import load, names
from gradgrade.problems.documents.problem_set import ExerciseDefinition, NetworkDefinition
from gradgrade.problems.explanation.explain import Explainer
from gradgrade.problems.gates.misconceptions import CODE
from gradgrade.problems.gates.probing import rules_of
from gradgrade.problems.grade import Grader
from gradgrade.problems.misconceptions.rewriting import after
from gradgrade.problems.templates.template import compile_template
from gradgrade.problems.walks.stacked import Prediction


class Named(Enum):
    """What was named for a mistake's answers."""

    RIGHT = "the misconception alone"
    AMONG = "the misconception among others, as not to be told apart"
    NOTHING = "nothing"
    WRONG = "others alone"
    ACCEPTED = "nothing: the answers are accepted"
    NO_NUMBER = "nothing: an answer is not finite"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A mistake that was made in a variant, and what was named for it.

    Args:
        exercise: the set and name of the exercise, `set/name`.
        code: the misconception's.
        place: where it was made.
        named: the kind of what was named.
        codes: what was named, first to last.
        alike: the codes of other misconceptions that lead to the same answers.
        is_stop: whether the answers are 0 somewhere, and elsewhere what follows rightly from that.
        is_listed: whether the exercise's gates list the mistake as not to be seen in it.
    """

    exercise: str
    code: str
    place: str
    named: Named
    codes: tuple[str, ...]
    alike: frozenset[str]
    is_stop: bool
    is_listed: bool

    @property
    def is_distinguishable(self) -> bool:
        """Whether the answers show this misconception and no other."""
        return (
            not self.alike
            and not self.is_stop
            and self.named not in (Named.ACCEPTED, Named.NO_NUMBER)
        )

    @property
    def is_first(self) -> bool:
        """Whether the right misconception is named, and before all others."""
        return self.codes[:1] == (self.code,)

    def __str__(self) -> str:
        """Say what happened."""
        named = ", ".join(self.codes) or "nothing"
        return f"{self.exercise}: {self.code} {self.place}: named {named}"


def exercises(kind: type[ExerciseDefinition] = NetworkDefinition) -> list[tuple[str, str]]:
    """The set and the name of every exercise of the catalogue that is of a kind."""
    return [
        (name, each.name)
        for name in names()
        for each in load(name).exercises
        if isinstance(each, kind)
    ]


def cases(problem_set: str, name: str, student: str) -> list[Case]:
    """Grade every mistake's answers to one variant."""
    drawn = load(problem_set)
    exercise = generate(drawn, name, student=student, secret=b"evidence")
    grader, predictions = Grader(exercise), Explainer(exercise).assessment.predictions
    listed = {
        each.subject
        for each in rules_of(compile_template(drawn, name)).findings
        if each.gate == CODE
    }
    alike = list(_alike(predictions))
    return [
        _case(f"{problem_set}/{name}", exercise, grader, prediction, others, listed)
        for prediction, others in zip(predictions, alike, strict=True)
    ]


def _case(
    where: str,
    exercise: Exercise,
    grader: Grader,
    prediction: Prediction,
    alike: frozenset[str],
    listed: set[str],
) -> Case:
    mistake = prediction.mistake
    code = mistake.misconception.code
    answers = {
        part.name: prediction.values[part.name][0].reshape(part.shape) for part in exercise.ask
    }
    codes: tuple[str, ...] = ()
    if not all(numpy.isfinite(answer).all() for answer in answers.values()):
        named = Named.NO_NUMBER
    else:
        verdict = grader.grade(answers)
        of_part = {part.name: part.misconceptions for part in verdict.parts}
        if verdict.outcome == "correct":
            named = Named.ACCEPTED
        else:
            first = of_part[str(verdict.first_error)]
            found = first or [each for part in verdict.parts for each in part.misconceptions]
            codes = tuple(dict.fromkeys(each.code for each in found))
            named = _named(code, codes)
    return Case(
        exercise=where,
        code=code,
        place=mistake.place,
        named=named,
        codes=codes,
        alike=alike,
        is_stop=is_stop(exercise, prediction),
        is_listed=mistake.subject in listed or not mistake.is_gated,
    )


def _named(code: str, codes: tuple[str, ...]) -> Named:
    if not codes:
        return Named.NOTHING
    if code not in codes:
        return Named.WRONG
    return Named.RIGHT if len(codes) == 1 else Named.AMONG


def is_stop(exercise: Exercise, prediction: Prediction) -> bool:
    """Tell whether a mistake's answers are 0 in some parts and follow rightly from that in all."""
    derivation, arithmetic = exercise.derivation(), Binary64()
    quantities = {part.name: derivation.find(part.name) for part in exercise.ask}
    stopped = derivation.replacing(
        *(
            after(derivation.by_name[quantity.name], _zeros)
            for name, quantity in quantities.items()
            if quantity and (numpy.abs(prediction.values[name]) <= prediction.bands[name]).all()
        )
    )
    given = take(given_rows(derivation, exercise.givens()), arithmetic)
    walked = rewalk(derivation, walk(derivation, given, arithmetic), stopped, arithmetic)
    for name, quantity in quantities.items():
        assert quantity is not None
        rows = numpy.array(walked[quantity.name], dtype=float).tolist()
        entries = numpy.array(flatten(quantity.to_document(rows, exercise.convention)))
        off = numpy.abs(entries - prediction.values[name][0])
        if not (off <= 2 * prediction.bands[name][0]).all():
            return False
    return True


def _zeros(_: Binary64, matrix: Array) -> Array:
    return numpy.zeros_like(numpy.array(matrix, dtype=float))


def _alike(predictions: tuple[Prediction, ...]) -> Iterator[frozenset[str]]:
    """For each mistake, the codes of the others that answer the same within both their bands."""
    values = numpy.array([_row(each.values) for each in predictions])
    bands = numpy.array([_row(each.bands) for each in predictions])
    codes = [each.mistake.misconception.code for each in predictions]
    for at, code in enumerate(codes):
        with numpy.errstate(all="ignore"):
            same = (numpy.abs(values - values[at]) <= bands + bands[at]).all(axis=1)
        yield frozenset(codes[other] for other in numpy.flatnonzero(same)) - {code}


def _row(parts: Mapping[str, numpy.ndarray]) -> numpy.ndarray:
    return numpy.concatenate([each.ravel() for each in parts.values()])
