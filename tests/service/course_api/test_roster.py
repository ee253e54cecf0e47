from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from sqlalchemy import event

from gradgrade.service.course.backend import Backend
from gradgrade.service.course.people.courses import open_course
from gradgrade.service.course.people.roster import Student as Member
from gradgrade.service.course.people.roster import enrol
from tests.service.course_api.classroom import NAME

NOW = datetime(2030, 1, 1, tzinfo=UTC)

PATH = f"/problem-sets/{NAME}/students"


@pytest.fixture
def room(classroom):
    classroom.publish()
    return classroom


def test_who_is_new_gets_a_token_once(room):
    ada = {"id": "s001", "name": "Ada", "email": "ada@example.org"}
    made = room.instructor.post(PATH, [ada, {"id": "s002"}])
    assert made.status == 201
    assert [(each["id"], each["name"]) for each in made.json] == [("s001", "Ada"), ("s002", "")]
    for each in made.json:
        assert room.live.asker(each["token"]).get("/problem-sets").status == 200
    again = room.instructor.post(PATH, [{"id": "s001"}, {"id": "s003"}])
    assert again.json[0]["token"] is None
    assert again.json[1]["token"] is not None


def test_a_student_of_two_sets_has_one_token(room):
    room.publish(name="week-2")
    room.enrol("s001")
    again = room.instructor.post("/problem-sets/week-2/students", [{"id": "s001"}])
    (told,) = again.json
    assert told == {"id": "s001", "name": "", "token": None, "error": None, "warning": None}
    assert len(room.students["s001"].asker.get("/problem-sets").json) == 2


def test_staff_list_the_roster(room):
    room.instructor.post(PATH, [{"id": "s001", "name": "Ada", "email": "ada@example.org"}])
    room.instructor.post(PATH, [{"id": "s001", "name": "Ada L."}])
    room.instructor.post(PATH, [{"id": "s001"}])
    for asker in (room.instructor, room.assistant):
        assert asker.get(PATH).json == [
            {
                "id": "s001",
                "name": "Ada L.",
                "email": "ada@example.org",
                "due": None,
                "late_until": None,
                "attempts": None,
            }
        ]


def test_a_roster_comes_in_pages(room):
    room.enrol("a", "b", "c")
    first = room.instructor.get(f"{PATH}?limit=2")
    assert [each["id"] for each in first.json] == ["a", "b"]
    rest = first.headers["link"].partition("/api/v1")[2].partition(">")[0]
    assert [each["id"] for each in room.instructor.get(rest).json] == ["c"]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"id": ""}, "students[1]: id"),
        ({"id": "x" * 101}, "students[1]: id"),
        ({"id": " s1"}, "students[1]: id: ' s1' begins"),
        ({"id": ".."}, "students[1]: id: '..'"),
        ({"id": "2026/1"}, "students[1]: id: '2026/1'"),
        ({"id": "a\nb"}, "students[1]: id: 'a\\nb' has characters that cannot be printed"),
        ({"id": "a\x00b"}, "students[1]: id"),
        ({"id": 7}, "students[1]: id"),
        ({"id": None}, "students[1]: id"),
        ({}, "students[1]: id: this field is missing"),
        ({"id": "s2", "name": "A\u0085B"}, "students[1]: name"),
        ({"id": "a\u200db"}, "students[1]: id: 'a\\u200db' has characters that nobody sees"),
        ({"id": "a\u00a0b"}, "students[1]: id: 'a\\xa0b' has characters that nobody sees"),
        ({"id": "\u200e"}, "students[1]: id"),
        ({"id": "s2", "email": "x" * 321}, "students[1]: email"),
        ({"id": "s2", "mail": "x"}, "students[1]: mail: there is no such field"),
        ("s2", "students[1]"),
    ],
)
def test_a_bad_row_is_named_by_its_index_and_field_and_refuses_no_other(room, entry, said):
    reply = room.instructor.post(PATH, [{"id": "s1"}, entry, {"id": "s3"}])
    assert reply.status == 201
    first, refused, last = reply.json
    assert said in refused.pop("error")
    assert set(refused.values()) == {None}
    assert (first["error"], last["error"]) == (None, None)
    assert [each["id"] for each in room.instructor.get(PATH).json] == ["s1", "s3"]
    for each in (first, last):
        assert room.live.asker(each["token"]).get("/problem-sets").status == 200


