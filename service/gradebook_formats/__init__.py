"""Gradebooks as other systems read them: one pure function a format."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from gradgrade.service.course.grades.course_gradebook import CourseGradebook
from gradgrade.service.course.grades.gradebook import Gradebook
from gradgrade.service.gradebook_formats.canvas import write_canvas, write_course_canvas
from gradgrade.service.gradebook_formats.csv_format import write_course_csv, write_csv
from gradgrade.service.gradebook_formats.json_format import (
    CourseGradebookDocument,
    GradebookDocument,
    write_course_json,
    write_json,
)
from gradgrade.service.gradebook_formats.moodle import write_course_moodle, write_moodle
from gradgrade.service.gradebook_formats.xlsx import write_course_xlsx, write_xlsx

_CSV = "text/csv; charset=utf-8"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Format(NamedTuple):
    """How a gradebook is written.

    Args:
        write: makes the bytes of a file of a set's gradebook.
        write_course: likewise of a whole course's.
        media_type: what they are.
        suffix: of the file's name, with its dot.
    """

    write: Callable[[Gradebook], bytes]
    write_course: Callable[[CourseGradebook], bytes]
    media_type: str
    suffix: str


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "json": Format(write_json, write_course_json, "application/json", ".json"),
        "csv": Format(write_csv, write_course_csv, _CSV, ".csv"),
        "canvas": Format(write_canvas, write_course_canvas, _CSV, ".csv"),
        "moodle": Format(write_moodle, write_course_moodle, _CSV, ".csv"),
        "xlsx": Format(write_xlsx, write_course_xlsx, _XLSX, ".xlsx"),
    }
)

__all__ = ["FORMATS", "CourseGradebookDocument", "Format", "GradebookDocument"]
