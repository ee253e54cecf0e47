import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from gradgrade.problems import ProblemSet
from tests.service.course_api.classroom import DENSE, EXERCISES, NAME, exercise, problem_set

PATH = f"/problem-sets/{NAME}"

SUMMARY = {
    "name": NAME,
    "title": "The first week",
    "version": 1,
    "due": None,
    "late_until": None,
    "late_penalty": 0.0,
    "attempts": None,
    "feedback": "diagnosis",
    "after_due": None,
    "solutions": "never",
    "practice": False,
    "exercises": [
        {"name": "one-layer", "title": "The exercise one-layer", "points": 10},
        {"name": "two-layers", "title": "The exercise two-layers", "points": 4},
    ],
}


def test_a_set_is_published_once(classroom):
    made = classroom.instructor.post("/problem-sets", problem_set())
    told = {"name": NAME, "version": 1, "holders": [], "public_grading": False, "warnings": []}
    assert (made.status, made.json) == (201, told)
    assert made.headers["location"] == f"/api/v1{PATH}"
    assert made.headers["etag"].startswith('"1-')
    assert classroom.instructor.get(PATH).headers["etag"] == made.headers["etag"]
    again = classroom.instructor.post("/problem-sets", problem_set())
    assert (again.status, again.headers["content-type"]) == (409, "application/problem+json")
    assert again.detail == f"there is a problem set {NAME!r} already"


def in_turn(ask, *request, **headers):
    """Ask, and again where others are before: what draws is done one at a time, and few wait."""
    while (reply := ask(*request, **headers)).status == 503:
        assert reply.headers["retry-after"] == "5"
        time.sleep(0.1)
    return reply


def test_of_many_who_publish_at_once_one_does(classroom):
    with ThreadPoolExecutor(16) as pool:
        asked = [
            pool.submit(in_turn, classroom.instructor.post, "/problem-sets", problem_set())
            for _ in range(16)
        ]
    assert sorted(each.result().status for each in asked) == [201] + [409] * 15


def test_staff_read_the_document_as_it_was_put(published):
    stated = ProblemSet.from_data(problem_set())
    for asker in (published.instructor, published.assistant):
        reply = asker.get(PATH)
        assert (reply.status, reply.headers["etag"][:3]) == (200, '"1-')
        assert ProblemSet.from_json(reply.body) == stated


def test_what_was_read_can_be_put_again_and_nothing_changes(published):
    document = published.instructor.get(PATH)
    again = published.instructor.put(PATH, document.body, If_Match=document.headers["etag"])
    assert (again.status, again.json["version"]) == (200, 1)


def test_students_and_ci_see_a_summary_alone(published):
    for asker in (published.students["s001"].asker, published.ci()):
        assert asker.get(PATH).json == SUMMARY
        assert asker.get("/problem-sets").json == [SUMMARY]
    assert published.instructor.get("/problem-sets").json == [SUMMARY]


def test_students_see_the_sets_that_they_work_and_ci_its_own(published):
    published.publish(name="week-2")
    assert published.students["s001"].asker.get("/problem-sets").json == [SUMMARY]
    assert published.ci().get("/problem-sets").json == [SUMMARY]
    assert [each["name"] for each in published.assistant.get("/problem-sets").json] == [
        "week-1",
        "week-2",
    ]
    for asker in (published.students["s001"].asker, published.ci()):
        assert asker.get("/problem-sets/week-2").status == 404


def test_what_is_known_is_not_sent_again(published):
    for asker in (published.instructor, published.students["s001"].asker):
        tag = asker.get(PATH).headers["etag"]
        reply = asker.get(PATH, If_None_Match=tag)
        assert (reply.status, reply.body, reply.headers["etag"]) == (304, b"", tag)


def test_an_extension_is_seen_by_its_student_alone_and_changes_their_tag(published):
    first, second = (published.students[each].asker for each in ("s001", "s002"))
    before = first.get(PATH)
    stated = {"due": "2031-05-01T12:00:00+00:00", "attempts": 9}
    published.instructor.put(f"{PATH}/students/s001/extension", stated)
    after = first.get(PATH, If_None_Match=before.headers["etag"])
    assert after.status == 200
    assert after.json == SUMMARY | stated
    assert first.get("/problem-sets").json == [SUMMARY | stated]
    assert second.get(PATH).json == SUMMARY
    assert published.instructor.get("/problem-sets").json == [SUMMARY]


