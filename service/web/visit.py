"""Visit: what a page's view is given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gradgrade.service.course.actor import Actor
from gradgrade.service.course.backend import Backend
from gradgrade.service.http.limits import Limiter
from gradgrade.service.settings import Settings
from gradgrade.service.turns import Turns
from gradgrade.service.web.computing import Computing


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request of somebody who is signed in.

    Args:
        backend: what every operation of the core works on.
        limiter: counts who asks.
        actor: who asks.
        received_at: when the request came, before anything was done about it.
        settings: what the server is told.
        computing: whoever computes what pages show.
        previews: whose turn it is to have a set previewed.
    """

    backend: Backend
    limiter: Limiter
    actor: Actor
    received_at: datetime
    settings: Settings
    computing: Computing
    previews: Turns