def test_where_every_row_is_bad_nobody_is_enrolled_and_the_first_is_told(room):
    reply = room.instructor.post(PATH, [{"id": ""}, {"id": ".."}])
    assert reply.status == 422
    assert "students[0]: id" in reply.detail
    assert "\n" not in reply.detail
    assert room.instructor.get(PATH).json == []


def test_nobody_stands_twice_in_a_roster(room):
    first, _, third = room.instructor.post(PATH, [{"id": "s1"}, {"id": "s2"}, {"id": "s1"}]).json
    assert (first["error"], third["token"]) == (None, None)
    assert third["error"] == "students[2]: id: 's1' stands in students[0] too"


CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_a_file_is_taken_as_a_roster_and_each_of_its_rows_has_its_result(room):
    raw = "\ufeffStudent ID;Name\r\ns001;Ada\r\n\r\n1,23457E+11;Alan\r\ns003;\r\n".encode()
    reply = room.instructor.post(PATH, raw, Content_Type="text/csv; charset=utf-8")
    assert reply.status == 201
    assert [each["id"] for each in reply.json] == ["s001", None, "s003"]
    assert reply.json[1]["error"].startswith(
        "row 4, column Student ID: Excel has turned the id into 1,23457E+11; format the column"
    )
    assert [each["name"] for each in room.instructor.get(PATH).json] == ["Ada", ""]


@pytest.mark.parametrize(
    ("raw", "media_type", "status", "said"),
    [
        (b"%PDF-1.7", CSV, 422, "the file is a PDF"),
        (b"id\n", CSV, 422, "there are no students below row 1"),
        (b"id\n..\n", CSV, 422, "row 2, column id: the id '..'"),
        (b"id\n" + b"".join(b"%d\n" % each for each in range(5001)), CSV, 422, "at most 5000"),
        (b"PK\x03\x04", XLSX, 422, "the file is a broken archive"),
        (b"id\ns1\n", "text/plain", 415, "application/json"),
        (b"id\ns1\n", "text/csv; charset=latin-1", 415, "UTF-8 or UTF-16"),
    ],
)
def test_a_file_that_is_no_roster_is_refused_and_nobody_is_enrolled(
    room, raw, media_type, status, said
):
    reply = room.instructor.post(PATH, raw, Content_Type=media_type)
    assert reply.status == status
    assert said in reply.detail
    assert room.instructor.get(PATH).json == []


def test_what_the_interface_tells_of_students_is_a_roster_of_another_set(room):
    room.publish(name="week-2")
    other = "/problem-sets/week-2/students"
    room.instructor.post(PATH, [{"id": "s001", "name": "=Ada", "email": "a@x"}, {"id": "-s2"}])
    room.instructor.put(f"{PATH}/s001/extension", {"attempts": 3})
    listed = room.instructor.get(PATH).body
    first, second = room.instructor.post(other, listed).json
    assert first["warning"].startswith("attempts: a roster states no extension")
    assert (first["error"], second["error"], second["warning"]) == (None, None, None)
    expected = [("s001", "=Ada", "a@x"), ("-s2", "", "")]
    for form, media_type in [
        *(("json", "application/json"), ("csv", CSV)),
        *(("canvas", CSV), ("xlsx", XLSX)),
    ]:
        exported = room.instructor.get(f"/problem-sets/{NAME}/gradebook?format={form}").body
        reply = room.instructor.post(other, exported, Content_Type=media_type)
        assert reply.status == 201, reply.body
        assert sorted(each["id"] for each in reply.json) == ["-s2", "s001"], form
        there = room.instructor.get(other).json
        assert sorted((each["id"], each["name"], each["email"]) for each in there) == sorted(
            expected
        )


NAMES = [
    ("a0", "علی نیک\u200cپور"),
    ("a1", "ශ්\u200dරී"),
    ("a2", "र\u200dय"),
    ("a3", "Anna\u00a0Maria"),
    ("a4", "\u200eמשה"),
]


