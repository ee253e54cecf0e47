"""Statistics count students and their mistakes, whatever the number of attempts."""

import json
import tracemalloc

import pytest
from sqlalchemy import delete, insert

from gradgrade.problems import DocumentError
from gradgrade.service.course.grades.figures import Reached, summarize
from gradgrade.service.course.grades.statistics import gather_statistics
from gradgrade.service.course.grades.statistics_document import Statistics
from gradgrade.service.store.schema import enrolments, submissions, verdicts
from tests.service.course.grades.gradebook_rows import NOW, new_course, verdict_on
from tests.service.store.databases import KINDS


@pytest.fixture(params=KINDS)
def course(request, tmp_path):
    with new_course(request.param, tmp_path, one=10, two=2.5) as course:
        yield course


def of(course):
    return gather_statistics(course.connection, course.problem_set)


def exercise_one(course):
    return of(course).exercises[0]


def part(course, name):
    return next(each for each in exercise_one(course).parts if each.name == name)


def test_a_set_without_submissions_has_no_means(course):
    course.enrol("s1")
    found = of(course)
    assert (found.problem_set, found.title) == ("week-3", "Week 3")
    assert found.figures.students == 1
    assert found.figures.submitted == found.figures.attempts == 0
    assert found.figures.mean is found.figures.median is found.figures.late is None
    assert found.figures.histogram == [0] * 10
    assert [each.name for each in found.exercises] == ["one", "two"]
    assert found.exercises[0].parts == []


def test_a_set_without_students_can_be_counted(course):
    assert of(course).figures.students == 0


def test_figures_are_of_the_attempts_that_count(course):
    ada, alan, _ = course.enrol("ada"), course.enrol("alan"), course.enrol("absent")
    course.hand_in(ada, "one", 200, attempt=1)
    course.hand_in(ada, "one", 1000, attempt=2, is_late=True)
    course.hand_in(alan, "one", 500)
    course.hand_in(alan, "two", 250)
    found = of(course)
    one, two = (each.figures for each in found.exercises)
    assert (one.students, one.submitted, one.attempts, one.mean_attempts) == (3, 2, 3, 1.5)
    assert (one.max_score, one.mean, one.median) == (10, 7.5, 7.5)
    assert one.histogram == [0, 0, 0, 0, 0, 1, 0, 0, 0, 1]
    assert (one.full_marks, one.late) == (1, 0.5)
    assert (two.submitted, two.mean, two.full_marks, two.late) == (1, 2.5, 1, 0)
    whole = found.figures
    assert (whole.submitted, whole.attempts, whole.max_score) == (2, 4, 12.5)
    assert (whole.mean, whole.full_marks, whole.late) == (8.75, 0, 0.5)


def test_invalid_submissions_are_not_counted(course):
    bad = verdict_on({"dW1": (0, ["wrong"])}, first_error="dW1")
    course.hand_in(course.enrol("s1"), "one", 0, attempt=None, verdict=bad)
    found = exercise_one(course)
    assert (found.figures.submitted, found.first_errors, found.parts) == (0, [], [])


def test_a_first_error_counts_once_a_student(course):
    ada, alan = course.enrol("ada"), course.enrol("alan")
    for attempt in (1, 2, 3):
        verdict = verdict_on({}, first_error="delta2")
        course.hand_in(ada, "one", 0, attempt=attempt, verdict=verdict)
    course.hand_in(ada, "one", 0, attempt=4, verdict=verdict_on({}, first_error="dW1"))
    course.hand_in(alan, "one", 0, verdict=verdict_on({}, first_error="delta2"))
    counts = [(each.quantity, each.students) for each in exercise_one(course).first_errors]
    assert counts == [("delta2", 2), ("dW1", 1)]


