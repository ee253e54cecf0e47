"""The page of the interface: complete, linked within itself, and without a script."""

import re
from html.parser import HTMLParser

import pytest

from gradgrade.service.api.docs_page import render
from gradgrade.service.app import create_app
from tests.service.api.shelf import shelf_app


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.links, self.text = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "a":
            self.links.append(attributes["href"])

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module", params=[create_app, shelf_app], ids=["stateless", "shelf"])
def client(request):
    return request.param().test_client()


@pytest.fixture
def page(client):
    return Page(client.get("/docs").text)


def test_the_page_lists_every_operation_and_every_schema(client, page):
    document = client.get("/openapi.json").json
    text = " ".join(page.text)
    for path, item in document["paths"].items():
        assert path in text
        for operation in item.values():
            assert operation["operationId"] in page.ids
            assert operation["summary"] in text
    assert {f"schema-{name}" for name in document["components"]["schemas"]} <= set(page.ids)


def test_every_link_leads_somewhere_and_no_id_is_twice(client, page):
    assert len(page.ids) == len(set(page.ids))
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids
        else:
            assert client.get(f"/{link}").status_code == 200


def test_nothing_on_the_page_runs_or_comes_from_elsewhere(client, page):
    assert "script" not in {tag for tag, _ in page.tags}
    for _, attributes in page.tags:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
    sources = [attributes["href"] for tag, attributes in page.tags if tag == "link"]
    assert sources == ["docs/style.css"]
    reply = client.get("/docs/style.css")
    assert (reply.status_code, reply.content_type) == (200, "text/css; charset=utf-8")
    assert "url(" not in reply.text
    assert "@import" not in reply.text


def test_the_policy_of_the_page_allows_its_style_alone(client):
    policy = client.get("/docs").headers["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "style-src 'self'" in policy
    assert not [each for each in policy if "unsafe" in each or "script" in each]


def test_what_stands_in_the_document_is_text_on_the_page():
    document = shelf_app().test_client().get("/openapi.json").json
    nasty = "<script>alert(1)</script>"
    document["paths"]["/api/v1/books"]["get"]["summary"] = nasty
    document["components"]["schemas"]["Book"]["description"] = nasty
    document["components"]["schemas"]["Book"]["properties"]["title"]["default"] = nasty
    text = render(document)
    assert "<script" not in text
    assert text.count("&lt;script&gt;") >= 3


def test_who_may_ask_is_on_the_page():
    text = re.sub(r"\s+", " ", shelf_app().test_client().get("/docs").text)
    assert "Instructors and students may ask." in text
    assert "Instructors, assistants, students and CI jobs may ask." in text
