"""Guides: the pages of documentation that a server shows, as HTML, and what a search finds in them.

They are those of `docs/`, which a checkout has at its top and an installed package beside its code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urljoin

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

SHELVES: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "For students": ("pages", "answers", "grading", "misconceptions", "student-code"),
        "For instructors": (
            *("problem-sets", "programs", "scripts", "catalogue", "gates", "worksheets"),
            *("course", "gradebook", "regrading"),
        ),
        "For scripts and CI jobs": ("client", "results"),
        "For whoever asks what a grade rests on": ("proof", "evidence", "security"),
        "For whoever keeps a server": ("operations", "sandbox", "promises"),
    }
)
"""What is served, for whom; all other pages are read where the source is."""

ELSEWHERE = "https://github.com/gradgrade/gradgrade/blob/main/docs/"
PICTURES: Mapping[str, str] = MappingProxyType({".svg": "image/svg+xml", ".webp": "image/webp"})
"""The pictures of pages, by how their names end, and their media types."""

FOLDER = "images"
"""Where pictures stand that are not beside the pages."""

MOST_FOUND = 40
SNIPPET = 160

_NO_ANCHOR = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What stands under a heading.

    Args:
        anchor: its id in the page.
        title: the heading.
        text: what stands under it, as plain text.
    """

    anchor: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """A page.

    Args:
        name: what its address ends with.
        title: its heading.
        html: all that is under that.
        sections: the same as text, for a search.
    """

    name: str
    title: str
    html: Markup
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A section in which all that was searched for occurs.

    Args:
        guide: the page.
        section: the section.
        before: the text before the first word that was found.
        match: the word, as it is written there.
        after: the text behind it.
    """

    guide: Guide
    section: Section
    before: str
    match: str
    after: str


def read_guide(name: str) -> Guide | None:
    """Return a guide; None: there is none of this name.

    >>> read_guide("grading").title
    'Grading'
    """
    return _read(name) if any(name in shelf for shelf in SHELVES.values()) else None


def shelves() -> dict[str, list[Guide]]:
    """Return all guides, by whom they are for."""
    return {title: [_read(name) for name in names] for title, names in SHELVES.items()}


def read_picture(name: str, *, folder: str = "") -> tuple[bytes, str] | None:
    """Return a picture that guides show, and its media type; None: there is none of this name.

    Args:
        name: of its file.
        folder: `FOLDER`; empty where it stands beside the pages.
    """
    place = _docs().joinpath(folder) if folder else _docs()
    media_type = PICTURES.get(Path(name).suffix)
    if media_type is None or name not in {each.name for each in place.iterdir()}:
        return None
    return place.joinpath(name).read_bytes(), media_type


def search(query: str) -> list[Found]:
    """Return the sections in which every word of a query occurs, those first that it heads.

    >>> found = search("carried forward")
    >>> found[0].match.lower()
    'carried'
    """
    words = query.lower().split()
    if not words:
        return []
    found = [
        (sum(word in section.title.lower() for word in words), guide, section)
        for guides in shelves().values()
        for guide in guides
        for section in guide.sections
        if all(word in f"{section.title} {section.text}".lower() for word in words)
    ]
    found.sort(key=lambda each: -each[0])
    return [_shown(guide, section, words[0]) for _, guide, section in found[:MOST_FOUND]]


def _shown(guide: Guide, section: Section, word: str) -> Found:
    text = section.text
    at = max(0, text.lower().find(word))
    start = max(0, at - SNIPPET // 2)
    return Found(
        guide=guide,
        section=section,
        before=("…" if start else "") + text[start:at],
        match=text[at : at + len(word)],
        after=text[at + len(word) : at + SNIPPET],
    )


@lru_cache(maxsize=32)
def _read(name: str) -> Guide:
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")
    tokens = parser.parse(_docs().joinpath(f"{name}.md").read_text("utf-8"))
    title, *body = _split_title(tokens)
    for token in body:
        _adapt(token, name)
    sections = tuple(_sections(title, body))
    return Guide(
        name=name,
        title=title,
        html=Markup(parser.renderer.render(body, parser.options, {})),
        sections=sections,
    )


class _Renderer(RendererHTML):
    """Writes pages; what may be too wide for a window scrolls by itself."""

    def table_open(self, tokens: Sequence[Token], idx: int, *_: Any) -> str:
        number = sum(each.type == "table_open" for each in tokens[: idx + 1])
        frame = f'<div class="wide" tabindex="0" role="region" aria-label="Table {number}">'
        return f'{frame}<table class="list">\n'

    def table_close(self, *_: Any) -> str:
        return "</table></div>\n"

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write text; a line of a table's cell can end in no other way than by `<br>`."""
        return super().text(tokens, idx, options, env).replace("&lt;br&gt;", "<br>")

    def fence(self, tokens: Sequence[Token], idx: int, *_: Any) -> str:
        return f'<pre tabindex="0"><code>{escape(tokens[idx].content)}</code></pre>\n'


def _docs() -> Traversable:
    """Return the folder of the pages: in the package where it is installed, else the checkout's."""
    installed = files("gradgrade").joinpath("docs")
    return installed if installed.is_dir() else Path(__file__).resolve().parents[2] / "docs"


def _split_title(tokens: Sequence[Token]) -> tuple[str, *tuple[Token, ...]]:
    opening, text, closing, *body = tokens
    assert (opening.type, opening.tag, closing.type) == ("heading_open", "h1", "heading_close")
    return (_plain(text), *body)


def _plain(token: Token) -> str:
    return "".join(
        " " if each.type in ("softbreak", "hardbreak") else each.content
        for each in token.children or ()
    )


def anchor(title: str) -> str:
    """Return the id of a heading, as its links have it.

    >>> anchor("What students do: `POST`")
    'what-students-do-post'
    """
    return _NO_ANCHOR.sub("", title.lower()).strip().replace(" ", "-")


def _adapt(token: Token, name: str) -> None:
    """Have links and pictures lead to what is served."""
    for each in token.children or ():
        if each.type == "link_open":
            each.attrSet("href", _address(str(each.attrGet("href")), name))
        elif each.type == "image":
            each.attrSet("src", f"/guides/{each.attrGet('src')}")


def _address(link: str, name: str) -> str:
    """Return where a link of a page leads: to a page that is served, or to the source."""
    page, hash_sign, place = link.partition("#")
    if "://" in page or not page:
        return link
    wanted = page.removesuffix(".md")
    if page.endswith(".md") and any(wanted in shelf for shelf in SHELVES.values()):
        return f"/guides/{wanted}{hash_sign}{place}"
    return urljoin(ELSEWHERE, link)


def _sections(title: str, body: Sequence[Token]) -> Iterator[Section]:
    """Yield the sections of a page, and give its headings ids."""
    heading: str = title
    text: list[str] = []
    tokens = iter(body)
    for token in tokens:
        if token.type == "heading_open":
            yield Section(anchor=anchor(heading), title=heading, text=" ".join(text))
            following = next(tokens)
            heading, text = _plain(following), []
            token.attrSet("id", anchor(heading))
        elif token.type == "inline":
            text.append(_plain(token))
        elif token.type in ("fence", "code_block"):
            text.append(" ".join(token.content.split()))
    yield Section(anchor=anchor(heading), title=heading, text=" ".join(text))