def test_a_misconception_counts_once_a_student_and_part(course):
    ada, alan = course.enrol("ada"), course.enrol("alan")
    parts = {"dW1": (0, ["sign"]), "db1": (0, ["sign"])}
    both = verdict_on(parts, misconceptions={"dW1": ["sign", "mean"], "db1": ["sign"]})
    for attempt in (1, 2):
        course.hand_in(ada, "one", 0, attempt=attempt, verdict=both)
    other = verdict_on(parts, misconceptions={"dW1": ["mean", "sign"]})
    course.hand_in(alan, "one", 0, verdict=other)

    def counts(found):
        return [(each.code, each.first, each.named) for each in found.misconceptions]

    assert counts(part(course, "dW1")) == [("mean", 1, 2), ("sign", 1, 2)]
    assert counts(part(course, "db1")) == [("sign", 1, 1)]
    assert counts(exercise_one(course)) == [("sign", 2, 3), ("mean", 1, 2)]
    assert counts(of(course)) == [("sign", 2, 3), ("mean", 1, 2)]
    assert of(course).misconceptions[0].title == "Sign"


def test_attempts_to_full_marks_are_counted_up_to_the_first(course):
    ada, alan, eve = (course.enrol(each) for each in ("ada", "alan", "eve"))
    wrong, fully = verdict_on({"dW1": (0, ["sign"])}), verdict_on({"dW1": (5, ["ok"])})
    for attempt, verdict in enumerate((wrong, fully, fully), 1):
        course.hand_in(ada, "one", 0, attempt=attempt, verdict=verdict)
    course.hand_in(alan, "one", 0, verdict=fully)
    course.hand_in(eve, "one", 0, verdict=wrong)
    assert exercise_one(course).attempts_to_full_marks == [1, 1]


def test_mistakes_are_counted_by_the_day_on_which_they_came(course):
    ada = course.enrol("ada")
    parts = {"dW1": (0, ["sign"]), "db1": (0, ["sign"])}
    both = verdict_on(parts, misconceptions={"dW1": ["sign", "mean"], "db1": ["sign"]})
    for attempt in (1, 2):
        course.hand_in(ada, "one", 0, attempt=attempt, verdict=both)
    (day,) = exercise_one(course).days
    assert (day.day, day.attempts, day.misconceptions) == ("2026-11-01", 2, {"sign": 4})


def test_entry_codes_count_the_entries_of_all_attempts(course):
    student = course.enrol("s1")
    first = verdict_on({"dW1": (0, [["ok", "sign"], ["sign", "sign"]]), "loss": (0, "wrong")})
    second = verdict_on({"dW1": (5, [["ok", "ok"], ["ok", "ok"]]), "loss": (0, None)})
    course.hand_in(student, "one", 0, attempt=1, verdict=first)
    course.hand_in(student, "one", 500, attempt=2, verdict=second)
    assert part(course, "dW1").entry_codes == {"ok": 5, "sign": 3}
    assert part(course, "loss").entry_codes == {"wrong": 1}


def test_a_part_is_of_those_whose_counted_attempt_answers_it(course):
    ada, alan = course.enrol("ada"), course.enrol("alan")
    none, right = verdict_on({"loss": (0, None)}), verdict_on({"loss": (5, "ok")})
    wrong = verdict_on({"loss": (0, "wrong")})
    course.hand_in(ada, "one", 100, attempt=1, verdict=wrong)
    course.hand_in(ada, "one", 500, attempt=2, verdict=right, is_late=True)
    course.hand_in(ada, "one", 0, attempt=3, verdict=none)
    course.hand_in(alan, "one", 0, verdict=none)
    found = part(course, "loss").figures
    assert (found.students, found.submitted, found.attempts) == (2, 1, 2)
    assert (found.max_score, found.mean, found.full_marks, found.late) == (5, 5, 1, 1)


