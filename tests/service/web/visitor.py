"""Whoever visits the pages: a browser without a screen, which keeps its cookies."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import pytest

from gradgrade.oracle.nested import flatten
from tests.service.course_api.classroom import EXERCISES, NAME
from tests.service.course_api.live import Asker

one_database = pytest.mark.parametrize("server", ["SQLite"], indirect=True)
"""For what is refused before a database is asked."""

EXERCISE = f"/sets/{NAME}/{EXERCISES[0]}"
FORM = "application/x-www-form-urlencoded"
VOID = {"input", "meta", "link", "br"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.open: list[Element] = []

    def handle_starttag(self, tag, attributes):
        element = Element(tag, {name: value or "" for name, value in attributes})
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attributes):
        self.elements.append(Element(tag, dict(attributes)))

    def handle_endtag(self, tag):
        while self.open and self.open.pop().tag != tag:
            pass

    def handle_data(self, data):
        for element in self.open:
            element.text += data


@dataclass(frozen=True)
class Page:
    status: int
    headers: dict[str, str]
    source: str
    elements: list[Element] = field(repr=False)

    @classmethod
    def read(cls, status: int, headers: dict[str, str], source: str) -> Page:
        """Read a reply; its headers have small letters."""
        reader = _Reader()
        if headers.get("content-type", "").startswith("text/html"):
            reader.feed(source)
        return cls(status, headers, source, reader.elements)

    def all(self, tag: str) -> list[Element]:
        return [each for each in self.elements if each.tag == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(each.text for each in self.all("main")).split())

    @property
    def fields(self) -> dict[str, str]:
        """What a browser would send with the form in the page's main part."""
        inputs = {
            each.attributes["name"]: each.attributes.get("value", "")
            for each in self.all("input")
            if "name" in each.attributes
        }
        # A browser drops the line break that a text begins with.
        texts = {
            each.attributes["name"]: each.text.removeprefix("\n") for each in self.all("textarea")
        }
        return inputs | texts

    @property
    def location(self) -> str:
        return self.headers["location"]


@dataclass
class Visitor:
    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, asker: Asker) -> Visitor:
        """Sign in with somebody's token."""
        visitor = cls(asker.port)
        signed_in = visitor.sign_in(asker.token)
        assert signed_in.status == 303, signed_in.source
        return visitor

    def ask(self, method: str, path: str, body=None, **headers: str) -> Page:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            named["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, named)
            response = connection.getresponse()
            source = response.read().decode()
            found = {name.lower(): value for name, value in response.getheaders()}
        finally:
            connection.close()
        for name, morsel in SimpleCookie(found.get("set-cookie", "")).items():
            self.cookies[name] = morsel.value
        return Page.read(response.status, found, source)

    def get(self, path: str) -> Page:
        return self.ask("GET", path)

    @staticmethod
    def encoded(fields: dict[str, str]) -> str:
        return urlencode(fields, errors="replace")

    def post(self, path: str, fields: dict[str, str]) -> Page:
        return self.ask("POST", path, self.encoded(fields), Content_Type=FORM)

    def upload(self, path: str, fields: dict[str, str], file: bytes) -> Page:
        """Send a form with a file, as a browser does."""
        parts = [(f'name="{field}"', text.encode()) for field, text in fields.items()]
        parts.append(('name="upload"; filename="answers.txt"', file))
        body = b"".join(
            f"--edge\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + each + b"\r\n"
            for head, each in parts
        )
        kind = "multipart/form-data; boundary=edge"
        return self.ask("POST", path, body + b"--edge--\r\n", Content_Type=kind)

    def fill_in(self, path: str, **fields: str) -> Page:
        """Load a page, change fields of its form, and send it."""
        page = self.get(path)
        return self.post(path, page.fields | fields)

    def sign_in(self, token: str, **fields: str) -> Page:
        return self.post("/sign-in", self.get("/sign-in").fields | {"token": token} | fields)


def boxes(answers: dict[str, object]) -> dict[str, str]:
    """What is typed into the boxes to give these answers, which are in the order of `ask`."""
    return {
        f"entry-{number}-{index}": repr(entry)
        for number, answer in enumerate(answers.values())
        for index, entry in enumerate(flatten(answer))
    }
