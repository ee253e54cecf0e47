"""Replies of a student's program, read as what anybody may have sent."""

from collections.abc import Mapping
from math import nan, prod
from typing import Annotated, Any

from pydantic import Field

from gradgrade.problems import DocumentError, Exercise
from gradgrade.problems.documents import strict_json
from gradgrade.problems.documents.base import Model, Whole, checked
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.text import printable
from gradgrade.service.code_grading.sandbox.outcome import FINDINGS, Failure, FailureKind, Finding

LONGEST_MESSAGE = 300
MOST_FINDINGS = 100

Text = Annotated[str, Field(max_length=LONGEST_MESSAGE)]
Axis = Annotated[Whole, Field(ge=1)]


class FailureReply(Model):
    """Why there are no answers."""

    kind: FailureKind
    message: Text
    line: Annotated[Whole, Field(ge=1)] | None


class FindingReply(Model):
    """Something odd."""

    code: str
    name: Text


class ArrayReply(Model):
    """One answer: its shape, and its entries in order, null where not finite."""

    shape: Annotated[list[Axis], Field(max_length=4)]
    entries: list[Number | None]


class Reply(Model):
    """All that a reply can be."""

    ready: bool | None = None
    loaded: bool | None = None
    failure: FailureReply | None = None
    answers: dict[str, ArrayReply] | None = None
    findings: Annotated[list[FindingReply], Field(max_length=MOST_FINDINGS)] = Field(
        default_factory=list
    )


def read_reply(frame: bytes) -> Reply:
    """Return a frame as a reply.

    Raises:
        DocumentError: it is none.

    >>> read_reply(b'{"loaded": true}').loaded
    True
    """
    data = strict_json.loads(frame)
    if not isinstance(data, Mapping):
        raise DocumentError("the reply is no object")
    return checked(Reply, data, "reply")


def failure_in(reply: Reply) -> Failure | None:
    """Return the failure that a reply tells of."""
    if reply.failure is None:
        return None
    told = reply.failure
    return Failure(kind=told.kind, message=printable(told.message), line=told.line)


def answers_in(reply: Reply, exercise: Exercise) -> dict[str, Any]:
    """Return the asked answers of a reply as nested floats.

    Raises:
        DocumentError: there are none, or the entries are not as many as the shape says.
    """
    if reply.answers is None:
        raise DocumentError("the reply holds no answers")
    asked = {part.name for part in exercise.ask}
    return {name: _nested(array) for name, array in reply.answers.items() if name in asked}


def findings_in(reply: Reply, exercise: Exercise) -> tuple[Finding, ...]:
    """Return the findings of a reply that are known, about quantities that there are."""
    names = {"", *exercise.given, *(part.name for part in exercise.ask)}
    found = (Finding(code=each.code, name=each.name) for each in reply.findings)
    return tuple(each for each in found if each.code in FINDINGS and each.name in names)


def _nested(array: ArrayReply) -> Any:
    if len(array.entries) != prod(array.shape):
        raise DocumentError("an answer has not as many entries as its shape says")
    nested: list[Any] = [nan if each is None else each.double for each in array.entries]
    for length in reversed(array.shape[1:]):
        nested = [nested[start : start + length] for start in range(0, len(nested), length)]
    return nested if array.shape else nested[0]
