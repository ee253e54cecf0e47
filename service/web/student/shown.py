"""What pages show of an exercise, of answers and of a verdict: records for templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from math import prod
from typing import Any

from markupsafe import Markup

from gradgrade.oracle.derivation.quantities import Convention
from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.problems import Exercise
from gradgrade.problems.documents.exercise import ProgramExercise
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.points import hundredths_of
from gradgrade.problems.documents.problem_set import Hints
from gradgrade.problems.drawing.marks import places_by_part
from gradgrade.problems.explanation.likely_rules import is_in_own_rule, likely_rule
from gradgrade.problems.worksheet import words
from gradgrade.problems.worksheet.copied_givens import WAYS
from gradgrade.problems.worksheet.definitions import definition
from gradgrade.problems.worksheet.page import Equation, Heading, Paragraph
from gradgrade.problems.worksheet.question_sheet import blank, formula, statement
from gradgrade.problems.worksheet.worked import givens_of
from gradgrade.service.web.student.drawings import drawn_with, marks_told
from gradgrade.service.web.student.forms import (
    FILE_FIELD,
    JSON_FIELD,
    field_name,
    has_cells,
    text_name,
)
from gradgrade.service.web.student.layout import (
    MOST_SHOWN,
    Layout,
    Names,
    layouts,
    names_of,
    place,
)
from gradgrade.service.web.student.precision import digits_to_type
from gradgrade.service.web.student.trying import Tried

FEW_NUMBERS = 60
"""As many givens stand in tables at once; of more, the tables can be opened."""


def shown(exercise: Exercise, *, hints: Hints = "none") -> dict[str, Any]:
    """Return what a page says of an exercise: what is computed, rules, givens, parts, copies.

    Args:
        exercise: the variant.
        hints: whether parts have their formulas.
    """
    parts = list(_parts(exercise, hints=hints))
    digits = {part["digits"] for part in parts}
    givens = list(_givens(exercise))
    return {
        "network": [*words.structure(exercise), *_explained(exercise, hints)],
        "program": exercise.program.rstrip() if isinstance(exercise, ProgramExercise) else "",
        "defined": words.defined(exercise),
        "formulas": list(_formulas(exercise)),
        "code": list(words.code(exercise)),
        "script": "" if exercise.code is None else exercise.code.script.rstrip(),
        "rules": list(words.rules(exercise)),
        "givens": givens,
        "has_few_givens": sum(len(each["entries"]) for each in givens) <= FEW_NUMBERS,
        "parts": parts,
        # Said once where it is the same for all.
        "digits": digits.pop() if len(digits) == 1 else "",
        "copied": {name: write(exercise) for name, write in WAYS.items()},
    }


def shown_try(made: Tried) -> dict[str, Any]:
    """Return what a page says of an exercise that is tried, and of what came of the try."""
    exercise = Exercise.from_json(made.exercise)
    verdict, sheet = made.verdict, made.sheet
    told = () if verdict is None else told_parts(verdict, sheet.answers, exercise)
    marks = () if verdict is None else marks_told(exercise, verdict)
    return {
        "title": words.title(exercise),
        **shown(exercise),
        "drawing": drawn_with(exercise, marks),
        "sheet": sheet,
        "verdict": verdict,
        "told": {each["name"]: each for each in told},
        # Made by our own writer of formulas; whatever text is in it is escaped there.
        "solution": Markup(made.solution),
        "file_field": FILE_FIELD,
        "json_field": JSON_FIELD,
        "field_name": field_name,
        "text_name": text_name,
    }


def told_parts(
    verdict: Mapping[str, Any], answers: Mapping[str, Any], exercise: Exercise | None
) -> Iterator[Mapping[str, Any]]:
    """Yield what was answered, part by part, with what is told of it.

    Args:
        verdict: the document, as far as it is told.
        answers: by the names of parts, numerals as they were written.
        exercise: what was answered, whose entries are called by their units; None: not known.
    """
    convention: Convention = "column" if exercise is None else exercise.vectors
    told = {part["name"]: part for part in verdict["parts"]}
    for name in told or answers:
        part = told.get(name)
        answer = answers.get(name)
        codes = None if part is None or part["entries"] is None else part["entries"]
        array = codes if answer is None else answer
        numerals = [] if answer is None else flatten(answer)
        is_shown = array is not None and len(flatten(array)) <= MOST_SHOWN
        mistakes = [] if part is None else part["misconceptions"]
        yield {
            "name": name,
            "told": part,
            "mistakes": [
                {
                    **each,
                    "likely": _likely(exercise, answers, name, codes, each),
                    "is_in_own_rule": exercise is None
                    or is_in_own_rule(exercise, part=name, code=each["code"], title=each["title"]),
                }
                for each in mistakes
            ],
            "score": None if part is None else hundredths_of(part["score"]),
            "most": None if part is None else hundredths_of(part["max_score"]),
            "numerals": [each.text if isinstance(each, Number) else "" for each in numerals],
            "codes": [] if codes is None else flatten(codes),
            "layouts": list(layouts(shape_of(array), convention, _called(exercise, name, array)))
            if is_shown
            else None,
            "size": 0 if array is None else len(flatten(array)),
        }


def _likely(
    exercise: Exercise | None,
    answers: Mapping[str, Any],
    name: str,
    codes: Any,
    mistake: Mapping[str, Any],
) -> Mapping[str, Any] | None:
    """Return what a part's rule looks like with a mistake, and which entry shows it."""
    if exercise is None:
        return None
    code, title = mistake["code"], mistake["title"]
    rule = likely_rule(exercise, answers, part=name, entries=codes, code=code, title=title)
    if rule is None:
        return None
    if rule.own is None:
        return {"rule": rule, "entry": ""}
    names = _called(exercise, name, answers[name])
    return {"rule": rule, "entry": place(shape_of(answers[name]), rule.own.index, names)}


