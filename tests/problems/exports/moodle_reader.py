"""What Moodle makes of a question file, by the rules of its importer.

Written anew from question/format/xml/format.php and question/type/multianswer/questiontype.php, in
which a question's mark is the sum of its answers' weights and nothing else, and from
question/type/numerical, in which the first alternative within its tolerance is the one that counts.
"""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from html import unescape

_ANSWER = r".+?(?<!\\)(?<!&)(?<!&amp;)(?=[~#}]|$)"
_FEEDBACK = r".*?(?<!\\)(?=[~}]|$)"
_ALTERNATIVE = rf"(?:(=)|%(-?[0-9]+(?:[.,][0-9]*)?)%)?({_ANSWER})(?:#({_FEEDBACK}))?"
_UNNAMED = rf"(?:=|%-?[0-9]+(?:[.,][0-9]*)?%)?{_ANSWER}(?:#{_FEEDBACK})?"
_FIELD = re.compile(rf"\{{([0-9]*):(?:NUMERICAL|NM):({_UNNAMED}(?:~{_UNNAMED})*)\}}", re.DOTALL)
_NUMBER = r"-?(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[eE][-+]?[0-9]+)?"
_NUMERICAL = re.compile(rf"({_NUMBER})(?::({_NUMBER}))?")


@dataclass(frozen=True)
class Alternative:
    """A number, how far from it an answer may lie, what that earns, and what is said of it."""

    fraction: float
    value: str
    tolerance: str
    feedback: str


@dataclass(frozen=True)
class Field:
    """A box, its weight, and the numbers that are known there."""

    weight: int
    alternatives: tuple[Alternative, ...]

    def chosen(self, answer: float) -> Alternative | None:
        """The first alternative that an answer comes within the tolerance of."""
        near = (
            each
            for each in self.alternatives
            if abs(answer - float(each.value)) <= float(each.tolerance)
        )
        return next(near, None)


@dataclass(frozen=True)
class Question:
    """An embedded-answers question as it stands in the bank after the import."""

    name: str
    idnumber: str | None
    text: str
    fields: tuple[Field, ...]
    general_feedback: str

    @property
    def mark(self) -> int:
        """What a quiz counts it with."""
        return sum(field.weight for field in self.fields)

    def graded(self, answers: list[float]) -> float:
        """The marks that these answers earn."""
        chosen = (
            (field, field.chosen(answer))
            for field, answer in zip(self.fields, answers, strict=True)
        )
        return sum(field.weight * each.fraction for field, each in chosen if each)


def read_questions(text: str) -> list[Question]:
    """Import a file, its categories left out."""
    quiz = ET.fromstring(text.encode("utf-8"))
    assert quiz.tag == "quiz"
    found = [each for each in quiz if each.get("type") in ("cloze", "multianswer")]
    assert len(found) == sum(each.get("type") != "category" for each in quiz)
    return list(map(_question, found))


def _question(element: ET.Element) -> Question:
    def told(path: str) -> str:
        return (element.findtext(f"{path}/text") or "").strip()

    assert told("name")
    for path in ("questiontext", "generalfeedback"):
        part = element.find(path)
        assert part is not None
        assert part.get("format") == "html"
    rest, fields = told("questiontext"), list[Field]()
    while found := _FIELD.search(rest):
        fields.append(Field(int(found[1] or 1), tuple(_alternatives(found[2]))))
        rest = rest.replace(found[0], f"{{#{len(fields)}}}", 1)
    assert fields
    for field in fields:
        assert max(each.fraction for each in field.alternatives) == 1
    return Question(
        told("name"), element.findtext("idnumber"), rest, tuple(fields), told("generalfeedback")
    )


def _alternatives(text: str) -> list[Alternative]:
    found = []
    for equals, percent, answer, feedback in re.findall(f"~?{_ALTERNATIVE}", text, re.DOTALL):
        number = _NUMERICAL.fullmatch(answer)
        assert number is not None, answer
        fraction = 1.0 if equals else 0.01 * float(percent.replace(",", ".") or 0)
        shown = unescape(feedback).replace(r"\}", "}").replace(r"\#", "#")
        found.append(Alternative(fraction, number[1], number[2] or "0", shown))
    return found
