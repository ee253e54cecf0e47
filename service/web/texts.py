"""Texts: what pages say, by way of gettext, so that a course can be shown in another language.

Texts stand in English where they are shown, marked with `gettext`, `ngettext` or `{% trans %}`;
`make texts` gathers them in `locale/pages.pot`, from which a translation is made. Formulas, the
words of worksheets and what verdicts explain come from `gradgrade.problems`, in English. Outside of
an application, texts are English too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from gettext import NullTranslations, translation
from pathlib import Path
from typing import ParamSpec, TypeVar

from flask import Flask, current_app, has_app_context

LOCALES = Path(__file__).parent / "locale"
"""Where `LANGUAGE/LC_MESSAGES/pages.mo` lies for each language that there is."""

ENGLISH = "en"

_EXTENSION = "gradgrade-texts"

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Spoken:
    """The language that pages are shown in; it can cross to another process.

    Args:
        tag: of the language, as gettext writes it.
        locales: the folder with the translations.
    """

    tag: str = ENGLISH
    locales: Path = LOCALES


def register(app: Flask, language: str = ENGLISH, *, locales: Path = LOCALES) -> None:
    """Show an application's pages in a language.

    Args:
        app: the application.
        language: its tag as gettext writes it, such as `de` or `pt_BR`; where there is no
            translation, or none of a text, English is shown.
        locales: the folder with the translations.
    """
    texts = translation("pages", locales, languages=[language], fallback=True)
    app.extensions[_EXTENSION] = (Spoken(language, locales), texts)


def language() -> str:
    """Return the language of the application at work, as HTML writes it."""
    return spoken().tag.replace("_", "-")


def spoken() -> Spoken:
    """Return the language of the application at work."""
    return _registered()[0]


def in_language(
    language: Spoken,
    function: Callable[Arguments, Result],
    /,
    *arguments: Arguments.args,
    **named: Arguments.kwargs,
) -> Result:
    """Return what a function returns, its texts in a language: for a process that works for a page.

    >>> in_language(Spoken("eo"), language)
    'eo'
    """
    app = Flask(__name__)
    register(app, language.tag, locales=language.locales)
    with app.app_context():
        return function(*arguments, **named)


def gettext(message: str, /, **values: object) -> str:
    """Return a text in the application's language.

    Args:
        message: in English, with places such as `%(name)s` for the values.
        values: what stands in these places.
    """
    text = _registered()[1].gettext(message)
    return text % values if values else text


def ngettext(one: str, many: str, count: int, /, **values: object) -> str:
    """Return the form of a text that a number asks for; `%(num)s` stands for the number."""
    return form_for(one, many, count) % {"num": count, **values}


def form_for(one: str, many: str, count: int) -> str:
    """Return the form of a text that a number asks for as it is: a template fills it in itself."""
    return _registered()[1].ngettext(one, many, count)


def _registered() -> tuple[Spoken, NullTranslations]:
    english = (Spoken(), NullTranslations())
    if not has_app_context():
        return english
    registered: tuple[Spoken, NullTranslations] = current_app.extensions.get(_EXTENSION, english)
    return registered
