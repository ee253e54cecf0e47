"""The playground: a small network whose numbers one changes, and what becomes of all others.

The numbers are in the address, so that it needs neither session nor script. With a script sliders
ask for the same page, and put what it shows in the place of what is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from flask import abort, redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from gradgrade.oracle.derivation.formulas.expression import Named
from gradgrade.problems.documents.exercise import NetworkExercise
from gradgrade.problems.documents.text import LONGEST_QUOTED
from gradgrade.problems.drawing.draw import draw_values
from gradgrade.problems.drawing.networks.entries import entry_names, place_of_given
from gradgrade.problems.drawing.networks.wording import title
from gradgrade.problems.drawing.text import plain, symbol_of
from gradgrade.service.http.limits import Limiter
from gradgrade.service.web.rendering import page
from gradgrade.service.web.texts import gettext
from gradgrade.service.web.visitor import playing
from gradgrade.service.web.visitor.playing import NETWORKS, Chosen, Played

LONGEST_TYPED = 4_000
FIRST_SHOWN = "dW1"
"""The part whose formula is shown where none is chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Playground:
    """The playground.

    Args:
        limiter: counts who asks.
        refuses: raises where somebody holds these numbers; see `refuse_held`.
    """

    limiter: Limiter
    refuses: Callable[[bytes], None]

    def show(self) -> Response:
        """Answer with a network and the numbers of an address, or lead to those after a step."""
        self.limiter.spend("grading")
        if sum(map(len, request.args.values())) > LONGEST_TYPED:
            said = gettext("what was typed is too long for this network")
            abort(HTTPStatus.REQUEST_URI_TOO_LONG, said)
        first = next(iter(NETWORKS))
        named = request.args.get("network") or first
        is_there = named in NETWORKS
        # Of a network that there is not, neither numbers nor parts are those of another.
        network, asked = (named, request.args) if is_there else (first, dict[str, str]())
        chosen = playing.choose(network, asked)
        played = None
        if not chosen.faults:
            self.limiter.charge("grading", playing.cost(network))
            played = playing.play(chosen.exercise)
            for numbers in played.digests:
                self.refuses(numbers)
        part = asked.get("part", FIRST_SHOWN)
        if played is not None and "step" in asked:
            after = {"network": network, "part": part, **played.after}
            return redirect(f"/playground?{urlencode(after)}", HTTPStatus.SEE_OTHER)
        unknown = "" if is_there else named[:LONGEST_QUOTED]
        return _page(network, chosen, played, part=part, unknown=unknown)


def _page(
    network: str, chosen: Chosen, played: Played | None, *, part: str, unknown: str
) -> Response:
    exercise = chosen.exercise
    steps = () if played is None else played.steps
    return page(
        "playground.html",
        at="playground",
        status=HTTPStatus.NOT_FOUND if unknown else HTTPStatus.OK,
        unknown=unknown,
        networks={name: title(playing.started(name)) for name in NETWORKS},
        network=network,
        arrays=list(_arrays(exercise)),
        chosen=chosen,
        played=played,
        drawing="" if played is None else _drawn(exercise, played),
        part=part,
        shown=next((step for step in steps if step.name == part), None),
        names=[
            (str(step.name), plain(symbol_of(step.name))) for step in exercise.derivation().steps
        ],
        rate=playing.RATE,
        most=playing.MOST,
        most_rate=playing.MOST_RATE,
        decimals=playing.DECIMALS,
    )


def _arrays(exercise: NetworkExercise) -> Iterator[Mapping[str, Any]]:
    """Yield what is given, array by array, with the fields of its entries and what these are."""
    for name, given in exercise.derivation().given.items():
        if name in exercise.given:
            yield {
                "name": name,
                "symbol": Named(given.name),
                "place": place_of_given(given).css,
                "entries": [
                    (playing.field_name(name, index), entry)
                    for index, entry in enumerate(entry_names(exercise, given))
                ],
            }


def _drawn(exercise: NetworkExercise, played: Played) -> Markup:
    wide = draw_values(exercise, played.numerals, key="network")
    turned = draw_values(exercise, played.numerals, key="network-turned", is_turned=True)
    return Markup(wide + turned)