def test_only_verdicts_that_stand_are_read(course):
    public_id = course.hand_in(
        course.enrol("s1"), "one", 0, verdict=verdict_on({"dW1": (0, ["sign"])}, first_error="dW1")
    )
    course.judge(course.row_of(public_id), 500, verdict=verdict_on({"dW1": (5, ["ok"])}))
    assert exercise_one(course).first_errors == []
    assert part(course, "dW1").entry_codes == {"ok": 1}


def test_who_left_the_roster_is_not_counted(course):
    student = course.enrol("s1")
    course.hand_in(student, "one", 0, verdict=verdict_on({"dW1": (0, ["sign"])}))
    course.connection.execute(delete(enrolments).where(enrolments.c.student_id == student))
    assert (of(course).figures.students, exercise_one(course).parts) == (0, [])


def test_an_exercise_that_was_taken_out_of_the_set_is_not_counted(course):
    course.hand_in(course.enrol("s1"), "one", 0, verdict=verdict_on({"dW1": (0, ["sign"])}))
    course.replace(two=5)
    assert [(each.name, each.parts) for each in of(course).exercises] == [("two", [])]


def many_verdicts(course, count):
    """Attempts of one student, inserted at once."""
    student = course.enrol("many")
    verdict = verdict_on({"dW1": (0, [["sign"] * 20] * 20)}, first_error="dW1")
    first = course.row_of(course.hand_in(student, "one", 0, verdict=verdict))
    made = course.connection.execute(submissions.select()).one()._asdict()
    copied = course.connection.execute(verdicts.select()).one()._asdict()
    numbers = range(1, count)
    course.connection.execute(
        insert(submissions),
        [
            made | {"id": first + n, "public_id": f"copy-{n}", "attempt": 1 + n, "received_at": NOW}
            for n in numbers
        ],
    )
    course.connection.execute(
        insert(verdicts),
        [copied | {"id": copied["id"] + n, "submission_id": first + n} for n in numbers],
    )
    return len(copied["document"])


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr("gradgrade.service.course.grades.statistics.PAGE", 20)
    return 20


@pytest.mark.parametrize("more", [0, 1])
def test_verdicts_of_several_pages_are_each_counted_once(course, small_pages, more):
    count = 2 * small_pages + more
    many_verdicts(course, count)
    found = part(course, "dW1")
    assert found.entry_codes == {"sign": 400 * count}
    assert found.figures.attempts == count


def test_verdicts_are_not_in_memory_together(tmp_path, small_pages):
    with new_course("SQLite", tmp_path, one=10) as course:
        size = many_verdicts(course, 30 * small_pages)
        of(course)  # so that what is made once does not count
        tracemalloc.start()
        of(course)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 30 * small_pages * size / 4


def test_points_that_an_earlier_version_gave_may_exceed_the_present_ones():
    reached = summarize([Reached(1200, 1, False)], students=1, max_points=1000)
    assert (reached.histogram[9], reached.full_marks) == (1, 1)


@pytest.mark.parametrize(("points", "tenth"), [(0, 0), (99, 0), (100, 1), (999, 9), (1000, 9)])
def test_a_tenth_holds_its_lower_bound(points, tenth):
    reached = summarize([Reached(points, 1, False)], students=1, max_points=1000)
    assert reached.histogram.index(1) == tenth


def test_a_part_worth_nothing_does_not_divide_by_it():
    assert summarize([Reached(0, 1, False)], students=1, max_points=0).histogram[9] == 1


def test_the_document_is_read_back_as_it_was_written(course):
    course.hand_in(course.enrol("s1"), "one", 333, verdict=verdict_on({"dW1": (0, ["sign"])}))
    found = of(course)
    assert Statistics.from_json(found.to_json()) == found
    assert json.loads(found.to_json())["schema"] == "gradgrade/statistics/1"


def test_a_document_with_another_schema_is_refused(course):
    text = of(course).to_json().replace("statistics/1", "statistics/2")
    with pytest.raises(DocumentError, match="statistics/2"):
        Statistics.from_json(text)
