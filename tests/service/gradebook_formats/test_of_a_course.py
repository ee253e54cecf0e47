"""The gradebook of a whole course, as its readers take it."""

import io
import json
from dataclasses import replace

from openpyxl import load_workbook

from gradgrade.service.course.grades.course_gradebook import CourseGradebook
from gradgrade.service.gradebook_formats import FORMATS, CourseGradebookDocument
from tests.service.gradebook_formats.books import book, cell
from tests.service.gradebook_formats.reading import rows_of


def two_sets(*, title: str = "Week 4") -> CourseGradebook:
    """Ada handed in to the first set, Bob to none, and Cyd is on the second one's roster alone."""
    first = book(cell(850), None)
    (ada,) = first.rows
    bob = replace(ada, student="s2", name="=Bob()", cells=(None, None))
    cyd = replace(ada, student="s3", name="Cyd", cells=(cell(1000, is_late=True),))
    second = replace(
        book(cell(0)), problem_set="week-4", title=title, rows=[replace(bob, cells=(None,)), cyd]
    )
    return CourseGradebook(course="spring", books=[replace(first, rows=[ada, bob]), second])


def rows(form: str, **options) -> list[list[str]]:
    return rows_of(FORMATS[form].write_course(two_sets(**options)))


def test_csv_has_a_column_a_set_and_everybody_once():
    assert rows("csv") == [
        ["id", "name", "email", "week-3", "week-4", "total", "max"],
        ["s1", "Ada", "ada@example.org", "8.50", "", "8.50", "30.00"],
        ["s2", "'=Bob()", "ada@example.org", "", "", "", "30.00"],
        ["s3", "Cyd", "ada@example.org", "", "10.00", "10.00", "30.00"],
    ]


def test_canvas_has_an_assignment_a_set_with_what_it_is_worth():
    header, possible, ada, _, cyd = rows("canvas")
    assert header[5:] == ["Week 3", "Week 4"]
    assert possible == ["Points Possible", "", "", "", "", "20.00", "10.00"]
    assert ada == ["Ada", "", "s1", "ada@example.org", "", "8.50", ""]
    assert cyd[5:] == ["", "10.00"]


def test_canvas_never_gets_one_title_for_two_assignments():
    assert rows("canvas", title="Week 3")[0][5:] == ["Week 3 [week-3]", "Week 3 [week-4]"]


def test_moodle_reads_no_grade_where_nothing_was_handed_in():
    header, ada, cyd = rows("moodle")
    assert header[2:] == ["Week 3", "Week 3 feedback", "Week 4", "Week 4 feedback"]
    assert ada[2:] == [
        "8.50",
        "exercise-1: 8.50 of 10.00; exercise-2: nothing handed in",
        "-",  # grade/import/csv/classes/load_data.php: no grade; empty, it would be a 0
        "",
    ]
    assert cyd[2:] == ["-", "", "10.00", "exercise-1: 10.00 of 10.00 (late)"]


def test_a_workbook_has_the_sums_and_the_attempts_of_all_sets():
    workbook = load_workbook(io.BytesIO(FORMATS["xlsx"].write_course(two_sets())))
    grades, attempts = (list(sheet.iter_rows(values_only=True)) for sheet in workbook)
    assert grades[1] == ("s1", "Ada", "ada@example.org", 8.5, None, 8.5, 30)
    assert [each[:4] for each in attempts] == [
        ("id", "problem set", "exercise", "points"),
        ("s1", "week-3", "exercise-1", 8.5),
        ("s3", "week-4", "exercise-1", 10),
    ]


def test_json_reads_back_as_its_document():
    text = FORMATS["json"].write_course(two_sets())
    document = CourseGradebookDocument.from_json(text)
    assert document.max_score == 30
    assert json.loads(text)["students"][2] == {
        "id": "s3",
        "name": "Cyd",
        "email": "ada@example.org",
        "score": 10,
        "problem_sets": {"week-3": None, "week-4": 10},
    }


def test_a_course_without_sets_has_a_file_too():
    empty = CourseGradebook(course="spring", books=[])
    for each in FORMATS.values():
        assert each.write_course(empty)
