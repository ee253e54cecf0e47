"""The form of an exercise: a box for each entry, and room for answers as text.

What cannot be taken is told beside its field. What was typed is kept, and nothing is spent.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

from flask import abort
from werkzeug.datastructures import MultiDict

from gradgrade.oracle.nested import build, flatten, shape_of
from gradgrade.problems import DocumentError, Exercise
from gradgrade.problems.documents import strict_json
from gradgrade.problems.documents.answers import submitted_answers
from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.documents.number import Number
from gradgrade.problems.reading import read_answers, read_array, read_number, understood
from gradgrade.service.web.student.layout import MOST_SHOWN, place

JSON_FIELD = "answers"

CONFIRMED_FIELD = "confirmed"
"""Sent by whoever was asked whether most parts are meant to be empty."""

_KEY = re.compile(r"[0-9a-f]{32}")


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
        understood: how parts were read that were typed otherwise than JSON has them.
        is_sparse: whether most parts are empty.
        is_confirmed: whether it was asked once whether they are meant to be.
    """

    key: str = field(default_factory=new_key)
    typed: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, Fault] = field(default_factory=dict)
    exercise: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    understood: Mapping[str, str] = field(default_factory=dict)
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
    """Return why the answers that are written as text cannot be taken."""
    return Fault(place="answers as text", why=why)


def read_sheet(form: MultiDict[str, str], exercise: Exercise) -> Sheet:
    """Read an exercise's form.

    Raises:
        HTTPException: it has no key.
    """
    key = form.get("key", "")
    if not _KEY.fullmatch(key):
        abort(400, "this form is not complete; go back, load the page again and repeat")
    boxes = _Boxes()
    for number, part in enumerate(exercise.ask):
        if has_boxes(part):
            boxes.read(form, number, part)
    answers, faults, understood_as = boxes.answers, boxes.faults, boxes.understood
    answered = exercise.id
    text = form.get(JSON_FIELD, "")
    if text.strip():
        try:
            reading = read_answers(text, exercise)
            _check_apart(reading.numerals, answers)
            answered = reading.answers.exercise or answered
            answers |= reading.numerals
            understood_as |= reading.understood
        except DocumentError as error:
            faults[JSON_FIELD] = json_fault(str(error))
    elif not answers and not faults:
        faults[JSON_FIELD] = json_fault("nothing is filled in")
    answered_parts = sum(value is not None for value in answers.values())
    sheet = Sheet(
        key=key,
        typed=boxes.typed | {JSON_FIELD: text},
        faults=faults,
        exercise=answered,
        answers=answers,
        understood=understood_as,
        is_sparse=2 * answered_parts < len(exercise.ask),
        is_confirmed=CONFIRMED_FIELD in form,
    )
    return sheet if faults else _readable(sheet)


def _check_apart(written: Mapping[str, Any], typed: Mapping[str, Any]) -> None:
    for name in written:
        if name in typed:
            raise DocumentError(f"{name!r} is filled in above too: answer it in one place")


def _readable(sheet: Sheet) -> Sheet:
    """Return a sheet whose body can be read again: what was typed stands deeper in it."""
    try:
        submitted_answers(sheet.body)
    except DocumentError as error:
        return replace(sheet, faults={JSON_FIELD: json_fault(str(error))})
    return sheet


@dataclass(frozen=True, slots=True)
class _Boxes:
    """What the boxes of a form say, by the names of fields, and of parts."""

    typed: dict[str, str] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    understood: dict[str, str] = field(default_factory=dict)

    def read(self, form: MultiDict[str, str], number: int, part: AskedQuantity) -> None:
        """Read the boxes of a part; its first may hold all of it, as a program prints it."""
        names = [field_name(number, index) for index in range(prod(part.shape))]
        texts = [form.get(name, "").strip() for name in names]
        if not any(texts):
            return
        first, *others = texts
        if not any(others) and _is_array(first, part):
            self._read_whole(names, first, part)
        else:
            self._read_each(names, texts, part)

    def _read_whole(self, names: Sequence[str], text: str, part: AskedQuantity) -> None:
        self.typed[names[0]] = text
        try:
            array = read_array(text, part.shape)
            if list(shape_of(array)) != list(part.shape):
                raise DocumentError(
                    f"it is {understood(array)}; asked is {' × '.join(map(str, part.shape))}"
                )
            numbers = [_there(each) for each in flatten(array)]
        except DocumentError as error:
            self.faults[names[0]] = Fault(place=part.name, why=str(error))
            return
        # Each stands in its own box when the form is shown again.
        self.typed.update(zip(names, (each.text for each in numbers), strict=True))
        self.answers[part.name] = array
        self.understood[part.name] = understood(array)

    def _read_each(self, names: Sequence[str], texts: Sequence[str], part: AskedQuantity) -> None:
        self.typed.update(zip(names, texts, strict=True))
        numbers = []
        for index, (name, text) in enumerate(zip(names, texts, strict=True)):
            try:
                numbers.append(_there(read_number(text) if text else None))
            except DocumentError as error:
                where = f"{part.name}, {place(part.shape, index)}"
                self.faults[name] = Fault(place=where, why=str(error))
        if len(numbers) == len(texts):
            array = build(numbers, tuple(part.shape))
            self.answers[part.name] = array
            if [each.text for each in numbers] != list(texts):
                self.understood[part.name] = understood(array)


def _is_array(text: str, part: AskedQuantity) -> bool:
    """Tell whether the first box of a part holds more than its first number."""
    if prod(part.shape) == 1:
        return text[:1] in ("[", "(")
    try:
        read_number(text)
    except DocumentError:
        # A comma alone may as well begin a fraction.
        return any(each in text for each in "[(; \t") or ("," in text and "." in text)
    return False


def _there(number: Number | None) -> Number:
    if number is None:
        raise DocumentError("empty: fill in all of this part, or nothing of it")
    return number
