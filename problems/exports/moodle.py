"""Variants as Moodle question XML: an embedded-answers question each, a number for each entry.

Moodle marks each entry alone, where a part here is all or nothing: an entry's weight is its share
of the part's points.
"""

from collections.abc import Sequence
from fractions import Fraction
from html import escape
from math import lcm

from gradgrade.oracle.derivation.formulas.mathml import to_mathml
from gradgrade.problems.documents.exercise import AskedQuantity, Exercise
from gradgrade.problems.exports.expected import ExpectedEntry, expected_entries
from gradgrade.problems.solve import solve
from gradgrade.problems.worksheet import words
from gradgrade.problems.worksheet.formats.html import fragment
from gradgrade.problems.worksheet.page import Heading, Items, Paragraph, printable
from gradgrade.problems.worksheet.question_sheet import blank, boxes, statement

DIGITS = 17
MOST_WEIGHT = 999


def moodle(exercises: Sequence[Exercise]) -> str:
    """Return variants as one XML file: a category for each exercise, a question for each variant.

    It holds the expected values.

    Raises:
        OracleError: a quantity is undefined, leaves binary64's range, or cannot be proven.
    """
    questions: list[str] = []
    category = None
    for exercise in exercises:
        if exercise.name != category:
            category = exercise.name
            questions.append(_category(exercise))
        questions.append(_question(exercise))
    body = "\n".join(questions)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{body}\n</quiz>\n'


def _category(exercise: Exercise) -> str:
    path = f"$course$/top/{exercise.problem_set}/{exercise.name}"
    return f'<question type="category"><category><text>{path}</text></category></question>'


def _question(exercise: Exercise) -> str:
    name = escape(f"{printable(words.title(exercise))} ({exercise.id})")
    text = escape(_text(exercise), quote=False)
    return (
        f'<question type="cloze">\n<name><text>{name}</text></name>\n'
        f'<questiontext format="html"><text>{text}</text></questiontext>\n'
        f"<idnumber>{exercise.id}</idnumber>\n</question>"
    )


def _text(exercise: Exercise) -> str:
    """Return the question's HTML; only its answers' braces mean something to Moodle."""
    about = (
        Paragraph(printable(words.about(exercise))),
        *statement(exercise),
        Heading("Asked"),
        Items(tuple(words.rules(exercise))),
    )
    entries, weights = expected_entries(solve(exercise, digits=DIGITS)), _weights(exercise)
    answers = "\n".join(
        _part(exercise, part, entries[part.name], weights[part.name]) for part in exercise.ask
    )
    return f"{_without_braces(fragment(about))}\n{answers}"


def _part(
    exercise: Exercise, part: AskedQuantity, entries: list[ExpectedEntry], weight: int
) -> str:
    asked = blank(exercise, part)
    head = f"<p><code>{part.name}</code> {to_mathml(asked.symbol)}: {escape(asked.note)}</p>"
    _, columns = boxes(exercise, part)
    fields = [f"<td>{{{weight}:NUMERICAL:={each.value}:{each.band}}}</td>" for each in entries]
    rows = (
        f"<tr>{''.join(fields[start : start + columns])}</tr>"
        for start in range(0, len(fields), columns)
    )
    return f"{_without_braces(head)}<table>{''.join(rows)}</table>"


def _weights(exercise: Exercise) -> dict[str, int]:
    """Return whole weights of entries, in which each part has its share of the points."""
    shares = {part.name: _share(exercise, part) for part in exercise.ask}
    scale = lcm(*(share.denominator for share in shares.values()))
    factor = min(Fraction(scale), MOST_WEIGHT / max(shares.values()))
    return {name: max(1, round(share * factor)) for name, share in shares.items()}


def _share(exercise: Exercise, part: AskedQuantity) -> Fraction:
    rows, columns = boxes(exercise, part)
    return Fraction(part.points.decimal()) / (rows * columns)


def _without_braces(text: str) -> str:
    return text.replace("{", "&#123;").replace("}", "&#125;")
