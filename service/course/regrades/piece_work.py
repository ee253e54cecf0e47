"""Regrading: pieces of work that can be done anywhere; they know no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gradgrade.oracle.errors import OracleError
from gradgrade.problems import Answers, DocumentError, Exercise, ExerciseError, ProblemSet
from gradgrade.problems.documents.answers import submitted_answers
from gradgrade.problems.documents.points import hundredths_of
from gradgrade.problems.grade import GRADER, Grader
from gradgrade.problems.marking.answer_key import AnswerKey, make_answer_key
from gradgrade.problems.solve import solve
from gradgrade.problems.variants.redefinition import redefine, still_asked
from gradgrade.service.course.errors import Closed
from gradgrade.service.course.part_summaries import write_parts
from gradgrade.service.course.sets.policy import Extension, policy_of
from gradgrade.service.course.sets.problem_sets import read_document
from gradgrade.service.store.identities import SubmissionRow, VariantRow


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedVariant:
    """A variant as it stands; `row` is the variant's."""

    row: VariantRow
    version: int
    document: str
    answer_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a student handed in.

    Args:
        row: the submission's.
        variant: the row of the variant that it answers.
        body: what was sent.
        received_at: when.
        extension: what differs for the student.
    """

    row: SubmissionRow
    variant: VariantRow
    body: bytes
    received_at: datetime
    extension: Extension


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some submissions, and the variants that they and nobody else answer.

    Args:
        problem_set: the set as it is to be, as JSON.
        version: its version.
        variants: all that the submissions answer, and others that have none.
        submissions: what was handed in.
    """

    problem_set: str
    version: int
    variants: tuple[IssuedVariant, ...]
    submissions: tuple[Sent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Redefined:
    """A variant with the same numbers, under the set's definition.

    Args:
        before: as it stood.
        document: as it is to be.
        answer_key: what is accepted then.
    """

    before: IssuedVariant
    document: str
    answer_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVerdict:
    """What grading says of a submission now; scores are in hundredths.

    Args:
        submission: its row.
        variant: the row of the variant.
        version: of the set whose definition it was graded under.
        outcome: of the whole.
        first_error: the name of the first wrong part.
        score: of the verdict.
        max_score: of the verdict.
        points: what is left of the score where it was late.
        document: the verdict as JSON.
        parts: what is counted of its parts, as JSON.
    """

    submission: SubmissionRow
    variant: VariantRow
    version: int
    outcome: str
    first_error: str | None
    score: int
    max_score: int
    points: int
    document: str
    parts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Regraded:
    """What a piece comes to.

    Args:
        seen: the rows of its variants.
        variants: those that fit the set's definition; the others keep their own.
        verdicts: on its submissions.
        unreadable: the rows of submissions that cannot be graded; their verdicts stay.
    """

    seen: tuple[VariantRow, ...]
    variants: tuple[Redefined, ...]
    verdicts: tuple[NewVerdict, ...]
    unreadable: tuple[SubmissionRow, ...]


def regrade(piece: Piece) -> Regraded:
    """Redefine the variants of a piece, and grade its submissions anew."""
    problem_set = read_document(piece.problem_set)
    markings = {each.row: _marking(problem_set, each) for each in piece.variants}
    verdicts, unreadable = [], []
    for each in piece.submissions:
        try:
            verdicts.append(_verdict(problem_set, piece.version, markings[each.variant], each))
        except DocumentError:  # one body that was kept must not hold up all the others
            unreadable.append(each.row)
    return Regraded(
        seen=tuple(markings),
        variants=tuple(each.redefined for each in markings.values() if each.redefined is not None),
        verdicts=tuple(verdicts),
        unreadable=tuple(unreadable),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marking:
    """Where the answers to a variant are graded; `redefined` is None where it keeps its own."""

    issued: IssuedVariant
    redefined: Redefined | None
    grader: Grader


def _marking(problem_set: ProblemSet, issued: IssuedVariant) -> _Marking:
    own = Exercise.from_json(issued.document)
    try:
        exercise = redefine(problem_set, own)
        solution = solve(exercise)
        key = make_answer_key(solution, grader=GRADER)
    except (DocumentError, ExerciseError, OracleError):
        kept = Grader(own, key=AnswerKey.from_json(issued.answer_key))
        return _Marking(issued=issued, redefined=None, grader=kept)
    redefined = Redefined(before=issued, document=exercise.to_json(), answer_key=key.to_json())
    return _Marking(issued=issued, redefined=redefined, grader=Grader(exercise, solution, key))


def _verdict(problem_set: ProblemSet, version: int, marking: _Marking, sent: Sent) -> NewVerdict:
    # Which variant they answer was settled when they came.
    answers = Answers.from_data({"answers": submitted_answers(sent.body)})
    answers = still_asked(marking.grader.exercise, answers)
    verdict = marking.grader.grade(answers)
    score = hundredths_of(verdict.score)
    return NewVerdict(
        submission=sent.row,
        variant=sent.variant,
        version=marking.issued.version if marking.redefined is None else version,
        outcome=verdict.outcome,
        first_error=verdict.first_error,
        score=score,
        max_score=hundredths_of(verdict.max_score),
        points=_points(problem_set, sent, score),
        document=verdict.line,
        parts=write_parts(verdict),
    )


def _points(problem_set: ProblemSet, sent: Sent, score: int) -> int:
    own = policy_of(problem_set, sent.extension)
    try:
        is_late = own.is_late(sent.received_at)
    except Closed:
        is_late = True  # it was taken, under what the set said then
    return own.points(score, is_late=is_late)