def _formulas(exercise: Exercise) -> Iterator[Equation | Paragraph]:
    """Yield what the question sheet says between the network and the givens."""
    before = takewhile(lambda block: block != Heading("Given"), statement(exercise))
    return (block for block in before if isinstance(block, (Equation, Paragraph)))


def _givens(exercise: Exercise) -> Iterator[Mapping[str, Any]]:
    for given in givens_of(exercise):
        shape, entries = shape_of(given.array), flatten(given.array)
        is_shown = len(entries) <= MOST_SHOWN
        yield {
            "name": given.name,
            "symbol": given.symbol,
            "words": words.shape(shape),
            "is_array": given.is_array,
            "entries": entries,
            "layouts": _layouts(exercise, given.name, shape) if is_shown else None,
        }


def _explained(exercise: Exercise, hints: Hints) -> Iterator[str]:
    """Yield what formulas have in them that is neither given nor asked."""
    if hints == "formulas" and exercise.derivation().stops:
        yield words.STOPS


def _parts(exercise: Exercise, *, hints: Hints) -> Iterator[Mapping[str, Any]]:
    places = places_by_part(exercise)
    for part in exercise.ask:
        names = names_of(exercise, part.name) if has_cells(part) else ()
        yield {
            "name": part.name,
            "symbol": blank(exercise, part).symbol,
            "formula": formula(exercise, part) if hints == "formulas" else None,
            "definition": definition(exercise, part),
            "points": part.points.text,
            "digits": digits_to_type(exercise, part),
            "place": places[part.name].css if part.name in places else "",
            "shape": part.shape,
            "words": words.shape(tuple(part.shape)),
            "layouts": _layouts(exercise, part.name, part.shape) if has_cells(part) else None,
            "entries": [place(part.shape, index, names) for index in range(prod(part.shape))]
            if has_cells(part)
            else [],
        }


def _called(exercise: Exercise | None, name: str, array: Any) -> Names:
    """Return what the entries of an answer are called, where it has the shape that was asked."""
    asked = [] if exercise is None else [part for part in exercise.ask if part.name == name]
    if exercise is None or not asked or tuple(asked[0].shape) != shape_of(array):
        return ()
    return names_of(exercise, name)


def _layouts(exercise: Exercise, name: str, shape: Sequence[int]) -> list[Layout]:
    return list(layouts(shape, exercise.vectors, names_of(exercise, name)))