def test_a_set_is_replaced_where_the_stated_version_stands(published):
    changed = problem_set(title="Another title")
    first = published.instructor.get(PATH).headers["etag"]
    stale = published.instructor.put(PATH, changed, If_Match='"2"')
    assert (stale.status, stale.detail) == (412, f"version {first[1:-1]} stands, not '2'")
    for other in ("nonsense", '""', f"W/{first}", '"1-0"', '"' + "1" * 5000 + '"', f'{first}, "2"'):
        assert published.instructor.put(PATH, changed, If_Match=other).status == 412
    done = published.instructor.put(PATH, changed, If_Match=first)
    second = done.headers["etag"]
    assert (done.status, done.json["version"], second[:3]) == (200, 2, '"2-')
    assert published.instructor.get(PATH).headers["etag"] == second
    assert published.instructor.put(PATH, changed, If_Match=first).status == 412
    again = published.instructor.put(PATH, changed, If_Match=second)
    assert (again.status, again.headers["etag"]) == (200, second)
    assert published.instructor.get(PATH).json["title"] == "Another title"
    assert published.instructor.put(PATH, problem_set(), If_Match='"1"').status == 412
    assert published.instructor.put(PATH, problem_set()).json["version"] == 3


def test_a_version_alone_may_be_stated(published):
    changed = problem_set(title="Another title")
    assert published.instructor.put(PATH, changed, If_Match='"1"').json["version"] == 2


def test_a_set_that_was_removed_and_put_anew_is_not_taken_for_the_old(classroom):
    old = classroom.instructor.post("/problem-sets", problem_set()).headers["etag"]
    classroom.instructor.delete(PATH)
    another = problem_set(title="Somebody else's")
    new = classroom.instructor.post("/problem-sets", another).headers["etag"]
    assert old != new
    mine = problem_set(title="Mine")
    assert classroom.instructor.put(PATH, mine, If_Match=old).status == 412
    assert classroom.instructor.get(PATH, If_None_Match=old).json["title"] == "Somebody else's"
    assert classroom.instructor.put(PATH, mine, If_Match=new).status == 200


def test_of_many_who_replace_a_set_at_once_all_do_and_versions_count_up(published):
    with ThreadPoolExecutor(8) as pool:
        asked = [
            pool.submit(
                in_turn, published.instructor.put, PATH, problem_set(title=f"Title {number}")
            )
            for number in range(8)
        ]
    replies = [each.result() for each in asked]
    assert {each.status for each in replies} == {200}
    assert sorted(each.json["version"] for each in replies) == list(range(2, 10))


def test_of_many_who_change_one_version_at_once_one_does(published):
    tag = published.instructor.get(PATH).headers["etag"]
    with ThreadPoolExecutor(8) as pool:
        asked = [
            pool.submit(
                in_turn,
                published.instructor.put,
                PATH,
                problem_set(title=f"Title {number}"),
                If_Match=tag,
            )
            for number in range(8)
        ]
    assert sorted(each.result().status for each in asked) == [200] + [412] * 7


@pytest.mark.parametrize("due", ["1970-01-01T00:00:00+00:00", "2999-12-31T23:59:59+00:00"])
def test_a_set_that_is_due_at_the_edge_of_time_can_be_read(classroom, due):
    classroom.publish(due=due)
    assert classroom.instructor.get(PATH).json["due"] == due
    assert classroom.instructor.get("/problem-sets").json[0]["due"] == due


def test_the_most_points_can_be_won(classroom):
    classroom.publish(exercises=[exercise("one-layer", points=1_000_000)])
    (student,) = classroom.enrol("s001")
    reply = student.submit()
    assert (reply.status, reply.json["score"]) == (201, 1_000_000)


def test_a_replaced_set_leaves_variants_where_they_are_and_tells_who_has_them(published):
    old = published.students["s001"].exercise()
    changed = problem_set()
    changed["exercises"][0]["optimizer"]["learning_rate"] = 0.5
    reply = published.instructor.put(PATH, changed)
    assert reply.json == {
        "name": NAME,
        "version": 2,
        "holders": [{"student": "s001", "exercise": EXERCISES[0], "version": 1}],
        "public_grading": False,
        "warnings": [],
    }
    assert published.students["s001"].exercise() == old
    assert published.students["s001"].submit().json["score"] == 10
    assert b'"learning_rate": 0.5' in published.students["s002"].exercise()
    held = published.instructor.get(f"{PATH}/variants").json
    assert [(each["student"], each["version"], each["is_current"]) for each in held] == [
        ("s001", 1, False),
        ("s002", 2, True),
    ]


def test_an_exercise_that_is_removed_from_a_set_stays_with_who_has_it(published):
    old = published.students["s001"].exercise(EXERCISES[1])
    published.instructor.put(PATH, problem_set(exercises=[exercise("one-layer")]))
    assert published.students["s001"].exercise(EXERCISES[1]) == old
    gone = published.students["s002"].asker.get(f"{PATH}/exercises/{EXERCISES[1]}")
    assert gone.status == 404