def test_names_of_the_world_are_kept_as_people_write_them(room):
    rows = [{"id": each, "name": name} for each, name in NAMES]
    made = room.instructor.post(PATH, rows).json
    assert [each["error"] for each in made] == [None] * len(NAMES)
    expected = [name.replace("\u200e", "") for _, name in NAMES]
    assert [each["name"] for each in made] == expected
    assert [each["name"] for each in room.instructor.get(PATH).json] == expected
    book = room.instructor.get(f"/problem-sets/{NAME}/gradebook?format=csv").body.decode()
    assert all(name in book for name in expected)


def test_ids_are_compared_in_nfc_without_marks_of_direction_and_by_case(room):
    decomposed = "Zoe\u0308"
    room.instructor.post(PATH, [{"id": decomposed}])
    again = room.instructor.post(
        PATH, [{"id": "Zo\u00eb"}, {"id": "\u200fZo\u00eb"}, {"id": "zo\u00eb"}]
    )
    known, twice, other = again.json
    assert (known["id"], known["token"]) == ("Zo\u00eb", None)
    assert "stands in students[0] too" in twice["error"]
    assert other["token"] is not None
    assert len(room.instructor.get(PATH).json) == 2
    path = f"/problem-sets/{NAME}/exercises/one-layer?student="
    written = [room.instructor.get(path + quote(each)) for each in (decomposed, "Zo\u00eb")]
    assert [each.status for each in written] == [200, 200]
    assert written[0].body == written[1].body
    address = f"{PATH}/{quote(decomposed)}/extension"
    assert room.instructor.put(address, {"attempts": 3}).status == 200


@pytest.mark.parametrize("alike", ["S001", "s0O1", "ѕ001", "ｓ001", "s00l"])
def test_who_may_be_confused_with_another_is_enrolled_and_warned_about(room, alike):
    first = room.instructor.post(PATH, [{"id": "s001"}]).json[0]
    assert first["warning"] is None
    made, unlike = room.instructor.post(PATH, [{"id": alike}, {"id": "s002"}]).json
    assert made["token"] is not None
    assert made["warning"] == f"the id {alike!r} looks like 's001': is it the same student?"
    assert unlike["warning"] is None
    # Who is known is not warned about at every change.
    assert room.instructor.post(PATH, [{"id": alike}]).json[0]["warning"] is None


def test_a_roster_has_at_most_five_thousand_students(room):
    reply = room.instructor.post(PATH, [{"id": f"s{number}"} for number in range(5001)])
    assert (reply.status, "5000" in reply.detail) == (422, True)
    assert room.instructor.post(PATH, {"id": "s1"}).status == 422


def test_ids_may_be_of_any_script_and_stand_in_paths(room):
    room.enrol("Zoë 7?&%")
    address = f"{PATH}/Zo%C3%AB%207%3F%26%25"
    assert room.instructor.put(f"{address}/extension", {"attempts": 3}).json["attempts"] == 3
    assert room.instructor.post(f"{address}/token").json["id"] == "Zoë 7?&%"


def test_an_extension_replaces_the_one_before(room):
    room.enrol("s001")
    path = f"{PATH}/s001/extension"
    stated = {"due": "2031-05-01T14:00:00+02:00", "late_until": "2031-05-02T12:00:00Z"}
    reply = room.instructor.put(path, stated)
    told = {
        "due": "2031-05-01T12:00:00+00:00",
        "late_until": "2031-05-02T12:00:00+00:00",
        "attempts": None,
    }
    assert (reply.status, reply.json) == (200, told)
    assert room.instructor.get(PATH).json[0].items() >= told.items()
    room.instructor.put(path, {"attempts": 2})
    cleared = {"due": None, "late_until": None, "attempts": 2}
    assert room.instructor.get(PATH).json[0].items() >= cleared.items()


