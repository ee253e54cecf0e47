"""Statistics in a browser: charts that answer a question, each beside its numbers."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.service.course_api.classroom import NAME, right
from tests.service.web.test_pages import check_page
from tests.service.web.visitor import one_database

pytestmark = one_database

PLACE = f"/sets/{NAME}/-/statistics"
MONDAY = datetime(2026, 11, 2, 12, tzinfo=UTC)


def transposed(student):
    """Answers with a known mistake: the gradient's rows for its columns."""
    answers = right(student.exercise())
    return answers | {"dW1": [list(row) for row in zip(*answers["dW1"], strict=True)]}


def numbers(page, caption):
    """The rows of the table in the region of this name: heads and cells."""
    region = re.search(rf'aria-label="{caption}[^"]*"><table.*?</table>', page.source, re.DOTALL)[0]
    cell = re.compile(r"<t[hd][^>]*>(?:<[^/][^>]*>)*([^<]*)")
    return [cell.findall(row) for row in region.split("<tr>")[2:]]


@pytest.fixture
def worked(published):
    """Ann succeeds at her second attempt, a day after the first; Bob does not."""
    ann, bob = published.students.values()
    published.live.set_clock(MONDAY)
    ann.submit(transposed(ann))
    bob.submit(transposed(bob))
    published.live.set_clock(MONDAY + timedelta(days=2))
    ann.submit(right(ann.exercise()))
    bob.submit(transposed(bob) | {"loss": 5.0})
    published.live.set_clock(None)
    return published


def test_attempts_to_full_marks_are_drawn_and_counted(worked, staff):
    page = staff.get(PLACE)
    check_page(page)
    assert numbers(page, "Attempts to full marks") == [["1", "0"], ["2", "1"], ["not yet", "1"]]


def test_how_points_are_spread_is_drawn_and_counted(worked, staff):
    spread = numbers(staff.get(PLACE), "How the points are spread: The exercise one-layer")
    assert [int(count) for _, count in spread] == [0] * 6 + [1, 0, 0, 1]


def test_mistakes_are_counted_day_by_day(worked, staff):
    rows = numbers(staff.get(PLACE), "Mistakes over time")
    assert all(len(row) == 4 for row in rows)
    first = rows[0][1:]
    assert first[0] == "2"
    assert first[1] == "0"
    assert "day by day" in staff.get(PLACE).text


def test_more_than_four_weeks_are_counted_week_by_week(worked, staff):
    ann = worked.students["s001"]
    worked.live.set_clock(MONDAY + timedelta(days=40))
    ann.submit(transposed(ann))
    worked.live.set_clock(None)
    page = staff.get(PLACE)
    assert "week by week" in page.text
    assert len(numbers(page, "Mistakes over time")[0]) == 1 + 6


def test_no_percentage_of_few_students_is_told(worked, staff):
    source = staff.get(PLACE).source
    assert "Of those who handed in" not in source
    assert '<th scope="row"><code>dW1</code>' in source


def test_where_nobody_handed_in_there_is_no_mean_and_no_chart(published, staff):
    page = staff.get(PLACE)
    check_page(page)
    assert "mean" not in page.text
    assert "<svg" not in page.source
    assert "Nobody has handed anything in yet." in page.text
