"""What Moodle's importer does with the file, by the rules of its source."""

import pytest

from gradgrade.service.gradebook_formats import FORMATS
from tests.service.gradebook_formats.books import book, cell
from tests.service.gradebook_formats.reading import rows_of


def rows(gradebook):
    return rows_of(FORMATS["moodle"].write(gradebook))


def test_columns_are_named_as_the_import_maps_them_and_feedback_follows_its_grade():
    header, _ = rows(book(cell(850)))
    assert header == ["useridnumber", "useremail", "Week 3", "Week 3 feedback"]


def test_a_row_has_the_sum_and_what_it_is_made_of():
    _, row = rows(book(cell(850, is_late=True), None))
    assert row[2:] == [
        "8.50",
        "exercise-1: 8.50 of 10.00 (late); exercise-2: nothing handed in",
    ]


def test_the_case_of_an_email_is_kept():
    assert rows(book(cell(850), email="Ada.L@Example.org"))[1][1] == "Ada.L@Example.org"


@pytest.mark.parametrize("email", ["", "  "])
def test_nobody_has_an_empty_email_by_which_another_would_get_the_grade(email):
    assert rows(book(cell(850), email=email))[1][1] == "no e-mail"


def test_who_handed_in_nothing_is_left_out_rather_than_given_a_zero():
    assert len(rows(book(None))) == 1


def test_a_set_without_a_title_is_imported_by_its_name():
    assert rows(book(cell(850), title=""))[0][2] == "week-3"
