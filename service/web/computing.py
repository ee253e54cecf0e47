"""Computing for whoever is signed in: contained, a piece at a time, and counted by its cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from werkzeug.exceptions import ServiceUnavailable

from gradgrade.service.bounds import COST_OF_EXHAUSTION
from gradgrade.service.contained import Contained, Exhausted
from gradgrade.service.course.actor import Actor
from gradgrade.service.http.limits import Limiter
from gradgrade.service.turns import RETRY_SECONDS, Occupied, Turns
from gradgrade.service.web.texts import gettext, in_language, spoken

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Computing:
    """Whoever computes what pages show.

    Args:
        contained: works, and is ended where it takes too much.
        turns: keep threads free for those who hand in.
        limiter: counts the cost together with what the API computes.
    """

    contained: Contained
    turns: Turns
    limiter: Limiter

    def count(self, actor: Actor, cost: int) -> None:
        """Count so much work towards what somebody may have computed.

        Raises:
            HTTPException: 429, they have had too much.
        """
        self.limiter.spend("grading", token=actor.token)
        self.limiter.charge("grading", cost, token=actor.token)

    def __call__(
        self,
        actor: Actor,
        function: Callable[Arguments, Result],
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Result:
        """Return what a function returns, in another process, its texts in the language of pages.

        Raises:
            HTTPException: 503, others are before, or it takes too much.
        """
        try:
            with self.turns.taken():
                return self.contained(in_language, spoken(), function, *arguments, **named)
        except Occupied:
            detail = gettext("others are being computed for: ask again in a few seconds")
        except Exhausted:
            self.limiter.charge("grading", COST_OF_EXHAUSTION, token=actor.token)
            detail = gettext("this takes too long to compute while somebody waits")
        raise ServiceUnavailable(detail, retry_after=RETRY_SECONDS)
