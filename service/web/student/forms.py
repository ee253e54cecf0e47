"""The form of an exercise: each part entry by entry or as text, and room for all parts together.

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

from gradgrade.oracle.nested import build, flatten, shape_of
from gradgrade.problems import DocumentError, Exercise
from gradgrade.problems.documents import strict_json
from gradgrade.problems.documents.answers import submitted_answers
from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.documents.number import Number
from gradgrade.problems.reading import read_answers, read_array, read_number, text_of, understood
from gradgrade.service.web.student.layout import names_of, place
from gradgrade.service.web.texts import gettext

JSON_FIELD = "answers"

FILE_FIELD = "upload"

CONFIRMED_FIELD = "confirmed"
"""Sent by whoever was asked whether most parts are meant to be empty."""

LOOK_FIELD = "look"
"""Sent by whoever wants to see how all is understood, before anything is spent."""

MOST_CELLS = 40
"""The most entries of a part that are asked for one by one; of more, there is one box for all."""

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
        understood: how parts were read: those that were typed otherwise than JSON has them, or all
            of them where that was asked.
        is_sparse: whether most parts are empty.
        is_confirmed: whether it was asked once whether they are meant to be.
        is_look: whether it was sent to see how it is understood.
    """

    key: str = field(default_factory=new_key)
    typed: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, Fault] = field(default_factory=dict)
    exercise: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    understood: Mapping[str, str] = field(default_factory=dict)
    is_sparse: bool = False
    is_confirmed: bool = False
    is_look: bool = False

    @property
    def asks(self) -> bool:
        """Whether it has to be asked if most parts are meant to be empty."""
        return self.is_sparse and not (self.is_confirmed or self.is_look or self.faults)

    @property
    def document(self) -> dict[str, Any]:
        """The data of an answers document."""
        return {"exercise": self.exercise, "answers": self.answers}

    @property
    def body(self) -> bytes:
        """The body that the API would be sent."""
        return strict_json.dumps(self.document).encode()


def has_cells(part: AskedQuantity) -> bool:
    """Tell whether an answer may be typed entry by entry."""
    return prod(part.shape) <= MOST_CELLS


def field_name(part: int, index: int) -> str:
    """Return the name of the field of an entry."""
    return f"entry-{part}-{index}"


def text_name(part: int) -> str:
    """Return the name of the field of a part as text."""
    return f"text-{part}"


def json_fault(why: str) -> Fault:
    """Return why the answers that are written as text cannot be taken."""
    return Fault(place=gettext("all parts as text"), why=why)


def read_sheet(
    form: MultiDict[str, str], exercise: Exercise, *, uploaded: bytes | None = None
) -> Sheet:
    """Read an exercise's form.

    Args:
        form: its fields.
        exercise: what it answers.
        uploaded: a file that came with it, which is read as the answers written as text are.

    Raises:
        HTTPException: it has no key.
    """
    key = form.get("key", "")
    if not _KEY.fullmatch(key):
        abort(400, gettext("this form is not complete; go back, load the page again and repeat"))
    read = _Reading()
    for number, part in enumerate(exercise.ask):
        read.read_part(form, number, part, exercise)
    read.read_all(form.get(JSON_FIELD, ""), uploaded, exercise)
    if not read.answers and not read.faults:
        read.faults[JSON_FIELD] = json_fault(gettext("nothing is filled in"))
    is_look = LOOK_FIELD in form
    if is_look:
        read.check_shapes(exercise)
    answered_parts = sum(value is not None for value in read.answers.values())
    sheet = Sheet(
        key=key,
        typed=read.typed,
        faults=read.faults,
        exercise=read.exercise or exercise.id,
        answers=read.answers,
        understood=read.all_understood() if is_look else read.understood,
        is_sparse=2 * answered_parts < len(exercise.ask),
        is_confirmed=CONFIRMED_FIELD in form,
        is_look=is_look,
    )
    return sheet if read.faults else _readable(sheet)


def _readable(sheet: Sheet) -> Sheet:
    """Return a sheet whose body can be read again: what was typed stands deeper in it."""
    try:
        submitted_answers(sheet.body)
    except DocumentError as error:
        return replace(sheet, faults={JSON_FIELD: json_fault(str(error))})
    return sheet


