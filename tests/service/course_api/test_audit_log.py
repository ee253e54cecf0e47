from tests.service.course_api.classroom import NAME, problem_set

PATH = f"/problem-sets/{NAME}"


def test_every_change_is_told_with_who_made_it(published):
    published.instructor.put(PATH, problem_set(title="Another title"))
    published.instructor.put(f"{PATH}/students/s001/extension", {"attempts": 7})
    published.instructor.post(f"{PATH}/students/s001/token")
    published.instructor.post(f"{PATH}/variants")
    made = published.instructor.post("/tokens", {"role": "assistant"}).json
    published.instructor.delete(f"/tokens/{made['id']}")
    published.publish(name="week-2")
    published.instructor.delete("/problem-sets/week-2")
    log = published.instructor.get("/audit-log")
    told = [(each["action"], each["object"]) for each in log.json if each["token"] is not None]
    assert [each for each in told if each[0] != "token.created"] == [
        ("problem_set.published", NAME),
        ("students.enrolled", NAME),
        ("problem_set.replaced", NAME),
        ("student.extended", f"{NAME}/s001"),
        ("student.token_replaced", "s001"),
        ("variants.pregenerated", NAME),
        ("token.revoked", str(made["id"])),
        ("problem_set.published", "week-2"),
        ("problem_set.removed", "week-2"),
    ]
    own = {each["token"] for each in log.json} - {None}
    assert len(own) == 1
    assert b"gg_" not in log.body
    extended = next(each for each in log.json if each["action"] == "student.extended")
    assert extended["detail"] == {"due": None, "late_until": None, "attempts": "7"}
    assert extended["at"].endswith("+00:00")


def test_an_enrolment_is_one_change_that_tells_the_tokens_it_made(published):
    before = len(published.instructor.get("/audit-log").json)
    wanted = [{"id": "s002"}, {"id": "s003"}, {"id": "s004"}]
    published.instructor.post(f"{PATH}/students", wanted)
    (told,) = published.instructor.get("/audit-log").json[before:]
    numbers = {
        each["student"]: each["id"]
        for each in published.instructor.get("/tokens").json
        if each["student"] in ("s003", "s004")
    }
    assert (told["action"], told["object"]) == ("students.enrolled", NAME)
    assert told["detail"] == {"students": ["s002", "s003", "s004"], "tokens": numbers}


def test_a_replaced_token_is_told_with_its_student_and_those_that_it_revoked(published):
    wanted = {"role": "student", "student": "s001"}
    another = published.instructor.post("/tokens", wanted).json["id"]
    tokens = published.instructor.get("/tokens").json
    old = [each["id"] for each in tokens if each["student"] == "s001"]
    assert another in old
    assert len(old) == 2
    published.instructor.post(f"{PATH}/students/s001/token")
    new = published.instructor.get("/tokens").json[-1]["id"]
    told = published.instructor.get("/audit-log").json[-1]
    assert (told["action"], told["object"]) == ("student.token_replaced", "s001")
    assert told["detail"] == {"token": new, "revoked": old}


def test_what_is_refused_is_no_change(published):
    before = published.instructor.get("/audit-log").body
    published.instructor.put(PATH, problem_set(), If_Match='"9"')
    published.instructor.delete("/problem-sets/absent")
    published.instructor.put(f"{PATH}/students/s999/extension", {})
    published.instructor.post("/tokens", {"role": "ci", "problem_set": "absent"})
    assert published.instructor.get("/audit-log").body == before


def test_the_log_comes_in_pages(published):
    total = len(published.instructor.get("/audit-log").json)
    path, found = "/audit-log?limit=2", []
    while path:
        reply = published.instructor.get(path)
        found += [each["id"] for each in reply.json]
        path = reply.headers.get("link", "").partition("/api/v1")[2].partition(">")[0]
    assert len(found) == len(set(found)) == total
    assert found == sorted(found)
