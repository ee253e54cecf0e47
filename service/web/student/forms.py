"""The form of an exercise: a box for each entry, and room for answers as JSON.

What cannot be taken is told beside its field. What was typed is kept, and nothing is spent.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

from flask import abort
from werkzeug.datastructures import MultiDict

from gradgrade.oracle.nested import build
from gradgrade.problems import Answers, DocumentError, Exercise
from gradgrade.problems.documents import strict_json
from gradgrade.problems.documents.answers import submitted_answers, written_answers
from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.documents.number import Number
from gradgrade.service.web.student.layout import MOST_SHOWN, place

JSON_FIELD = "answers"

CONFIRMED_FIELD = "confirmed"
"""Sent by whoever was asked whether most parts are meant to be empty."""

_KEY = re.compile(r"[0-9a-f]{32}")
_MINUSES = "−–—‒"


def new_key() -> str:
    """Return what a form is known by when it is sent twice."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a field cannot be taken, and what it is the field of."""

    place: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A form that was filled in.

    Args:
        key: what it is known by when it is sent twice.
        typed: what was typed, by the names of the fields.
        faults: why it cannot be taken, by the names of the fields.
        exercise: the id of the variant that it answers.
        answers: what it says, by the names of parts, where there is no fault.
        is_sparse: whether most parts are empty.
        is_confirmed: whether it was asked once whether they are meant to be.
    """

    key: str = field(default_factory=new_key)
    typed: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, Fault] = field(default_factory=dict)
    exercise: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    is_sparse: bool = False
    is_confirmed: bool = False

    @property
    def asks(self) -> bool:
        """Whether it has to be asked if most parts are meant to be empty."""
        return self.is_sparse and not self.is_confirmed and not self.faults

    @property
    def document(self) -> dict[str, Any]:
        """The data of an answers document."""
        return {"exercise": self.exercise, "answers": self.answers}

    @property
    def body(self) -> bytes:
        """The body that the API would be sent."""
        return strict_json.dumps(self.document).encode()


def has_boxes(part: AskedQuantity) -> bool:
    """Tell whether an answer is typed entry by entry."""
    return prod(part.shape) <= MOST_SHOWN


def field_name(part: int, index: int) -> str:
    """Return the name of the field of an entry."""
    return f"entry-{part}-{index}"


def json_fault(why: str) -> Fault:
    """Return why the answers that are written as JSON cannot be taken."""
    return Fault(place="answers as JSON", why=why)


def read_sheet(form: MultiDict[str, str], exercise: Exercise) -> Sheet:
    """Read an exercise's form.

    Raises:
        HTTPException: it has no key.
    """
    key = form.get("key", "")
    if not _KEY.fullmatch(key):
        abort(400, "this form is not complete; go back, load the page again and repeat")
    typed: dict[str, str] = {}
    faults: dict[str, Fault] = {}
    answers: dict[str, Any] = {}
    for number, part in enumerate(exercise.ask):
        if has_boxes(part):
            _read_boxes(form, number, part, typed, faults, answers)
    answered = exercise.id
    text = form.get(JSON_FIELD, "")
    typed[JSON_FIELD] = text
    if text.strip():
        try:
            named, written = _read_json(text, taken=answers)
            answered = named or answered
            answers |= written
        except DocumentError as error:
            faults[JSON_FIELD] = json_fault(str(error))
    elif not answers and not faults:
        faults[JSON_FIELD] = json_fault("nothing is filled in")
    answered_parts = sum(value is not None for value in answers.values())
    sheet = Sheet(
        key=key,
        typed=typed,
        faults=faults,
        exercise=answered,
        answers=answers,
        is_sparse=2 * answered_parts < len(exercise.ask),
        is_confirmed=CONFIRMED_FIELD in form,
    )
    return sheet if faults else _readable(sheet)


def _readable(sheet: Sheet) -> Sheet:
    """Return a sheet whose body can be read again: what was typed stands deeper in it."""
    try:
        submitted_answers(sheet.body)
    except DocumentError as error:
        return replace(sheet, faults={JSON_FIELD: json_fault(str(error))})
    return sheet


def _read_boxes(
    form: MultiDict[str, str],
    number: int,
    part: AskedQuantity,
    typed: dict[str, str],
    faults: dict[str, Fault],
    answers: dict[str, Any],
) -> None:
    names = [field_name(number, index) for index in range(prod(part.shape))]
    texts = {name: form.get(name, "").strip() for name in names}
    if not any(texts.values()):
        return
    typed |= texts
    numbers = []
    for index, (name, text) in enumerate(texts.items()):
        try:
            numbers.append(_numeral(text))
        except DocumentError as error:
            where = f"{part.name}, {place(part.shape, index)}"
            faults[name] = Fault(place=where, why=str(error))
    if len(numbers) == len(texts):
        answers[part.name] = build(numbers, tuple(part.shape))


def _numeral(text: str) -> Number:
    if not text:
        raise DocumentError("empty: fill in all of this part, or nothing of it")
    if "," in text:
        raise DocumentError("write decimals with a point")
    if any(minus in text for minus in _MINUSES):
        raise DocumentError("write the sign as - (hyphen-minus)")
    try:
        return Number(text)
    except DocumentError as error:
        raise DocumentError(f"{error}; write it like -0.25 or 1.5e-3") from None


def _read_json(text: str, *, taken: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any]]:
    """Return the id of the exercise, where one is named, and the numerals as they are written."""
    data = strict_json.loads(text)
    document = Answers.from_data(data)
    for name in document.answers:
        if name in taken:
            raise DocumentError(f"{name!r} is filled in above too: answer it in one place")
    return document.exercise, written_answers(data)
