"""Pages: every entry once, in order, whatever their size; no cursor but one of ours."""

import re
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradgrade.service.api.paging import cursor_after, last_of
from tests.service.api.shelf import MANY, shelf_app

PATH = "/api/v1/books"
HEADERS = {"Authorization": "Bearer student-1"}
LINK = re.compile(r'<(/api/v1/[^<>]*)>; rel="next"')


@pytest.fixture(scope="module")
def client():
    return shelf_app().test_client()


def _pages(client, address):
    while address:
        reply = client.get(address, headers=HEADERS)
        assert reply.status_code == 200
        yield reply.json
        link = reply.headers.get("Link")
        address = link and LINK.fullmatch(link)[1]


@given(limit=st.integers(1, 2 * MANY))
def test_the_pages_together_are_the_list(client, limit):
    pages = list(_pages(client, f"{PATH}?limit={limit}"))
    assert [each["pages"] for page in pages for each in page] == list(range(1, MANY + 1))
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert 0 < len(pages[-1]) <= limit


def test_a_page_has_a_hundred_unless_it_is_said(client):
    assert len(client.get(PATH, headers=HEADERS).json) == 100


def test_the_link_keeps_the_other_parameters(client):
    reply = client.get(f"{PATH}?language=de&pages=5", headers=HEADERS)
    address = LINK.fullmatch(reply.headers["Link"])[1]
    assert parse_qs(urlsplit(address).query) == {
        "language": ["de"],
        "pages": ["5"],
        "cursor": [cursor_after(100)],
        "limit": ["100"],
    }


def test_the_last_page_has_no_link(client):
    reply = client.get(f"{PATH}?limit=1000", headers=HEADERS)
    assert len(reply.json) == MANY
    assert "Link" not in reply.headers


@given(st.integers(0, 10**18 - 1))
def test_a_cursor_reads_back(last):
    assert last_of(cursor_after(last)) == last


@given(st.integers(0, 10**18 - 1), st.integers(0, 30), st.characters())
def test_a_cursor_with_a_character_changed_is_another_or_none(last, place, character):
    cursor = cursor_after(last)
    changed = cursor[:place] + character + cursor[place + 1 :]
    if changed != cursor:
        with suppress(ValueError):
            assert last_of(changed) != last


@pytest.mark.parametrize(
    "cursor", ["", "x", "MTI=", "LTE", "MDE", "4pyT", "MTI\n", "A" * 25, "A" * 5000, "2aE", "MS41"]
)
def test_what_is_no_cursor_of_ours_is_a_422(client, cursor):
    reply = client.get(PATH, query_string={"cursor": cursor}, headers=HEADERS)
    assert (reply.status_code, reply.content_type) == (422, "application/problem+json")
    assert "cursor" in reply.json["detail"]
    assert len(reply.json["detail"]) < 300
