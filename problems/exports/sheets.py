"""The files of worksheets: what is written for which variants, and who may read it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.exports.moodle import write_moodle
from gradgrade.problems.exports.nbgrader import source_files
from gradgrade.problems.exports.notebook import answers_notebook, question_notebook
from gradgrade.problems.exports.prairielearn.question import PRIVATE_FILES, question_files
from gradgrade.problems.worksheet.answer_sheet import make_answer_sheet
from gradgrade.problems.worksheet.formats.html import write_html
from gradgrade.problems.worksheet.formats.latex import write_latex
from gradgrade.problems.worksheet.formats.markdown import write_markdown
from gradgrade.problems.worksheet.formats.pdf import write_pdf, write_pdf_booklet
from gradgrade.problems.worksheet.page import Page
from gradgrade.problems.worksheet.question_sheet import make_question_sheet

DIGITS = 6
"""How many significant digits a result on an answer sheet has."""

Content = str | bytes

RENDERERS: Mapping[str, Callable[[Page], str]] = MappingProxyType(
    {"markdown": write_markdown, "latex": write_latex, "html": write_html}
)
"""The formats of a page as text."""


@dataclass(frozen=True, slots=True)
class SheetFile:
    """A file: its path below the directory of all, what is in it, and whether it holds answers."""

    path: str
    content: Content
    is_private: bool


_PAGES: Mapping[str, tuple[str, Callable[[Page], Content]]] = MappingProxyType(
    {
        "markdown": ("md", RENDERERS["markdown"]),
        "latex": ("tex", RENDERERS["latex"]),
        "html": ("html", RENDERERS["html"]),
        "pdf": ("pdf", write_pdf),
    }
)
"""The formats of a page: the ending of its file, and what writes it."""


@dataclass(frozen=True, slots=True)
class Sheets:
    """The two pages of a variant: what is asked, and the worked solution of it."""

    question: Page
    answers: Page


def sheets_of(exercise: Exercise, *, whose: str = "") -> Sheets:
    """Return the pages of a variant.

    Args:
        exercise: the variant.
        whose: the student's whose it is, in plain text; empty where it is nobody's.

    Raises:
        OracleError: a quantity is undefined, leaves binary64's range, or cannot be proven.
    """
    return Sheets(
        make_question_sheet(exercise, whose=whose),
        make_answer_sheet(exercise, digits=DIGITS, whose=whose),
    )


def booklets(name: str, sheets: Sequence[Sheets]) -> list[SheetFile]:
    """Return all questions as one PDF, and all answers as another, in the order that is given.

    Raises:
        ExerciseError: the extra is not installed.
    """
    questions, answers = [each.question for each in sheets], [each.answers for each in sheets]
    return [
        SheetFile(f"{name}.questions.pdf", write_pdf_booklet(name, questions), is_private=False),
        SheetFile(f"{name}.answers.pdf", write_pdf_booklet(name, answers), is_private=True),
    ]


def batches(exercises: Sequence[Exercise], form: str) -> list[list[Exercise]]:
    """Return which variants' files are made together, in this format.

    PrairieLearn has a question and nbgrader a notebook for each exercise, Moodle one file for all,
    the others one or two files for each variant.
    """
    if form == "moodle":
        return [list(exercises)]
    if form in ("nbgrader", "prairielearn"):
        return [list(variants) for _, variants in groupby(exercises, lambda each: each.name)]
    return [[exercise] for exercise in exercises]


def page_files(identity: str, sheets: Sheets, form: str) -> list[SheetFile]:
    """Return the two files of a variant in a format of pages.

    Args:
        identity: the variant's id.
        sheets: its pages.
        form: the format.

    Raises:
        ExerciseError: the format needs an extra that is not installed.
    """
    ending, write = _PAGES[form]
    return _pair(identity, ending, write(sheets.question), write(sheets.answers))


def _pair(identity: str, ending: str, question: Content, answers: Content) -> list[SheetFile]:
    return [
        SheetFile(f"{identity}.question.{ending}", question, is_private=False),
        SheetFile(f"{identity}.answers.{ending}", answers, is_private=True),
    ]


def sheet_files(
    batch: Sequence[Exercise], form: str, *, whose: str = "", students: Sequence[str] = ()
) -> list[SheetFile]:
    """Return the files of a batch; the same variants give the same bytes.

    Args:
        batch: variants that are written together; see `batches`.
        form: the format.
        whose: the student whose they are, for formats that tell it: pages and notebooks.
        students: their ids, one for each variant of the batch; nbgrader alone must know.

    Raises:
        ExerciseError: the format needs an extra that is not installed.
        OracleError: a quantity is undefined, leaves binary64's range, or cannot be proven.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "002-tanh-chain", student="1", secret=b"0")
    >>> [file.path.removeprefix(exercise.id) for file in sheet_files([exercise], "markdown")]
    ['.question.md', '.answers.md']
    """
    first = batch[0]
    if form == "moodle":
        return [SheetFile(f"{first.problem_set}.moodle.xml", write_moodle(batch), is_private=True)]
    if form == "prairielearn":
        return [
            SheetFile(f"{first.name}/{name}", content, is_private=name in PRIVATE_FILES)
            for name, content in question_files(batch).items()
        ]
    if form == "nbgrader":
        return [
            SheetFile(path, content, is_private=path.endswith(".ipynb"))
            for path, content in source_files(students, batch).items()
        ]
    if form == "notebook":
        notebooks = question_notebook(first, whose=whose), answers_notebook(first, whose=whose)
        return _pair(first.id, "ipynb", *notebooks)
    return page_files(first.id, sheets_of(first, whose=whose), form)
