"""The front page of whoever is not signed in: what this is, and an exercise to try at once.

A try is in the address, so that it needs neither session nor script, and can be shown to somebody.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from flask import abort, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from gradgrade.problems import Exercise
from gradgrade.problems.worksheet import words
from gradgrade.service.bounds import COST_OF_EXHAUSTION
from gradgrade.service.contained import Contained, Exhausted
from gradgrade.service.http.limits import Limiter
from gradgrade.service.web.rendering import page
from gradgrade.service.web.student.drawings import drawn_with, marks_told
from gradgrade.service.web.student.forms import JSON_FIELD, field_name
from gradgrade.service.web.student.layout import place
from gradgrade.service.web.student.shown import shown, told_parts
from gradgrade.service.web.student.trying import Tried
from gradgrade.service.web.visitor.trying import tried

LONGEST_SEED = 32
LONGEST_TYPED = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPage:
    """The front page.

    Args:
        contained: whoever draws and grades.
        limiter: counts who asks.
        clock: tells the day, whose exercise is shown first.
        refuses: raises where somebody holds these numbers; see `refuse_held`.
    """

    contained: Contained
    limiter: Limiter
    clock: Callable[[], datetime]
    refuses: Callable[[bytes], None]

    def show(self) -> Response:
        """Answer with the exercise of an address, and with what became of answers in it."""
        self.limiter.spend("grading")
        seed = request.args.get("seed", "")[:LONGEST_SEED] or f"{self.clock():%Y-%m-%d}"
        typed = {name: text for name, text in request.args.items() if name != "seed"}
        if sum(map(len, typed.values())) > LONGEST_TYPED:
            abort(HTTPStatus.REQUEST_URI_TOO_LONG, "what was typed is too long for this exercise")
        try:
            made = self.contained(tried, seed, typed)
        except Exhausted:
            self.limiter.charge("grading", COST_OF_EXHAUSTION)
            abort(HTTPStatus.SERVICE_UNAVAILABLE, "there is too much to do: ask again in a minute")
        self.limiter.charge("grading", made.cost)
        if made.verdict is not None:
            self.refuses(made.numbers)
        return _page(seed, made)


def _page(seed: str, made: Tried) -> Response:
    exercise = Exercise.from_json(made.exercise)
    verdict, sheet = made.verdict, made.sheet
    told = () if verdict is None else told_parts(verdict, sheet.answers, exercise.convention)
    return page(
        "front.html",
        at="try",
        title=words.title(exercise),
        **shown(exercise),
        drawing=drawn_with(exercise, () if verdict is None else marks_told(exercise, verdict)),
        seed=seed,
        other_seed=secrets.token_hex(4),
        sheet=sheet,
        verdict=verdict,
        told={each["name"]: each for each in told},
        # Made by our own writer of formulas, from an exercise of the catalogue.
        solution=Markup(made.solution),
        json_field=JSON_FIELD,
        field_name=field_name,
        place=place,
    )
