"""Replies of a student's program, read as what anybody may have sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan, prod
from typing import Annotated, Any

from pydantic import Field

from gradgrade.problems import DocumentError, Exercise
from gradgrade.problems.documents import strict_json
from gradgrade.problems.documents.base import Model, Whole, checked
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.text import printable
from gradgrade.service.code_grading.hand_in.gathering import LONGEST_PATH
from gradgrade.service.code_grading.sandbox.outcome import FINDINGS, Failure, FailureKind, Finding

LONGEST_MESSAGE = 300
MOST_FINDINGS, MOST_MESSAGES, MOST_NAMES, MOST_NOTES = 100, 1_000, 1_000, 20

Text = Annotated[str, Field(max_length=LONGEST_MESSAGE)]
Axis = Annotated[Whole, Field(ge=1)]


class FailureReply(Model):
    """Why there are no answers."""

    kind: FailureKind
    message: Text
    line: Annotated[Whole, Field(ge=1)] | None
    file: Annotated[str, Field(max_length=LONGEST_PATH)] | None = None
    cell: Annotated[Whole, Field(ge=1)] | None = None
    script_line: Annotated[Whole, Field(ge=1)] | None = None
    names: Annotated[list[Text], Field(max_length=MOST_NAMES)] = Field(default_factory=list)


class FindingReply(Model):
    """Something odd."""

    code: str
    name: Text


class ArrayReply(Model):
    """One answer: its shape, and its entries in order, null where not finite."""

    shape: Annotated[list[Axis], Field(max_length=4)]
    entries: list[Number | None]


class Message(Model):
    """All that one message can be."""

    ready: bool | None = None
    loaded: bool | None = None
    failure: FailureReply | None = None
    answers: dict[str, ArrayReply] | None = None
    findings: Annotated[list[FindingReply], Field(max_length=MOST_FINDINGS)] = Field(
        default_factory=list
    )
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The messages that came to one request, in their order."""

    messages: tuple[Message, ...]

    @property
    def answers(self) -> Mapping[str, ArrayReply] | None:
        """All answers; None where nothing answers at all."""
        told = [each.answers for each in self.messages if each.answers is not None]
        return {name: array for each in told for name, array in each.items()} if told else None


def read_reply(frame: bytes) -> Reply:
    """Return a frame as a reply: messages, one a line.

    Raises:
        DocumentError: it is none.

    >>> read_reply(b'{"loaded": true}').messages[0].loaded
    True
    """
    lines = frame.splitlines()
    if not 1 <= len(lines) <= MOST_MESSAGES:
        raise DocumentError(f"the reply has {len(lines)} messages")
    return Reply(tuple(map(_read_message, lines)))


def _read_message(line: bytes) -> Message:
    data = strict_json.loads(line)
    if not isinstance(data, Mapping):
        raise DocumentError("the reply is no object")
    return checked(Message, data, "reply")


def failures_in(reply: Reply) -> tuple[Failure, ...]:
    """Return the failures that a reply tells of, in their order."""
    told = (each.failure for each in reply.messages if each.failure is not None)
    return tuple(
        Failure(
            kind=each.kind,
            message=printable(each.message),
            line=each.line,
            file=None if each.file is None else printable(each.file),
            cell=each.cell,
            script_line=each.script_line,
            names=tuple(map(printable, each.names)),
        )
        for each in told
    )


def notes_in(reply: Reply) -> tuple[str, ...]:
    """Return what else a reply tells, each once."""
    notes = (printable(each.note) for each in reply.messages if each.note is not None)
    return tuple(dict.fromkeys(notes))[:MOST_NOTES]


def answers_in(reply: Reply, exercise: Exercise) -> dict[str, Any]:
    """Return the asked answers of a reply as nested floats.

    Raises:
        DocumentError: there are none and no failure, or the entries are not as many as the shape
            says.
    """
    if reply.answers is None and any(each.failure for each in reply.messages):
        return {}
    if reply.answers is None:
        raise DocumentError("the reply holds no answers")
    asked = {part.name for part in exercise.ask}
    return {name: _nested(array) for name, array in reply.answers.items() if name in asked}


def findings_in(reply: Reply, exercise: Exercise) -> tuple[Finding, ...]:
    """Return the findings of a reply that are known, about quantities that there are."""
    names = {"", *exercise.given, *(part.name for part in exercise.ask)}
    told = (each for message in reply.messages for each in message.findings)
    found = dict.fromkeys(Finding(code=each.code, name=each.name) for each in told)
    return tuple(each for each in found if each.code in FINDINGS and each.name in names)


def _nested(array: ArrayReply) -> Any:
    if len(array.entries) != prod(array.shape):
        raise DocumentError("an answer has not as many entries as its shape says")
    nested: list[Any] = [nan if each is None else each.double for each in array.entries]
    for length in reversed(array.shape[1:]):
        nested = [nested[start : start + length] for start in range(0, len(nested), length)]
    return nested if array.shape else nested[0]
