"""Conditional requests: a 304 for what is known, a 412 for what has changed."""

import pytest
from flask import Flask

from gradgrade.service.http.conditional import tagged
from gradgrade.service.http.respond import json_response
from tests.service.api.shelf import shelf_app

PATH = "/api/v1/books/one"
BOOK = {"title": "a", "pages": 1}


@pytest.fixture(scope="module")
def client():
    return shelf_app().test_client()


def _get(client, **headers):
    return client.get(PATH, headers={"Authorization": "Bearer student-1", **headers})


def _put(client, tag):
    headers = {"Authorization": "Bearer instructor-1"} | ({"If-Match": tag} if tag else {})
    return client.put(PATH, headers=headers, json=BOOK)


def test_a_reading_has_a_strong_etag(client):
    reply = _get(client)
    assert (reply.status_code, reply.headers["ETag"]) == (200, '"3"')


@pytest.mark.parametrize("tag", ['"3"', 'W/"3"', '"1", "3"', "*"])
def test_what_is_known_is_a_304_without_body(client, tag):
    reply = _get(client, **{"If-None-Match": tag})
    assert (reply.status_code, reply.data, reply.headers["ETag"]) == (304, b"", '"3"')
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("tag", ['"2"', '"33"', "", "nonsense,,"])
def test_what_is_not_known_is_sent(client, tag):
    assert _get(client, **{"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("tag", [None, '"3"', "*"])
def test_what_is_as_expected_is_changed_and_has_another_etag(client, tag):
    reply = _put(client, tag)
    assert (reply.status_code, reply.headers["ETag"]) == (200, '"4"')


@pytest.mark.parametrize(
    "tag", ['"2"', 'W/"3"', '"1", "3"', "", '""', '"three"', '"٣"', '"-3"', '"' + "3" * 5000 + '"']
)
def test_what_is_not_as_expected_is_a_412(client, tag):
    headers = {"Authorization": "Bearer instructor-1", "If-Match": tag.encode().decode("latin-1")}
    reply = client.put(PATH, headers=headers, json=BOOK)
    assert (reply.status_code, reply.content_type) == (412, "application/problem+json")
    assert len(reply.json["detail"]) < 200


def test_without_a_version_the_body_tells():
    app = Flask("tags")
    with app.test_request_context():
        tags = [tagged(json_response(data)).headers["ETag"] for data in ([1], [1], [2])]
    assert tags[0] == tags[1] != tags[2]
    with app.test_request_context(headers={"If-None-Match": tags[0]}):
        assert tagged(json_response([1])).status_code == 304
        assert tagged(json_response([2])).status_code == 200


def test_a_304_is_only_of_a_reading(client):
    headers = {"Authorization": "Bearer instructor-1", "If-None-Match": '"4"'}
    assert client.put(PATH, headers=headers, json=BOOK).status_code == 200
