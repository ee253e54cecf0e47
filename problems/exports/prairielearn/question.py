"""A PrairieLearn question folder from the drawn variants of one exercise."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid5

from gradgrade.oracle.derivation.formulas.mathml import to_mathml
from gradgrade.problems.documents.exercise import AskedQuantity, Exercise
from gradgrade.problems.documents.text import one_line
from gradgrade.problems.exports.expected import ExpectedEntry, expected_entries
from gradgrade.problems.exports.mistaken import MistakenPart, mistaken_parts
from gradgrade.problems.solve import solve
from gradgrade.problems.worksheet import words
from gradgrade.problems.worksheet.answer_sheet import make_answer_sheet
from gradgrade.problems.worksheet.formats.html import fragment
from gradgrade.problems.worksheet.page import Heading, Items
from gradgrade.problems.worksheet.question_sheet import blank, boxes, statement

NAMESPACE = UUID("5f2a3c1e-0d47-5c7b-9a64-6f1f0a3f7d52")
PRIVATE_FILES = frozenset({"variants.json"})

WORKED_DIGITS = 6
"""Of a result in the worked solution."""


def question_files(variants: Sequence[Exercise]) -> Mapping[str, str]:
    """Return the files of a question: the same question for the same variants.

    Args:
        variants: of one exercise, at least one.

    Returns:
        Texts by file name; those of `PRIVATE_FILES` hold the expected values.

    Raises:
        OracleError: a quantity is undefined, leaves binary64's range, or cannot be proven.
    """
    first = variants[0]
    return MappingProxyType(
        {
            "info.json": _json(_info(first)),
            "question.html": _html(first),
            "server.py": files(__package__).joinpath("server.py").read_text("utf-8"),
            "variants.json": _json([_variant(each) for each in variants]),
        }
    )


def _info(exercise: Exercise) -> dict[str, Any]:
    return {
        "uuid": str(uuid5(NAMESPACE, f"{exercise.problem_set}/{exercise.name}")),
        "title": one_line(words.title(exercise)),
        "topic": "Backpropagation",
        "tags": ["gradgrade", exercise.problem_set],
        "type": "v3",
        "gradingMethod": "Internal",
        "singleVariant": False,
        "partialCredit": True,
    }


def _html(exercise: Exercise) -> str:
    parts = "\n".join(_input(exercise, part) for part in exercise.ask)
    return f"<pl-question-panel>\n{{{{{{params.sheet}}}}}}\n</pl-question-panel>\n{parts}\n"


def _input(exercise: Exercise, part: AskedQuantity) -> str:
    asked = blank(exercise, part)
    defined = f"<p>{escape(asked.definition)}</p>" if asked.definition else ""
    head = (
        f"<pl-question-panel><p><code>{part.name}</code> {to_mathml(asked.symbol)}: "
        f"{escape(asked.note)}</p>{defined}</pl-question-panel>"
    )
    rows, columns = boxes(exercise, part)
    # One blank part would make all of a submission count for nothing. A box of a matrix that is
    # left blank must be some number there; server.py looks at what was typed.
    common = f'answers-name="{_field(part)}" allow-fractions="false" allow-blank="true"'
    if part.shape:
        element, more = "pl-matrix-component-input", f'rows="{rows}" columns="{columns}"'
    else:
        element = "pl-number-input"
        more = 'blank-value="" allow-complex="false" show-correct-answer="false"'
    told = f"{{{{#feedback.{_field(part)}}}}}<p>{{{{.}}}}</p>{{{{/feedback.{_field(part)}}}}}"
    return (
        f"{head}\n<{element} {common} {more}></{element}>\n"
        f"<pl-submission-panel>{told}</pl-submission-panel>"
    )


def _field(part: AskedQuantity) -> str:
    """Return the name of a part's input; numbered for the entries, it is no other part's."""
    return f"{part.name.replace('@', '_at_').replace('.', '_dot_')}_"


def _variant(exercise: Exercise) -> dict[str, Any]:
    entries, mistakes = expected_entries(solve(exercise)), mistaken_parts(exercise)
    sheet = (*statement(exercise), Heading("Asked"), Items(tuple(words.rules(exercise))))
    return {
        "id": exercise.id,
        "sheet": fragment(sheet),
        "worked": fragment(make_answer_sheet(exercise, digits=WORKED_DIGITS).blocks),
        "ask": [
            _asked(exercise, part, entries[part.name], mistakes[part.name]) for part in exercise.ask
        ],
    }


def _asked(
    exercise: Exercise,
    part: AskedQuantity,
    entries: Sequence[ExpectedEntry],
    mistakes: Sequence[MistakenPart],
) -> dict[str, Any]:
    rows, columns = boxes(exercise, part)
    return {
        "name": part.name,
        "field": _field(part),
        "rows": rows,
        "columns": columns,
        "points": part.points.text,
        "expected": _numbers(entries),
        "mistakes": [
            {
                "title": mistake.title,
                "explanation": mistake.explanation,
                # Where a mistake changes nothing, what is right is what whoever makes it answers.
                "expected": _numbers(
                    [each or right for each, right in zip(mistake.entries, entries, strict=True)]
                ),
            }
            for mistake in mistakes
        ],
    }


def _numbers(entries: Sequence[ExpectedEntry]) -> list[list[str]]:
    return [[each.value, each.band] for each in entries]


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
