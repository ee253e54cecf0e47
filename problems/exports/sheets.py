"""The files of worksheets: what is written for which variants, and who may read it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.exports.moodle import write_moodle
from gradgrade.problems.exports.notebook import answers_notebook, question_notebook
from gradgrade.problems.exports.prairielearn.question import PRIVATE_FILES, question_files
from gradgrade.problems.worksheet.answer_sheet import make_answer_sheet
from gradgrade.problems.worksheet.formats.html import write_html
from gradgrade.problems.worksheet.formats.latex import write_latex
from gradgrade.problems.worksheet.formats.markdown import write_markdown
from gradgrade.problems.worksheet.formats.pdf import write_pdf
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


def _rendered(render: Callable[[Page], Content]) -> Callable[[Exercise], tuple[Content, Content]]:
    def question_and_answers(exercise: Exercise) -> tuple[Content, Content]:
        return render(make_question_sheet(exercise)), render(
            make_answer_sheet(exercise, digits=DIGITS)
        )

    return question_and_answers


def _notebooks(exercise: Exercise) -> tuple[Content, Content]:
    return question_notebook(exercise), answers_notebook(exercise)


_PAIRS: Mapping[str, tuple[str, Callable[[Exercise], tuple[Content, Content]]]] = MappingProxyType(
    {
        "markdown": ("md", _rendered(RENDERERS["markdown"])),
        "latex": ("tex", _rendered(RENDERERS["latex"])),
        "html": ("html", _rendered(RENDERERS["html"])),
        "pdf": ("pdf", _rendered(write_pdf)),
        "notebook": ("ipynb", _notebooks),
    }
)


def batches(exercises: Sequence[Exercise], form: str) -> list[list[Exercise]]:
    """Return which variants' files are made together, in this format.

    PrairieLearn has a question for each exercise, Moodle one file for all, the others one or two
    files for each variant.
    """
    if form == "moodle":
        return [list(exercises)]
    if form == "prairielearn":
        return [list(variants) for _, variants in groupby(exercises, lambda each: each.name)]
    return [[exercise] for exercise in exercises]


def sheet_files(batch: Sequence[Exercise], form: str) -> list[SheetFile]:
    """Return the files of a batch; the same variants give the same bytes.

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
    extension, make = _PAIRS[form]
    question, answers = make(first)
    return [
        SheetFile(f"{first.id}.question.{extension}", question, is_private=False),
        SheetFile(f"{first.id}.answers.{extension}", answers, is_private=True),
    ]
