from datetime import UTC, datetime, timedelta

import pytest

from tests.service.course_api.classroom import NAME, right

DUE = datetime(2031, 3, 1, 12, tzinfo=UTC)


def wrong_sign(student):
    """Answers of which the loss is right, the delta has the wrong sign, and the rest follows."""
    answers = right(student.exercise())
    answers["delta1"] = [[-entry for entry in row] for row in answers["delta1"]]
    answers["dW1"] = [[-entry for entry in row] for row in answers["dW1"]]
    return answers


def handed_in(classroom, **fields):
    classroom.publish(**fields)
    (student,) = classroom.enrol("s001")
    told = student.submit(wrong_sign(student)).json
    read = student.asker.get(f"/submissions/{told['submission']}").json
    assert read["verdict"] == told["verdict"]
    return student, told


def diagnosed(verdict):
    parts = {part["name"]: part for part in verdict["parts"]}
    return (
        verdict["first_error"] == "delta1"
        and parts["delta1"]["entries"] == [["sign"], ["sign"]]
        and bool(parts["delta1"]["misconceptions"])
        and parts["dW1"]["outcome"] == "carried_forward"
    )


def test_diagnosis_tells_all(classroom):
    _, told = handed_in(classroom, feedback="diagnosis")
    assert diagnosed(told["verdict"])


def test_parts_tell_which_are_right_and_nothing_of_why(classroom):
    _, told = handed_in(classroom, feedback="parts")
    verdict = told["verdict"]
    assert set(verdict) == {
        *("schema", "exercise", "grader", "outcome", "score", "max_score", "first_error", "parts")
    }
    assert (verdict["outcome"], verdict["first_error"]) == ("partial", None)
    assert [(part["name"], part["outcome"], part["note"]) for part in verdict["parts"]] == [
        ("loss", "correct", "correct"),
        ("delta1", "incorrect", "wrong_entries"),
        ("dW1", "carried_forward", "carried_forward"),
    ]
    for part in verdict["parts"]:
        assert (part["entries"], part["misconceptions"]) == (None, [])
        assert part["feedback"] in {
            "This is right.",
            "This is not right.",
            "Wrong, but rightly derived from your own earlier values.",
        }


def test_score_tells_points_alone(classroom):
    _, told = handed_in(classroom, feedback="score")
    verdict = told["verdict"]
    assert (verdict["outcome"], verdict["parts"], verdict["first_error"]) == ("partial", [], None)
    assert verdict["score"] == told["score"]
    assert "sign" not in str(told)


@pytest.mark.parametrize("feedback", ["score", "parts"])
def test_staff_see_all_whatever_students_are_told(classroom, feedback):
    _, told = handed_in(classroom, feedback=feedback)
    for asker in (classroom.instructor, classroom.assistant):
        assert diagnosed(asker.get(f"/submissions/{told['submission']}").json["verdict"])


def test_after_a_students_own_deadline_more_may_be_told(classroom):
    classroom.live.set_clock(DUE - timedelta(days=1))
    late_until = DUE + timedelta(days=1)
    student, told = handed_in(
        classroom,
        feedback="score",
        after_due="diagnosis",
        due=DUE.isoformat(),
        late_until=late_until.isoformat(),
    )
    path = f"/submissions/{told['submission']}"

    def told_at(moment):
        classroom.live.set_clock(moment)
        return student.asker.get(path).json["verdict"]

    # As long as late work is taken, what is told now could still be used.
    assert told_at(late_until)["parts"] == []
    assert diagnosed(told_at(late_until + timedelta(microseconds=1)))
    extension = {"late_until": (late_until + timedelta(days=5)).isoformat()}
    classroom.instructor.put(f"/problem-sets/{NAME}/students/s001/extension", extension)
    assert told_at(late_until + timedelta(days=4))["parts"] == []
    assert diagnosed(told_at(late_until + timedelta(days=6)))


def test_after_a_deadline_less_may_be_told(classroom):
    classroom.live.set_clock(DUE)
    student, told = handed_in(
        classroom, feedback="diagnosis", after_due="score", due=DUE.isoformat()
    )
    classroom.live.set_clock(DUE + timedelta(days=1))
    read = student.asker.get(f"/submissions/{told['submission']}").json
    assert (read["verdict"]["parts"], read["verdict"]["first_error"]) == ([], None)
