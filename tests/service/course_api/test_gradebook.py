import csv
import io

import pytest
from openpyxl import load_workbook

from tests.service.course_api.classroom import EXERCISES, NAME

PATH = f"/problem-sets/{NAME}"


@pytest.fixture
def graded(published):
    students = [
        {"id": "s001", "name": "Ada", "email": "ada@example.org"},
        {"id": "s002", "name": "=cmd()", "email": "bob@example.org"},
        {"id": "s003"},
    ]
    published.instructor.post(f"{PATH}/students", students)
    published.students["s001"].submit({"loss": 0.5})
    published.students["s001"].submit()
    published.students["s001"].submit({"loss": [1.0]})
    published.students["s002"].submit(name=EXERCISES[1])
    return published


def test_the_gradebook_has_everybodys_best_attempts(graded):
    for asker in (graded.instructor, graded.assistant):
        reply = asker.get(f"{PATH}/gradebook")
        assert reply.headers["content-type"] == "application/json"
        book = reply.json
        assert (book["problem_set"], book["max_score"]) == (NAME, 14)
        assert [(each["id"], each["score"]) for each in book["students"]] == [
            ("s001", 10),
            ("s002", 4),
            ("s003", None),
        ]
        assert book["students"][0]["exercises"][EXERCISES[0]]["attempts"] == 2


@pytest.mark.parametrize(
    ("form", "media_type", "file_name"),
    [
        ("json", "application/json", f"{NAME}-json.json"),
        ("csv", "text/csv; charset=utf-8", f"{NAME}-csv.csv"),
        ("canvas", "text/csv; charset=utf-8", f"{NAME}-canvas.csv"),
        ("moodle", "text/csv; charset=utf-8", f"{NAME}-moodle.csv"),
        (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            f"{NAME}-xlsx.xlsx",
        ),
    ],
)
def test_every_format_is_a_file(graded, form, media_type, file_name):
    reply = graded.instructor.get(f"{PATH}/gradebook?format={form}")
    assert (reply.status, reply.headers["content-type"]) == (200, media_type)
    assert reply.headers["content-disposition"] == f'attachment; filename="{file_name}"'
    if "csv" in media_type:
        cells = [cell for row in csv.reader(io.StringIO(reply.body.decode())) for cell in row]
        assert "10.00" in cells
        assert not any(cell.startswith("=") for cell in cells)
    if form == "xlsx":
        cells = [cell for row in load_workbook(io.BytesIO(reply.body)).active for cell in row]
        assert 10 in [cell.value for cell in cells]
        assert not any(cell.data_type == "f" for cell in cells)


def test_there_is_no_other_format(graded):
    reply = graded.instructor.get(f"{PATH}/gradebook?format=pdf")
    assert reply.status == 422
    assert reply.detail.startswith("query: format: ")


def test_statistics_count_students(graded):
    found = graded.assistant.get(f"{PATH}/statistics").json
    assert found["figures"]["students"] == 3
    assert (found["figures"]["submitted"], found["figures"]["attempts"]) == (2, 3)
    assert [each["figures"]["full_marks"] for each in found["exercises"]] == [1, 1]