@dataclass(slots=True)
class _Reading:
    """What a form says as far as it was read, by the names of fields, and of parts."""

    typed: dict[str, str] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    understood: dict[str, str] = field(default_factory=dict)
    exercise: str = ""

    def read_part(
        self, form: MultiDict[str, str], number: int, part: AskedQuantity, exercise: Exercise
    ) -> None:
        """Read what is typed for a part: as text, or in cells, whose first may hold all of it."""
        text = form.get(text_name(number), "")
        size = prod(part.shape) if has_cells(part) else 0
        names = [field_name(number, index) for index in range(size)]
        cells = {name: form.get(name, "").strip() for name in names}
        is_typed = any(cells.values())
        if is_typed:
            self.typed.update(cells)
        if text.strip():
            self.typed[text_name(number)] = text
        if text.strip() and is_typed:
            why = gettext("filled in entry by entry too: answer it in one place")
            self.faults[text_name(number)] = Fault(place=part.name, why=why)
        elif text.strip():
            self._read_whole(text_name(number), text, part)
        elif is_typed:
            first, *others = cells.values()
            if any(others) or not _is_array(first, part):
                self._read_each(cells, part, exercise)
            elif self._read_whole(names[0], first, part):
                # Each stands in its own cell when the form is shown again.
                numbers = flatten(self.answers[part.name])
                self.typed.update(zip(names, (each.text for each in numbers), strict=True))

    def read_all(self, text: str, uploaded: bytes | None, exercise: Exercise) -> None:
        """Read answers to any parts that are written as text, or were uploaded so."""
        try:
            if uploaded is not None and uploaded.strip():
                if text.strip():
                    raise DocumentError(
                        gettext("answers are written here too: upload a file, or write them")
                    )
                text = text_of(uploaded, exercise)
        except DocumentError as error:
            self.faults[FILE_FIELD] = Fault(place=gettext("the file"), why=str(error))
        self.typed[JSON_FIELD] = text
        if not text.strip():
            return
        try:
            reading = read_answers(text, exercise)
            for name in reading.numerals:
                if name in self.answers:
                    raise DocumentError(
                        gettext(
                            "'%(name)s' is filled in above too: answer it in one place", name=name
                        )
                    )
            self.exercise = reading.answers.exercise or ""
            self.answers |= reading.numerals
            self.understood |= reading.understood
        except DocumentError as error:
            self.faults[JSON_FIELD] = json_fault(str(error))

    def check_shapes(self, exercise: Exercise) -> None:
        """Find faults that would come to light when the answers are graded."""
        for part in exercise.ask:
            array = self.answers.get(part.name)
            if array is not None and JSON_FIELD not in self.faults:
                try:
                    _check_shape(array, part)
                except DocumentError as error:
                    self.faults[JSON_FIELD] = json_fault(f"{part.name}: {error}")

    def all_understood(self) -> dict[str, str]:
        """Return how everything was understood that could be."""
        there = {name: each for name, each in self.answers.items() if each is not None}
        return {name: understood(each) for name, each in there.items()}

    def _read_whole(self, name: str, text: str, part: AskedQuantity) -> bool:
        try:
            array = read_array(text, part.shape)
            _check_shape(array, part)
            for each in flatten(array):
                _there(each)
        except DocumentError as error:
            self.faults[name] = Fault(place=part.name, why=str(error))
            return False
        self.answers[part.name] = array
        self.understood[part.name] = understood(array)
        return True

    def _read_each(self, cells: Mapping[str, str], part: AskedQuantity, exercise: Exercise) -> None:
        numbers = []
        for index, (name, text) in enumerate(cells.items()):
            try:
                numbers.append(_there(read_number(text) if text else None))
            except DocumentError as error:
                where = place(part.shape, index, names_of(exercise, part.name))
                self.faults[name] = Fault(place=f"{part.name}, {where}", why=str(error))
        if len(numbers) == len(cells):
            array = build(numbers, tuple(part.shape))
            self.answers[part.name] = array
            if [each.text for each in numbers] != list(cells.values()):
                self.understood[part.name] = understood(array)


def _check_shape(array: Any, part: AskedQuantity) -> None:
    if list(shape_of(array)) != list(part.shape):
        asked = " × ".join(map(str, part.shape)) or gettext("a number alone, without brackets")
        raise DocumentError(
            gettext("it is %(read)s; asked is %(asked)s", read=understood(array), asked=asked)
        )


def _is_array(text: str, part: AskedQuantity) -> bool:
    """Tell whether the first cell of a part holds more than its first number."""
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
        raise DocumentError(gettext("empty: fill in all of this part, or nothing of it"))
    return number