@pytest.mark.parametrize(
    "stated",
    [
        {"due": "2031-05-01T12:00:00"},
        {"due": "2031-05-01"},
        {"due": "tomorrow"},
        {"due": 1700000000},
        {"due": "0001-01-01T00:00:00+14:00"},
        {"due": "9999-12-31T23:59:59-14:00"},
        {"due": "1970-01-01T00:00:00+14:00"},
        {"due": "2999-12-31T23:59:59-14:00"},
        {"due": "2031-05-02T00:00:00Z", "late_until": "2031-05-01T00:00:00Z"},
        {"attempts": 0},
        {"attempts": 1.5},
        {"attempts": 10**10},
        {"attempts": True},
        {"until": "2031-05-01T12:00:00Z"},
    ],
)
def test_an_extension_that_does_not_hold_is_refused(room, stated):
    room.enrol("s001")
    reply = room.instructor.put(f"{PATH}/s001/extension", stated)
    assert reply.status == 422
    assert room.instructor.get(PATH).json[0]["due"] is None


def test_who_is_not_on_the_roster_has_no_extension_and_no_token(room):
    room.publish(name="week-2")
    room.enrol("s001", of="week-2")
    for student in ("s001", "s999"):
        extension = room.instructor.put(f"{PATH}/{student}/extension", {})
        token = room.instructor.post(f"{PATH}/{student}/token")
        assert extension.status == token.status == 404
        assert token.detail == f"there is no student {student!r} on this roster"


def test_a_lost_token_is_replaced_and_the_old_one_is_worth_nothing(room):
    room.enrol("s001")
    old = room.students["s001"].asker
    reply = room.instructor.post(f"{PATH}/s001/token")
    assert (reply.status, reply.json["id"]) == (201, "s001")
    refused = old.get("/problem-sets")
    assert (refused.status, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert room.live.asker(reply.json["token"]).get("/problem-sets").status == 200


def test_a_token_that_has_expired_is_none(room):
    room.enrol("s001")
    room.instructor.post(f"{PATH}/s001/token")
    (kept,) = (
        each
        for each in room.instructor.get("/tokens").json
        if each["student"] == "s001" and each["revoked_at"] is None
    )
    room.live.set_clock(datetime(2031, 3, 1, 12, tzinfo=UTC))
    ends = {"role": "student", "student": "s001", "expires": "2031-03-01T13:00:00Z"}
    room.instructor.post("/tokens", ends)
    room.instructor.delete(f"/tokens/{kept['id']}")
    assert room.instructor.post(PATH, [{"id": "s001"}]).json[0]["token"] is None
    room.live.set_clock(datetime(2031, 3, 1, 13, tzinfo=UTC))
    text = room.instructor.post(PATH, [{"id": "s001"}]).json[0]["token"]
    assert room.live.asker(text).get("/problem-sets").status == 200


def test_a_roster_is_put_on_in_few_statements(room):
    def statements(*ids):
        with room.live.store.writing() as connection:
            actor = open_course(connection, room.course, now=NOW)
        counted = []

        def count(_, statement, *__):
            counted.append(statement)

        event.listen(room.live.store.engine, "before_execute", count)
        backend = Backend(store=room.live.store, secret=b"unused here", clock=lambda: NOW)
        made = enrol(backend, actor, NAME, [Member(id=each, name=each) for each in ids])
        event.remove(room.live.store.engine, "before_execute", count)
        assert [each.student.id for each in made] == list(ids)
        return len(counted), [each.token for each in made]

    few, _ = statements("s0")
    many, texts = statements(*(f"s{number}" for number in range(2000)))
    assert many <= few + 2
    assert texts[0] is None
    assert len(set(texts[1:])) == 1999
    again, none = statements(*(f"s{number}" for number in range(2000)))
    assert again <= few
    assert set(none) == {None}
    for number in (1, 1999):
        assert room.live.asker(texts[number]).get("/problem-sets").status == 200
    listed = room.instructor.get(f"{PATH}?limit=1000").json
    assert [each["id"] for each in listed] == [f"s{number}" for number in range(1000)]


def test_of_many_who_enrol_the_same_students_at_once_nobody_sees_a_fault(room):
    roster = [{"id": f"s{number}"} for number in range(5)]
    with ThreadPoolExecutor(12) as pool:
        asked = [pool.submit(room.instructor.post, PATH, roster) for _ in range(12)]
    replies = [each.result() for each in asked]
    assert {each.status for each in replies} <= {201, 409, 503}
    made = [entry for each in replies if each.status == 201 for entry in each.json]
    assert sum(entry["token"] is not None for entry in made) == 5
    assert len(room.instructor.get(PATH).json) == 5
