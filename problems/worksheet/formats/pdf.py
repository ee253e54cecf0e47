"""Pages as PDF, which Typst makes: the extra `pdf`."""

from collections.abc import Sequence

from gradgrade.problems.errors import ExerciseError
from gradgrade.problems.worksheet.formats.typst import write_booklet, write_typst
from gradgrade.problems.worksheet.page import Page


def write_pdf(page: Page) -> bytes:
    """Return a page as PDF; the same page gives the same bytes.

    Raises:
        ExerciseError: Typst is not installed.
    """
    return _compiled(write_typst(page))


def write_pdf_booklet(title: str, pages: Sequence[Page]) -> bytes:
    """Return many pages as one PDF; the same pages give the same bytes.

    Raises:
        ExerciseError: Typst is not installed.
    """
    return _compiled(write_booklet(title, pages))


def _compiled(markup: str) -> bytes:
    try:
        from typst import compile as compile_typst
    except ImportError:
        raise ExerciseError("PDF needs the extra: pip install 'gradgrade[pdf]'") from None
    made: bytes = compile_typst(markup.encode("utf-8"), ignore_system_fonts=True)
    return made
