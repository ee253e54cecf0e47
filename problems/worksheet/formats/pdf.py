"""A page as PDF, which Typst makes: the extra `pdf`."""

from gradgrade.problems.errors import ExerciseError
from gradgrade.problems.worksheet.formats.typst import write_typst
from gradgrade.problems.worksheet.page import Page


def write_pdf(page: Page) -> bytes:
    """Return a page as PDF; the same page gives the same bytes.

    Raises:
        ExerciseError: Typst is not installed.
    """
    try:
        from typst import compile as compile_typst
    except ImportError:
        raise ExerciseError("PDF needs the extra: pip install 'gradgrade[pdf]'") from None
    made: bytes = compile_typst(write_typst(page).encode("utf-8"), ignore_system_fonts=True)
    return made
