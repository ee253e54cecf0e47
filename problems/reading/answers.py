"""Answers as people write them: JSON, JSON with slips, or what a program prints: `dW1 = [[…]]`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from gradgrade.problems.documents import strict_json
from gradgrade.problems.documents.answers import Answers, written_answers
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.documents.text import LONGEST_QUOTED
from gradgrade.problems.errors import MOST_FAULTS, DocumentError, Fault
from gradgrade.problems.reading.array_files import text_of
from gradgrade.problems.reading.arrays import read_array, understood

_COMMENTS = re.compile(
    r"(?m)Parameter containing:|#[^\n]*|(?<![:\S])//[^\n]*|^[^\S\n]*+%[^\n]*|^```[^\n]*|^>>> ?"
)
_PARTS = re.compile(
    r"""(?P<open>[\[(])|(?P<close>[])])
    |(?P<name>"[^"\n]{1,100}"|'[^'\n]{1,100}'|(?<![\w.@])[^\W\d][\w.@]*+)[^\S\n]*+(?::=|=(?!=)|:)
    |"[^"\n]*"|'[^'\n]*'""",
    re.VERBOSE,
)
_NAMELESS = "no part is named: write each as NAME = value, as in loss = 0.24"
_OF_DOCUMENT = ("schema", "exercise", "answers")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersReading:
    """Answers that were read.

    Args:
        answers: the document.
        numerals: by the names of parts, the numbers with the digits that were written.
        understood: by the names of parts that are no JSON, what they were read as.
    """

    answers: Answers
    numerals: Mapping[str, Any]
    understood: Mapping[str, str] = field(default_factory=dict)

    def filled_in(self) -> Self:
        """Return this, where at least one answer is there; see `Answers.filled_in`."""
        self.answers.filled_in()
        return self


def read_answers(text: str | bytes, exercise: Exercise) -> AnswersReading:
    r"""Read a student's answers to an exercise, as JSON or as they print them.

    Args:
        text: an answers document, the bare map of its names, either with slips, or a part after
            the other as `dW1 = [[…]]` or `dW1: …`, arrays as `read_array` takes them; bytes may be
            a .npz file of numpy, its arrays by the names of parts.
        exercise: which they answer; its shapes say what a text means that has two readings.

    Raises:
        DocumentError: they cannot be read; the message names the part, shows what is wrong with
            it, and says what to write.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "002-tanh-chain", student="1", secret=b"0")
    >>> reading = read_answers("loss = 0,5\ndW1 = tensor([[.25]])", exercise)
    >>> reading.answers.answers, dict(reading.understood)
    ({'loss': 0.5, 'dW1': [[0.25]]}, {'loss': '0.5', 'dW1': '1 × 1: [[0.25]]'})
    """
    text = text_of(text, exercise) if isinstance(text, bytes) else text
    shapes = {part.name: tuple(part.shape) for part in exercise.ask}
    try:
        data = strict_json.loads(text)
    except DocumentError as error:
        return _read_parts(text, shapes, error)
    return _read_json(data, shapes)


def _read_json(data: Any, shapes: Mapping[str, tuple[int, ...]]) -> AnswersReading:
    """Read what is JSON; only a text in it is read as a number or an array."""
    written = written_answers(data) if isinstance(data, Mapping) else None
    if not isinstance(written, dict):
        return AnswersReading(answers=Answers.from_data(data), numerals={})
    texts = {name: strict_json.dumps(each) for name, each in written.items() if _is_to_read(each)}
    read = _read_all(texts, shapes)
    numerals = {**written, **read}
    data = numerals if written is data else {**data, "answers": numerals}
    return AnswersReading(
        answers=Answers.from_data(data), numerals=numerals, understood=_understood(read)
    )


def _is_to_read(value: Any) -> bool:
    """Tell whether an answer is a text, or an array that holds one or is filled in in places."""
    entries = _entries(value)
    return any(isinstance(each, str) for each in entries) or (None in entries and any(entries))


def _entries(value: Any) -> list[Any]:
    if not isinstance(value, list):
        return [value]
    return [entry for each in value for entry in _entries(each)]


def _read_parts(
    text: str, shapes: Mapping[str, tuple[int, ...]], refusal: DocumentError
) -> AnswersReading:
    """Read a part after the other; whatever names none is refused as JSON."""
    data: dict[str, Any] = {}
    texts: dict[str, str] = {}
    for name, value in _parts(_COMMENTS.sub("", text)):
        if name in data or name in texts:
            raise DocumentError(f"answers: {name!r} stands twice: keep one of them")
        if name == "answers" and not value:
            continue
        if name in _OF_DOCUMENT:
            data[name] = value.strip("\"'")
        else:
            texts[name] = value
    if not texts:
        refusal = refusal if _looks_like_json(text) else DocumentError(_NAMELESS)
        raise refusal.within("answers")
    read = _read_all(texts, shapes)
    answers = Answers.from_data({**data, "answers": read})
    return AnswersReading(answers=answers, numerals=read, understood=_understood(read))


def _looks_like_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[", "")


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield the names of a text, and what stands after each."""
    depth, named = 0, list[re.Match[str]]()
    for match in _PARTS.finditer(text):
        if match["open"]:
            depth += 1
        elif match["close"]:
            depth = max(depth - 1, 0)
        elif match["name"] and depth == 0:
            named.append(match)
    if not named:
        return
    if before := text[: named[0].start()].strip(" \t\n{"):
        raise DocumentError(
            f"answers: {before[:LONGEST_QUOTED]!r} stands before the first name: "
            "write each part as NAME = value"
        )
    ends = [each.start() for each in named[1:]] + [len(text)]
    for match, end in zip(named, ends, strict=True):
        yield match["name"].strip("\"'"), _value(text[match.end() : end])


def _value(text: str) -> str:
    """Return a value without what separates it from the next, or closes the object around it."""
    unopened = max(text.count("}") - text.count("{"), 0)
    text = text.rstrip(" \t\n,;")
    for _ in range(unopened):
        if not text.endswith("}"):
            break
        text = text[:-1].rstrip(" \t\n,;")
    text = text.strip()
    return "" if text == "{" else text


def _read_all(texts: Mapping[str, str], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    """Return what stands after each name, or refuse all that cannot be read together."""
    read: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, text in texts.items():
        # A quantity has one shape in all iterations.
        shape = shapes.get(name, shapes.get(name.partition("@")[0]))
        try:
            read[name] = read_array(text, shape)
        except DocumentError as error:
            faults.append(Fault(field=name, said=str(error)))
    if faults:
        raise DocumentError("answers", faults[:MOST_FAULTS])
    return read


def _understood(read: Mapping[str, Any]) -> dict[str, str]:
    return {name: understood(value) for name, value in read.items() if value is not None}
