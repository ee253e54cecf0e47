"""Variants as Moodle question XML: an embedded-answers question each, a number for each entry.

Moodle marks each entry alone, where a part here is all or nothing: an entry's weight is its share
of the part's points. A question's mark is the sum of its weights, which are whole, and no default
mark that a file states: so one scale serves all questions of a file, and a quiz weighs them as the
problem set does. Whoever makes a known mistake is told which; the worked solution is the general
feedback, for when the quiz shows it.

Source: Moodle, question/type/multianswer/questiontype.php and question/format/xml/format.php.
"""

from collections.abc import Sequence
from fractions import Fraction
from html import escape
from math import gcd, lcm, prod

from gradgrade.oracle.derivation.formulas.mathml import to_mathml
from gradgrade.problems.documents.exercise import AskedQuantity, Exercise
from gradgrade.problems.documents.text import one_line
from gradgrade.problems.exports.expected import ExpectedEntry, expected_entries
from gradgrade.problems.exports.mistaken import MistakenPart, mistaken_parts
from gradgrade.problems.solve import solve
from gradgrade.problems.worksheet import words
from gradgrade.problems.worksheet.answer_sheet import make_answer_sheet
from gradgrade.problems.worksheet.formats.html import fragment
from gradgrade.problems.worksheet.page import Heading, Items, Paragraph
from gradgrade.problems.worksheet.question_sheet import blank, boxes, statement

DIGITS, WORKED_DIGITS = 17, 6
"""Of an expected value, and of a result in the worked solution."""

MOST_MARK = 99_999
"""What Moodle's table holds of a question's mark: 12 digits, 7 of them after the point."""


def write_moodle(exercises: Sequence[Exercise]) -> str:
    """Return variants as one XML file: a category for each exercise, a question for each variant.

    It holds the expected values.

    Raises:
        OracleError: a quantity is undefined, leaves binary64's range, or cannot be proven.
    """
    scale = _scale(exercises)
    questions: list[str] = []
    category = None
    for exercise in exercises:
        if exercise.name != category:
            category = exercise.name
            questions.append(_category(exercise))
        questions.append(_question(exercise, scale))
    body = "\n".join(questions)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{body}\n</quiz>\n'


def _category(exercise: Exercise) -> str:
    path = f"$course$/top/{exercise.problem_set}/{exercise.name}"
    return f'<question type="category"><category><text>{path}</text></category></question>'


def _question(exercise: Exercise, scale: Fraction) -> str:
    name = escape(f"{one_line(words.title(exercise))} ({exercise.id})")
    text = escape(_text(exercise, scale), quote=False)
    worked = escape(fragment(make_answer_sheet(exercise, digits=WORKED_DIGITS).blocks), quote=False)
    return (
        f'<question type="cloze">\n<name><text>{name}</text></name>\n'
        f'<questiontext format="html"><text>{text}</text></questiontext>\n'
        f'<generalfeedback format="html"><text>{worked}</text></generalfeedback>\n'
        f"<idnumber>{exercise.id}</idnumber>\n</question>"
    )


def _text(exercise: Exercise, scale: Fraction) -> str:
    """Return the question's HTML; only its answers' braces mean something to Moodle."""
    about = (
        Paragraph(one_line(words.about(exercise))),
        *statement(exercise),
        Heading("Asked"),
        Items(tuple(words.rules(exercise))),
    )
    entries, mistakes = expected_entries(solve(exercise, digits=DIGITS)), mistaken_parts(exercise)
    answers = "\n".join(
        _part(
            exercise,
            part,
            _fields(part, scale, entries[part.name], mistakes[part.name]),
        )
        for part in exercise.ask
    )
    return f"{_without_braces(fragment(about))}\n{answers}"


def _part(exercise: Exercise, part: AskedQuantity, fields: Sequence[str]) -> str:
    asked = blank(exercise, part)
    head = f"<p><code>{part.name}</code> {to_mathml(asked.symbol)}: {escape(asked.note)}</p>"
    head += f"<p>{escape(asked.definition)}</p>" if asked.definition else ""
    _, columns = boxes(exercise, part)
    cells = [f"<td>{field}</td>" for field in fields]
    rows = (
        f"<tr>{''.join(cells[start : start + columns])}</tr>"
        for start in range(0, len(cells), columns)
    )
    return f"{_without_braces(head)}<table>{''.join(rows)}</table>"


def _fields(
    part: AskedQuantity,
    scale: Fraction,
    entries: Sequence[ExpectedEntry],
    mistakes: Sequence[MistakenPart],
) -> list[str]:
    return [
        f"{{{weight}:NUMERICAL:={entry.value}:{entry.band}{_alternatives(mistakes, index)}}}"
        for index, (entry, weight) in enumerate(zip(entries, _weights(part, scale), strict=True))
    ]


def _alternatives(mistakes: Sequence[MistakenPart], index: int) -> str:
    """Return what earns nothing at an entry, each with what the student is told of it."""
    found = ((each, each.entries[index]) for each in mistakes)
    return "".join(
        f"~%0%{entry.value}:{entry.band}#{_told(mistake)}" for mistake, entry in found if entry
    )


def _told(mistake: MistakenPart) -> str:
    # Moodle turns entities back once before it shows the text as HTML.
    text = escape(escape(f"{mistake.title}: {mistake.explanation}", quote=False), quote=False)
    return _without_braces(text).replace("~", "&#126;")


def _scale(exercises: Sequence[Exercise]) -> Fraction:
    """Return by what all points are multiplied to become a question's mark.

    It makes the share of every entry whole, and no larger than need be. Where a mark would then be
    more than Moodle holds, it is a smaller one, by which the points of every part are whole; where
    even that is too large, parts are rounded down.
    """
    parts = [part for exercise in exercises for part in exercise.ask]
    largest = max(Fraction(exercise.points.decimal()) for exercise in exercises)
    scale = _whole([_points(part) / prod(part.shape) for part in parts])
    if scale * largest <= MOST_MARK:
        return scale
    coarse = _whole([_points(part) for part in parts])
    return coarse * int(MOST_MARK / (coarse * largest)) or MOST_MARK / largest


def _whole(numbers: Sequence[Fraction]) -> Fraction:
    """Return the least number by which all of these are whole."""
    return Fraction(
        lcm(*(each.denominator for each in numbers)), gcd(*(each.numerator for each in numbers))
    )


def _weights(part: AskedQuantity, scale: Fraction) -> list[int]:
    """Return the whole weights of a part's entries, its points in all; the first ones take more."""
    count = prod(part.shape)
    each, more = divmod(int(_points(part) * scale), count)
    return [each + (index < more) for index in range(count)]


def _points(part: AskedQuantity) -> Fraction:
    return Fraction(part.points.decimal())


def _without_braces(text: str) -> str:
    return text.replace("{", "&#123;").replace("}", "&#125;")
