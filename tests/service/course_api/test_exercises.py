import pytest

from gradgrade.problems import Exercise, ExerciseError, ProblemSet, generate
from gradgrade.service.app import create_app
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.sets.issuable import check_issuable
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.migrate import migrate
from tests.service.course_api.classroom import EXERCISES, NAME, exercise, new_classroom, problem_set
from tests.service.course_api.live import SECRET

PATH = f"/problem-sets/{NAME}"
ONE = f"{PATH}/exercises/{EXERCISES[0]}"

HOPELESS = exercise("one-layer") | {
    "draw": {
        "inputs": {"low": 0, "high": 0, "step": 1},
        "targets": {"low": 0, "high": 0, "step": 1},
    },
    "given": {"W1": [[0, 0], [0, 0]], "b1": [0, 0]},
}


def test_a_variant_is_its_students_for_good(published):
    student = published.students["s001"]
    first = student.asker.get(ONE)
    assert (first.status, first.headers["content-type"]) == (200, "application/json")
    assert Exercise.from_json(first.body).name == EXERCISES[0]
    assert student.exercise() == first.body
    known = student.asker.get(ONE, If_None_Match=first.headers["etag"])
    assert (known.status, known.body) == (304, b"")


def test_staff_read_a_students_variant_and_must_say_whose(published):
    own = published.students["s001"].exercise()
    for asker in (published.instructor, published.assistant):
        assert asker.get(f"{ONE}?student=s001").body == own
        nobody = asker.get(ONE)
        assert nobody.status == 422
        assert nobody.detail == "student: say which student's variant, as ?student=ID"
        assert asker.get(f"{ONE}?student=s999").status == 404


def test_two_students_have_other_numbers_and_other_ids(published):
    first, second = (Exercise.from_json(each.exercise()) for each in published.students.values())
    assert first.id != second.id
    # Any one small array may be the same by chance: the course's name is drawn anew for every run.
    assert first.given != second.given


def test_numbers_follow_from_the_secret_and_not_from_the_order_of_fetching(classroom):
    classroom.publish()
    students = classroom.enrol("s001", "s002", "s003")
    document = ProblemSet.from_data(problem_set())
    for student in reversed(students):
        for name in EXERCISES:
            made, other = (
                generate(document, name, student=student.id, secret=secret, course=classroom.course)
                for secret in (SECRET.encode(), b"another secret")
            )
            assert student.exercise(name) == made.to_json().encode()
            assert (made.id, made.given) != (other.id, other.given)


def test_another_course_has_other_numbers_and_so_has_another_secret(live, tmp_path):
    found = {}
    for course in ("physics", "biology"):
        room = new_classroom(live, f"{course}-{live.port}")
        room.publish()
        (student,) = room.enrol("s001")
        found[course] = Exercise.from_json(student.exercise())
    assert found["physics"].id != found["biology"].id
    assert found["physics"].given != found["biology"].given

    store = open_store(f"sqlite:///{tmp_path / 'other.db'}")
    migrate(store)
    app = create_app(backend=Backend(store=store, secret=b"another secret"))
    with app.test_client() as client:
        room = new_classroom(_Unserved(store), f"physics-{live.port}")

        def ask(method, path, token, **body):
            headers = {"Authorization": f"Bearer {token}"}
            return client.open(f"/api/v1{path}", method=method, headers=headers, **body)

        token = room.instructor.token
        ask("POST", "/problem-sets", token, json=problem_set())
        made = ask("POST", f"{PATH}/students", token, json=[{"id": "s001"}])
        served = ask("GET", ONE, made.json[0]["token"])
    store.close()
    other = Exercise.from_json(served.data)
    assert other.id != found["physics"].id
    assert other.given != found["physics"].given


class _Unserved:
    """A database that no server of its own serves."""

    def __init__(self, store):
        self.store = store

    def asker(self, token):
        return type("Token", (), {"token": token})