def test_a_set_is_removed_unless_somebody_has_submitted(published):
    published.publish(name="week-2")
    published.enrol("s001", of="week-2")
    published.students["s001"].exercise(of="week-2")
    assert published.instructor.delete("/problem-sets/week-2").status == 204
    assert published.instructor.get("/problem-sets/week-2").status == 404
    assert published.instructor.delete("/problem-sets/week-2").status == 404
    published.students["s001"].submit({"loss": 0.5})
    kept = published.instructor.delete(PATH)
    assert kept.status == 409
    assert kept.detail == f"{NAME!r} has submissions, which would be lost"
    assert published.instructor.get(PATH).status == 200


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"nme": "x"}, "problem-set: nme: there is no such field"),
        ({"name": "Week 1"}, "name"),
        ({"schema": "gradgrade/problem-set/2"}, "schema"),
        ({"due": "2026-12-01T23:59:00"}, "due"),
        ({"due": "0001-01-01T00:00:00+14:00"}, 'due: "0001-01-01T00:00:00+14:00": the year must'),
        ({"due": "9999-12-31T23:59:59-14:00"}, 'due: "9999-12-31T23:59:59-14:00": the year must'),
        ({"due": "1733011200"}, 'due: "1733011200" is no date and time'),
        ({"late_until": "2031-12-01T23:59:00Z"}, "late_until: there is no due"),
        (
            {"exercises": [exercise("a", points=30_000_000)]},
            "points: 30000000 is refused: it must be at most 1000000",
        ),
        ({"attempts": 0}, "attempts"),
        ({"attempts": 10**12}, "attempts"),
        ({"exercises": []}, "exercises"),
        ({"exercises": [exercise("a", ask=["dW7"])]}, '"dW7"'),
        ({"exercises": [exercise("a"), exercise("a")]}, '"a" is the name of exercise 1 too'),
    ],
)
def test_a_document_that_does_not_hold_is_refused_in_one_line(classroom, fields, said):
    for reply in (
        classroom.instructor.post("/problem-sets", problem_set() | fields),
        classroom.instructor.post("/previews", problem_set() | fields),
    ):
        assert reply.status == 422
        assert said in reply.detail
        assert "\n" not in reply.detail
        (fault,) = reply.json["faults"]
        assert reply.detail.endswith(fault["said"])
        assert set(fault) == {"pointer", "place", "field", "written", "said"}
    assert classroom.instructor.get("/problem-sets").json == []


def test_a_body_that_is_no_json_is_refused(published):
    for ask in (published.instructor.post, published.instructor.put):
        path = "/problem-sets" if ask == published.instructor.post else PATH
        assert ask(path, b"{").status == 400
        assert ask(path, b"[]").status == 422
        assert ask(path, b"{}", Content_Type="text/plain").status == 415


def test_the_name_in_the_path_and_in_the_document_are_one(published):
    reply = published.instructor.put(PATH, problem_set(name="week-2"))
    assert (reply.status, reply.detail) == (422, "name: 'week-2' is not 'week-1'")
    assert (
        published.instructor.put("/problem-sets/week-2", problem_set(name="week-2")).status == 404
    )


def test_a_list_comes_in_pages(classroom):
    for number in range(3):
        classroom.publish(name=f"week-{number}")
    path, names = "/problem-sets?limit=2", []
    while path:
        reply = classroom.instructor.get(path)
        names.append([each["name"] for each in reply.json])
        link = reply.headers.get("link", "")
        path = link.partition("/api/v1")[2].partition(">")[0]
    assert names == [["week-0", "week-1"], ["week-2"]]
    for wrong in ("limit=0", "limit=1001", "limit=x", "cursor=x", "page=2"):
        assert classroom.instructor.get(f"/problem-sets?{wrong}").status == 422


@pytest.mark.parametrize(
    "fields", [{"inputs": 1_000, "batch": 10}, {"inputs": 100, "iterations": 10}]
)
def test_an_exercise_too_large_to_draw_for_a_student_who_waits_is_refused_by_name(
    classroom, fields
):
    large = exercise("large", layers=[{**DENSE, "units": 100}], **fields)
    document = problem_set(exercises=[exercise("small"), large])
    reply = classroom.instructor.post("/problem-sets", document)
    assert reply.status == 422, reply.body
    assert "'large' is too large" in reply.detail
    assert re.search(r"its cost is \d{6,}, the most is 100000", reply.detail)
    assert classroom.instructor.get(f"/problem-sets/{NAME}").status == 404
    assert classroom.instructor.post("/problem-sets", problem_set()).status == 201
    assert classroom.instructor.put(f"/problem-sets/{NAME}", document).status == 422
