"""What the server is told, for instructors to read: a file or the environment changes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.wrappers import Response

from gradgrade.service.settings import PREFIX, Settings
from gradgrade.service.web.rendering import page
from gradgrade.service.web.texts import gettext as _
from gradgrade.service.web.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A setting.

    Args:
        name: as the file has it.
        variable: as the environment has it.
        value: as it is.
        meaning: what it does.
        is_default: whether nobody stated it.
    """

    name: str
    variable: str
    value: str
    meaning: str
    is_default: bool


def show_server_settings(visit: Visit) -> Response:
    """Answer with the settings that matter to a course, and how each is changed."""
    settings = visit.settings
    return page(
        "server_settings.html",
        at="settings",
        told=[
            Told(
                name=name,
                variable=PREFIX + name.upper(),
                value=_written(getattr(settings, name)),
                meaning=meaning,
                is_default=getattr(settings, name) == Settings.model_fields[name].default,
            )
            for name, meaning in _meanings().items()
        ],
    )


def _written(value: object) -> str:
    if value is None:
        return "–"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _meanings() -> Mapping[str, str]:
    """Return what settings mean that matter to a course: no secret, and no address inside."""
    return {
        "course": _(
            "The name of the course. Variants depend on it: students’ numbers change with it."
        ),
        "language": _("The language of these pages, where there is a translation."),
        "public_grading": _(
            "Whether anybody may have answers graded without a token, through the interface. "
            "It gives away whether numbers are right, without an attempt."
        ),
        "submission_rate": _("How often a student may hand in."),
        "general_rate": _(
            "How often whoever has a token, or an address without one, may ask for anything."
        ),
        "failed_token_rate": _(
            "How often an address may send a token that is nobody’s. A class behind one address "
            "may need more."
        ),
        "grading_rate": _(
            "How much may be computed for an address without a token, or for a program, in units "
            "of cost: an ordinary exercise has 200 to 3,500."
        ),
        "most_bytes": _("The longest body that is read, of a form, a file or a request."),
        "received_header": _(
            "The header in which the proxy before the server states when it had a request; without "
            "one, work counts as received when the server had it."
        ),
        "proxies": _(
            "How many proxies stand before the server. With too high a number, clients choose the "
            "address under which they are counted."
        ),
        "threads": _("How many requests a process works on at once."),
        "log_level": _("The least that is logged."),
    }