def test_a_roster_is_given_its_variants_ahead(published):
    published.students["s001"].exercise()
    first = published.instructor.post(f"{PATH}/variants")
    assert (first.status, first.json) == (200, {"made": 3, "held": 1})
    assert published.instructor.post(f"{PATH}/variants").json == {"made": 0, "held": 4}
    held = published.assistant.get(f"{PATH}/variants").json
    assert sorted((each["student"], each["exercise"]) for each in held) == [
        (student, name) for student in ("s001", "s002") for name in EXERCISES
    ]
    own = Exercise.from_json(published.students["s002"].exercise())
    entry = next(
        each for each in held if (each["student"], each["exercise"]) == ("s002", EXERCISES[0])
    )
    assert entry.pop("pinned_at").endswith("+00:00")
    assert entry == {
        "student": "s002",
        "exercise": EXERCISES[0],
        "id": own.id,
        "version": 1,
        "is_current": True,
        "attempts": 0,
    }


def test_a_list_of_variants_comes_in_pages(published):
    published.instructor.post(f"{PATH}/variants")
    path, found = f"{PATH}/variants?limit=3", []
    while path:
        reply = published.instructor.get(path)
        found += [each["id"] for each in reply.json]
        path = reply.headers.get("link", "").partition("/api/v1")[2].partition(">")[0]
    assert len(found) == len(set(found)) == 4


def test_a_request_makes_no_more_variants_than_it_can(classroom):
    classroom.publish()
    classroom.enrol(*(f"s{number}" for number in range(151)))
    reply = classroom.instructor.post(f"{PATH}/variants")
    assert reply.status == 409
    assert "302 variants are missing" in reply.detail
    assert "`gradgrade pregenerate week-1`" in reply.detail
    assert classroom.instructor.get(f"{PATH}/variants").json == []


def test_of_large_exercises_a_request_makes_fewer(classroom):
    layers = [{"type": "dense", "units": 80, "activation": "tanh"}] * 3
    classroom.publish(exercises=[exercise("large", inputs=80, layers=layers, batch=5)])
    classroom.enrol(*(f"s{number}" for number in range(30)))
    reply = classroom.instructor.post(f"{PATH}/variants")
    assert reply.status == 409
    assert "30 variants are missing" in reply.detail
    assert classroom.instructor.get(f"{PATH}/variants").json == []


def test_a_set_with_an_exercise_that_no_student_can_open_is_not_published_and_told_why(classroom):
    hopeless = problem_set(exercises=[exercise("sound"), HOPELESS])
    refused = [classroom.instructor.post("/problem-sets", hopeless)]
    assert classroom.instructor.get(PATH).status == 404
    classroom.publish()
    refused.append(classroom.instructor.put(PATH, hopeless))
    assert classroom.instructor.get(PATH).headers["etag"].startswith('"1-')
    for each in refused:
        assert each.status == 422
        assert "'one-layer' cannot be issued: all of 1000 draws were rejected" in each.detail
        assert "\n" not in each.detail


def test_an_exercise_that_stands_is_not_tried_again_when_the_rest_is_changed():
    hopeless = problem_set(exercises=[HOPELESS, exercise("sound")])
    standing = ProblemSet.from_data(hopeless)
    other = hopeless | {"due": "2031-12-01T00:00:00Z"}
    other["exercises"] = [HOPELESS, exercise("sound", points=5)]
    check_issuable(ProblemSet.from_data(other), standing=standing)
    other["exercises"] = [HOPELESS | {"points": 5}, exercise("sound")]
    with pytest.raises(ExerciseError, match="'one-layer' cannot be issued"):
        check_issuable(ProblemSet.from_data(other), standing=standing)


def test_beside_a_course_anybody_tries_variants_of_the_catalogue_out(live):
    path = "/catalogue/first-steps/exercises/one-neuron?seed=monday"
    first, again = (live.asker(None).get(path) for _ in range(2))
    assert (first.status, first.body) == (200, again.body)
    assert live.asker(None).get(path.replace("monday", "tuesday")).json["id"] != first.json["id"]
    assert live.asker(None).post("/grade", {}).status == 404
