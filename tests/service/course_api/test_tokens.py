from datetime import UTC, datetime, timedelta

import pytest

from tests.service.course_api.classroom import NAME

MOMENT = datetime(2031, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "reads"),
    [
        ({"role": "instructor"}, "/tokens"),
        ({"role": "assistant"}, f"/problem-sets/{NAME}/students"),
        ({"role": "student", "student": "s001"}, "/problem-sets"),
        ({"role": "ci", "problem_set": NAME}, "/problem-sets"),
    ],
)
def test_a_token_of_every_role_can_be_made(published, wanted, reads):
    made = published.instructor.post("/tokens", wanted)
    assert made.status == 201
    text, identity = made.json["token"], made.json["id"]
    assert text.startswith("gg_")
    unset = {"student": None, "problem_set": None, "expires": None}
    assert made.json == {"id": identity, "token": text, **unset, **wanted}
    asker = published.live.asker(text)
    assert asker.get(reads).status == 200
    listed = published.instructor.get("/tokens")
    (entry,) = (each for each in listed.json if each["id"] == identity)
    assert entry.pop("created_at").endswith("+00:00")
    assert entry == {"id": identity, **unset, "revoked_at": None, **wanted}
    assert text.encode() not in listed.body
    assert published.instructor.delete(f"/tokens/{identity}").status == 204
    assert asker.get(reads).status == 401
    assert published.instructor.delete(f"/tokens/{identity}").status == 204


def test_a_token_ends_when_it_was_said_to(published):
    published.live.set_clock(MOMENT)
    wanted = {"role": "assistant", "expires": "2031-03-01T14:00:00+01:00"}
    made = published.instructor.post("/tokens", wanted).json
    assert made["expires"] == "2031-03-01T13:00:00+00:00"
    asker = published.live.asker(made["token"])
    published.live.set_clock(MOMENT + timedelta(minutes=59))
    assert asker.get("/problem-sets").status == 200
    published.live.set_clock(MOMENT + timedelta(minutes=60))
    reply = asker.get("/problem-sets")
    assert (reply.status, reply.detail) == (401, "the token has expired")


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({}, 422),
        ({"role": "root"}, 422),
        ({"role": "student"}, 422),
        ({"role": "assistant", "student": "s001"}, 422),
        ({"role": "ci"}, 422),
        ({"role": "instructor", "problem_set": NAME}, 422),
        ({"role": "student", "student": "s999"}, 404),
        ({"role": "student", "student": "a\x00"}, 422),
        ({"role": "ci", "problem_set": "absent"}, 404),
        ({"role": "assistant", "expires": "2020-01-01T00:00:00Z"}, 422),
        ({"role": "assistant", "expires": "2031-01-01T00:00:00"}, 422),
        ({"role": "assistant", "expires": "9999-12-31T23:59:59-14:00"}, 422),
        ({"role": "assistant", "expires": "0001-01-01T00:00:00+14:00"}, 422),
        ({"role": "assistant", "expires": "2999-12-31T23:59:59-14:00"}, 422),
        ({"role": "assistant", "token": "gg_mine"}, 422),
    ],
)
def test_a_token_that_makes_no_sense_is_refused(published, wanted, status):
    before = len(published.instructor.get("/tokens").json)
    reply = published.instructor.post("/tokens", wanted)
    assert reply.status == status
    assert "\n" not in reply.detail
    assert len(published.instructor.get("/tokens").json) == before


@pytest.mark.parametrize("token", ["0", "-1", "x", "9" * 18, "9" * 40, "1.0", "%D9%A1"])
def test_a_token_that_is_not_there_cannot_be_revoked(published, token):
    assert published.instructor.delete(f"/tokens/{token}").status == 404


@pytest.mark.parametrize("token", [None, "", "gg_nobodys", "x" * 5000, "\xff"])
def test_without_a_token_of_ours_nothing_is_told(published, token):
    reply = published.live.asker(token).get(f"/problem-sets/{NAME}")
    assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
    assert NAME not in reply.detail


def test_tokens_are_listed_in_pages(published):
    total = len(published.instructor.get("/tokens").json)
    first = published.instructor.get(f"/tokens?limit={total - 1}")
    rest = first.headers["link"].partition("/api/v1")[2].partition(">")[0]
    assert len(published.instructor.get(rest).json) == 1
