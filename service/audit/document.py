"""An audit as a document, for programs: `gradgrade/audit/1`."""

from math import isfinite
from typing import ClassVar, Literal

from pydantic import Field

from gradgrade.problems.documents.base import Document, Model
from gradgrade.service.audit.report import Audit


class SurvivorModel(Model):
    """A mistake that the tests let pass."""

    code: str
    title: str
    family: Literal["misconception", "answer", "state"]
    kind: Literal["never_called", "not_told", "told_and_accepted", "by_chance"]
    called: list[str]
    answers: list[str]
    reason: str
    said: str
    remedy: str
    bands: float | None
    test: str


class RefusedModel(Model):
    """Right code that the tests refuse."""

    code: str
    title: str
    is_counted: bool
    share: float
    band: float
    tests: list[str]
    remedy: str


class UncoveredModel(Model):
    """Calls that were not covered."""

    called: str
    reason: str
    times: int


class PastedModel(Model):
    """A test to paste."""

    name: str
    text: str


class AuditDocument(Document):
    """What an audit has found."""

    kind: ClassVar[str] = "audit"

    schema_: Literal["gradgrade/audit/1"] = Field(alias="schema")
    exercise: str
    module: str
    is_sound: bool
    tests: int | None
    left_out: list[str]
    calls: int
    never_called: list[str]
    uncovered: list[UncoveredModel]
    is_seeded: bool
    mistakes: int
    honest: int
    survivors: list[SurvivorModel]
    refused: list[RefusedModel]
    pasted: list[PastedModel]
    seconds: float


def document_of(audit: Audit) -> AuditDocument:
    """Return an audit as a document."""
    return AuditDocument(
        schema_="gradgrade/audit/1",
        exercise=audit.exercise,
        module=audit.module,
        is_sound=audit.is_sound,
        tests=audit.tests,
        left_out=list(audit.left_out),
        calls=audit.calls,
        never_called=list(audit.never_called),
        uncovered=[
            UncoveredModel(called=each.called, reason=each.reason, times=each.times)
            for each in audit.uncovered
        ],
        is_seeded=audit.is_seeded,
        mistakes=audit.mistakes,
        honest=audit.honest,
        survivors=[
            SurvivorModel(
                code=each.code,
                title=each.title,
                family=each.family,  # type: ignore[arg-type]  # one of these, as it is mistaken
                kind=each.kind,
                called=list(each.called),
                answers=list(each.answers),
                reason=each.reason,
                said=each.said,
                remedy=each.remedy,
                bands=each.bands if each.bands is not None and isfinite(each.bands) else None,
                test=each.test,
            )
            for each in audit.survivors
        ],
        refused=[
            RefusedModel(
                code=each.code,
                title=each.title,
                is_counted=each.is_counted,
                share=each.share,
                band=each.band,
                tests=list(each.tests),
                remedy=each.remedy,
            )
            for each in audit.refused
        ],
        pasted=[PastedModel(name=each.name, text=each.text) for each in audit.pasted],
        seconds=round(audit.seconds, 1),
    )
