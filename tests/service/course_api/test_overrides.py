"""An instructor states a student's points over HTTP; they hold whatever comes after."""

import pytest

from tests.service.course_api.classroom import EXERCISES, NAME, problem_set

SET = f"/problem-sets/{NAME}"
EXERCISE = EXERCISES[0]
PATH = f"{SET}/students/s001/exercises/{EXERCISE}/override"
STATED = {"points": 7.25, "comment": "Read by hand: the sign was copied wrongly."}


def score(room, student: str = "s001") -> dict | None:
    book = room.instructor.get(f"{SET}/gradebook").json
    return next(each for each in book["students"] if each["id"] == student)["exercises"][EXERCISE]


def test_what_is_stated_holds_until_it_is_withdrawn(published):
    student = published.students["s001"]
    student.submit({"loss": 0.5})
    graded = score(published)["score"]
    reply = published.instructor.put(PATH, STATED)
    assert reply.status == 200
    assert {name: reply.json[name] for name in STATED} == STATED
    assert score(published)["score"] == 7.25
    student.submit()
    assert published.instructor.post(f"{SET}/regrades", {"dry_run": False}).status == 201
    told = score(published)
    assert (told["score"], told["override"]) == (
        *(7.25,),
        {"comment": STATED["comment"], "graded": 10},
    )
    assert graded < 10
    progress = published.assistant.get(f"{SET}/progress").json["students"][0]["exercises"]
    assert progress[EXERCISE]["overridden"]
    assert progress[EXERCISE]["state"] == "handed_in"
    assert published.instructor.delete(PATH).status == 204
    assert (score(published)["score"], score(published)["override"]) == (10, None)
    assert published.instructor.delete(PATH).status == 404


def test_it_can_be_stated_where_nothing_was_handed_in(published):
    assert published.instructor.put(PATH, {"points": 10, "comment": "on paper"}).status == 200
    assert score(published)["score"] == 10
    assert score(published, "s002") is None
    progress = published.instructor.get(f"{SET}/progress").json["students"][0]["exercises"]
    assert progress[EXERCISE]["state"] == "full_marks"
    assert progress[EXERCISE]["attempts"] == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"points": 10.01}, "'one-layer' is worth 10"),
        ({"points": -1}, "points"),
        ({"points": 1.005}, "more than two decimals"),
        ({"points": None}, "points"),
        ({"points": "7"}, "points"),
        ({"comment": ""}, "comment: it is empty"),
        ({"comment": " \t"}, "comment"),
        ({"comment": "a\nb"}, "comment"),
        ({"comment": "a" * 1001}, "comment: it has more than 1000"),
        ({"comment": None}, "comment"),
        ({"more": 1}, "more"),
    ],
)
def test_what_cannot_be_stated_is_refused_and_changes_nothing(published, change, said):
    published.instructor.put(PATH, STATED)
    reply = published.instructor.put(PATH, STATED | change)
    assert reply.status == 422
    assert said in reply.detail
    assert score(published)["score"] == 7.25


def test_every_hundredth_is_kept(published):
    for points in (0, 0.29, 9.99, 10):
        reply = published.instructor.put(PATH, STATED | {"points": points})
        assert reply.json["points"] == points
        assert score(published)["score"] == points


@pytest.mark.parametrize(
    "path",
    [
        PATH.replace("s001", "s999"),
        PATH.replace(EXERCISE, "absent"),
        PATH.replace(NAME, "absent"),
    ],
)
def test_of_whom_or_what_is_not_there_nothing_is_stated(published, path):
    before = published.instructor.get("/audit-log").body
    for reply in (published.instructor.put(path, STATED), published.instructor.delete(path)):
        assert reply.status == 404
    assert published.instructor.get("/audit-log").body == before


def test_assistants_and_students_cannot(published):
    for asker in (published.assistant, published.students["s001"].asker):
        assert asker.put(PATH, STATED).status == 404
        assert asker.delete(PATH).status == 404
    assert score(published) is None


def test_every_change_is_in_the_log(published):
    published.instructor.put(PATH, STATED)
    published.instructor.put(PATH, STATED | {"points": 8})
    published.instructor.delete(PATH)
    log = published.instructor.get("/audit-log").json[-3:]
    assert [(each["action"], each["object"]) for each in log] == [
        ("score.overridden", f"{NAME}/s001"),
        ("score.overridden", f"{NAME}/s001"),
        ("score.override_withdrawn", f"{NAME}/s001"),
    ]
    comment = STATED["comment"]
    assert [each["detail"] for each in log] == [
        {"exercise": EXERCISE, "points": "7.25", "comment": comment, "before": None},
        {"exercise": EXERCISE, "points": "8", "comment": comment, "before": "7.25"},
        {"exercise": EXERCISE, "before": "8"},
    ]


def test_it_goes_with_the_set(published):
    published.instructor.put(PATH, STATED)
    assert published.instructor.delete(SET).status == 204
    published.publish()
    published.enrol("s001")
    assert score(published) is None


def test_a_set_that_is_worth_less_later_leaves_what_was_stated(published):
    published.instructor.put(PATH, STATED)
    smaller = problem_set()
    smaller["exercises"][0]["points"] = 5
    assert published.instructor.put(SET, smaller).status == 200
    assert score(published)["score"] == 7.25
    reply = published.instructor.put(PATH, STATED)
    assert "is worth 5" in reply.detail
