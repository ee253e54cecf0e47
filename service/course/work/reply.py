"""Replies: what is told of a submission that was taken; told again to whoever sends it again."""

from __future__ import annotations

from dataclasses import dataclass

from gradgrade.problems.documents.problem_set import Feedback
from gradgrade.problems.documents.verdict import Outcome
from gradgrade.service.course.sets.feedback import line_as_told


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is replied to a submission.

    Args:
        submission: what it is called.
        is_valid: whether it was graded and spent an attempt.
        outcome: of the verdict, where it was kept just now; None: it was before, and is replied
            again.
        text: the reply's members as a JSON object.
    """

    submission: str
    is_valid: bool
    outcome: Outcome | None
    text: str


def reply_text(members: str, verdict: str, told: Feedback) -> str:
    """Return the text of a reply, from what is kept of it.

    Args:
        members: all but the verdict, as a JSON object.
        verdict: the first on the submission, as a line of JSON; a regrade's is another.
        told: how much of it was told.

    >>> reply_text('{"attempt": 1}', '{"outcome": "correct", "parts": []}', "diagnosis")
    '{"attempt": 1, "verdict": {"outcome": "correct", "parts": []}}'
    """
    return f'{members[:-1]}, "verdict": {line_as_told(verdict, told)}}}'
