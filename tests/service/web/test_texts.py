"""What pages say stands where it can be translated, and is shown in the language that is set."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import Environment, nodes

from gradgrade.service.app import create_app
from gradgrade.service.contained import Process
from gradgrade.service.settings import Settings
from gradgrade.service.web import texts
from gradgrade.service.web.rendering import _templates
from gradgrade.service.web.texts import LOCALES

ROOT = Path(__file__).parents[3]
TEMPLATES = sorted((Path(texts.__file__).parent / "templates").glob("*.html"))
READ_ALOUD = ("alt", "aria-description", "aria-label", "placeholder", "title")
NOT_LANGUAGE = ("code", "kbd", "pre", "script", "style")
NAMES = {"gradgrade", "gradgrade:"}


class Words(HTMLParser):
    """Collects what readers are told."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.said += [value for name, value in attrs if name in READ_ALOUD and value]
        if tag in NOT_LANGUAGE:
            self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in NOT_LANGUAGE:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if not self._within:
            self.said.append(data)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_everything_a_template_says_can_be_translated(template: Path) -> None:
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(template.read_text())
    parser = Words()
    # What is filled in has no words here: whoever made it is asked elsewhere.
    parser.feed("0".join(each.data for each in tree.find_all(nodes.TemplateData)))
    words = [each for text in parser.said for each in text.split() if any(map(str.isalpha, each))]
    assert [each for each in words if each not in NAMES] == []


def in_german(app: Flask, locales: Path, **said: str) -> FlaskClient:
    """Whoever visits an application whose pages say this, by what they say in English."""
    german = Catalog(locale="de")
    for english, text in said.items():
        german.add(english, text)
    folder = locales / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "pages.mo").open("wb") as file:
        write_mo(file, german)
    texts.register(app, "de", locales=locales)
    return app.test_client()


def test_a_page_is_shown_in_the_language_that_is_set(tmp_path: Path) -> None:
    app = create_app(settings=Settings(language="de"))
    page = in_german(app, tmp_path, Guides="Anleitungen").get("/guides").text
    assert '<html lang="de"' in page
    assert "Anleitungen" in page


def test_a_try_is_refused_in_the_language_of_the_page_though_another_process_reads_it(
    tmp_path: Path,
) -> None:
    english = "filled in entry by entry too: answer it in one place"
    app = create_app(settings=Settings(language="de"), contained=Process())
    visitor = in_german(app, tmp_path, **{english: "auch einzeln ausgefüllt"})
    page = visitor.get("/?seed=1&entry-0-0=1&text-0=1").text
    assert "auch einzeln ausgefüllt" in page
    assert english not in page


def test_without_a_translation_a_page_is_shown_in_english() -> None:
    page = create_app(settings=Settings(language="eo")).test_client().get("/guides").text
    assert "Guides" in page


def test_numbers_take_the_form_that_a_language_gives_them() -> None:
    with Flask(__name__).app_context():
        assert texts.ngettext("%(num)s part", "%(num)s parts", 1) == "1 part"
        assert texts.ngettext("%(num)s part", "%(num)s parts", 3) == "3 parts"
        assert texts.gettext("100 % of it") == "100 % of it"
        assert texts.gettext("%(name)s's", name="Ada") == "Ada's"


def test_a_template_fills_in_the_form_that_a_number_asks_for() -> None:
    text = (
        "{% trans n=n, name=name %}{{ name }}: {{ n }} part"
        "{% pluralize n %}{{ name }}: {{ n }} parts{% endtrans %}"
    )
    with Flask(__name__).app_context():
        template = _templates().from_string(text)
        assert template.render(n=1, name="dW1") == "dW1: 1 part"
        assert template.render(n=3, name="100 %") == "100 %: 3 parts"


def test_the_gathered_texts_are_those_of_the_pages(tmp_path: Path) -> None:
    fresh = tmp_path / "pages.pot"
    options = ["--no-location", "--sort-output", "--omit-header", "--add-comments", "Translators:"]
    mapping = ["--mapping", str(ROOT / "pyproject.toml")]
    CommandLineInterface().run(
        [
            "pybabel",
            "-q",
            "extract",
            *mapping,
            *options,
            "--output",
            str(fresh),
            str(ROOT / "service/web"),
        ]
    )
    with fresh.open() as made, (LOCALES / "pages.pot").open() as kept:
        assert {each.id for each in read_po(kept)} == {each.id for each in read_po(made)}, (
            "run `make texts`"
        )
