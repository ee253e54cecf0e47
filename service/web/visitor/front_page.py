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
from werkzeug.wrappers import Response

from gradgrade.service.bounds import COST_OF_EXHAUSTION
from gradgrade.service.contained import Contained, Exhausted
from gradgrade.service.http.limits import Limiter
from gradgrade.service.web.rendering import page
from gradgrade.service.web.student.shown import shown_try
from gradgrade.service.web.student.trying import LONGEST_SEED, Tried
from gradgrade.service.web.texts import gettext, in_language, spoken
from gradgrade.service.web.visitor.trying import tried

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
            said = gettext("what was typed is too long for this exercise")
            abort(HTTPStatus.REQUEST_URI_TOO_LONG, said)
        try:
            made = self.contained(in_language, spoken(), tried, seed, typed)
        except Exhausted:
            self.limiter.charge("grading", COST_OF_EXHAUSTION)
            said = gettext("there is too much to do: ask again in a minute")
            abort(HTTPStatus.SERVICE_UNAVAILABLE, said)
        self.limiter.charge("grading", made.cost)
        if made.verdict is not None:
            self.refuses(made.numbers)
        return _page(seed, made)


def _page(seed: str, made: Tried) -> Response:
    return page(
        "front.html",
        at="try",
        seed=seed,
        other_seed=secrets.token_hex(4),
        **shown_try(made),
    )
