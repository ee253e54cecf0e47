"""Question and answer sheets in every format: every value there, nothing that titles can break."""

import json
import re
import xml.etree.ElementTree as ET

import pytest
import typst
from hypothesis import given, settings
from markdown_it import MarkdownIt
from pylatexenc.latexwalker import LatexWalker

from gradgrade.oracle.nested import flatten
from gradgrade.problems import Exercise, ExerciseError, solve
from gradgrade.problems.documents.text import one_line
from gradgrade.problems.exports.sheets import batches, sheet_files
from gradgrade.problems.worksheet.answer_sheet import make_answer_sheet
from gradgrade.problems.worksheet.formats.html import write_html
from gradgrade.problems.worksheet.formats.latex import write_latex
from gradgrade.problems.worksheet.formats.markdown import write_markdown
from gradgrade.problems.worksheet.formats.pdf import write_pdf
from gradgrade.problems.worksheet.formats.typst import write_typst
from gradgrade.problems.worksheet.page import Heading, Items, Page, Paragraph
from gradgrade.problems.worksheet.question_sheet import make_question_sheet
from gradgrade.problems.worksheet.words import about
from tests.examples import examples
from tests.problems.worksheet.worksheets import HOSTILE, KINDS, of_kind, titled, two_layers

MATHML = "{http://www.w3.org/1998/Math/MathML}"


def parsed(text: str) -> ET.Element:
    """A page as strict XML."""
    return ET.fromstring(text.replace("<!DOCTYPE html>", "", 1))


def asked_values(exercise: Exercise) -> list[str]:
    solution = solve(exercise, digits=9)
    return [entry for part in exercise.ask for entry in flatten(solution[part.name].value)]


def shown_in_html(page: ET.Element) -> set[str]:
    """The numerals of a page; a power of ten as MathML has it."""
    rows = page.iter(f"{MATHML}mtd")
    tables = {"".join(cell.itertext()).replace("−", "-") for cell in rows}
    lines = {
        "".join(cell.itertext()).removeprefix("=").replace("−", "-") for cell in page.iter("td")
    }
    return tables | lines


@pytest.mark.parametrize("convention", ["column", "row"])
def test_every_asked_value_is_on_the_answer_sheet(convention: str):
    exercise = two_layers(convention)
    page = make_answer_sheet(exercise, digits=9)
    shown = shown_in_html(parsed(write_html(page)))
    markup = {
        "latex": write_latex(page),
        "markdown": write_markdown(page),
        "typst": write_typst(page),
    }
    for value in asked_values(exercise):
        assert value in shown
        for text in markup.values():
            assert value.removeprefix("-") in text


@pytest.mark.parametrize("kind", KINDS)
def test_no_value_of_the_solution_is_on_the_question_sheet(kind: str):
    exercise = of_kind(kind)
    page = make_question_sheet(exercise)
    given = {entry.text for array in exercise.given.values() for entry in flatten(array)}
    values = {entry.lstrip("-") for entry in asked_values(exercise) if len(entry) > 9} - given
    assert values
    for text in (write_html(page), write_latex(page), write_markdown(page), write_typst(page)):
        assert not {value for value in values if value[:9] in text}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_exercise_is_well_formed_in_every_format(kind: str):
    exercise = of_kind(kind)
    for page in (make_question_sheet(exercise), make_answer_sheet(exercise, digits=6)):
        parsed(write_html(page))
        assert_latex_is_well_formed(write_latex(page))
        assert write_pdf(page).startswith(b"%PDF-")
        assert write_markdown(page).count("$$") % 2 == 0


def assert_latex_is_well_formed(text: str) -> None:
    LatexWalker(text, tolerant_parsing=False).get_latex_nodes()
    environments = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+\*?)\}", text):
        if kind == "begin":
            environments.append(name)
        else:
            assert environments.pop() == name
    assert environments == []
    # Two scripts of one kind at one symbol stop LaTeX.
    assert not re.search(r"\^\{[^{}]*\}\^|_\{[^{}]*\}_", text)
    assert set(re.findall(r"\\usepackage(?:\[\w+\])?\{+(\w+)", text)) <= {
        *("inputenc", "fontenc", "lmodern", "amsmath")
    }


def test_a_question_sheet_asks_for_every_part_with_shape_points_and_tolerance():
    exercise = two_layers("row", tolerance={"decimals": 3}, points=7)
    text = "".join(parsed(write_html(make_question_sheet(exercise))).itertext())
    for part in exercise.ask:
        assert part.name in text
    assert "3 × 4, 1.4 points, to 3 decimals, rounded or truncated" in text
    assert "a number, 1.4 points" in text
    assert about(exercise) in text


@pytest.mark.parametrize(("convention", "shape"), [("column", (2, 5)), ("row", (5, 2))])
def test_there_is_a_box_for_every_entry(convention: str, shape: tuple[int, int]):
    exercise = two_layers(convention, ask=["delta2"])
    page = parsed(write_html(make_question_sheet(exercise)))
    (blank,) = (each for each in page.iter("div") if each.get("class") == "blank")
    assert [len(row.findall("td")) for row in blank.iter("tr")] == [shape[1]] * shape[0]


def test_a_page_of_html_fetches_and_runs_nothing():
    text = write_html(make_answer_sheet(two_layers(), digits=6))
    page = parsed(text)
    tags = {element.tag.removeprefix(MATHML) for element in page.iter()}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "a", "form", "base"}
    attributes = {name for element in page.iter() for name in element.attrib}
    assert not {name for name in attributes if name.startswith("on")}
    assert not attributes & {"src", "href", "style", "action"}
    assert "url(" not in text
    assert "@import" not in text
    assert set(re.findall(r"https?://[^\"]+", text)) == {
        *("http://www.w3.org/1998/Math/MathML", "http://www.w3.org/2000/svg")
    }


def test_a_large_result_is_cut_into_blocks():
    exercise = two_layers(batch=15, ask=["z1"])
    text = write_latex(make_answer_sheet(exercise, digits=4))
    assert [f"columns {part}" in text for part in ("1 to 6", "7 to 12", "13 to 15")] == [True] * 3


# Titles that attack markup


@given(HOSTILE)
def test_a_title_is_only_text_in_html(title: str):
    exercise = titled(title)
    shown = parsed(write_html(make_question_sheet(exercise))).findtext(".//h1")
    assert (shown or "") == (one_line(title) or exercise.name)


@given(HOSTILE)
def test_a_title_is_only_text_in_markdown(title: str):
    page = Page(one_line(title) or "-", (Items((one_line(title),)), Paragraph("end")))
    rendered = MarkdownIt("commonmark").render(write_markdown(page))
    tree = ET.fromstring(f"<body>{rendered}</body>")
    assert {each.tag for each in tree.iter()} <= {"body", "h1", "ul", "li", "p"}
    assert "".join(tree.find("h1").itertext()) == page.title.strip()


@given(HOSTILE)
def test_a_title_is_only_text_in_latex(title: str):
    text = write_latex(
        Page(one_line(title), (Heading(one_line(title)), Paragraph(one_line(title))))
    )
    assert_latex_is_well_formed(text)
    body = text.split(r"\begin{document}")[1]
    commands = set(re.findall(r"\\[A-Za-z]+", body))
    assert commands <= {
        *(r"\section", r"\LARGE", r"\end", r"\textbackslash", r"\textasciicircum"),
        *(r"\textasciitilde", r"\textasciigrave", r"\textquotedbl"),
    }
    unescaped = re.sub(r"\\.", "", body.replace(r"{}", ""))
    assert not set(unescaped) & set("$&#%^~_")


@given(HOSTILE)
@settings(max_examples=examples(25))
def test_a_title_is_only_text_in_typst(title: str):
    page = Page(one_line(title), (Heading("end"),))
    headings = json.loads(
        typst.query(write_typst(page).encode(), "heading", ignore_system_fonts=True)
    )
    shown, end = (heading["body"].get("text", "") for heading in headings)
    assert shown == page.title
    assert end == "end"


@pytest.mark.parametrize("form", ["markdown", "latex", "html", "pdf", "notebook"])
def test_the_same_variant_gives_the_same_bytes(form: str):
    first, again = (sheet_files([two_layers()], form) for _ in range(2))
    assert first == again
    assert [file.is_private for file in first] == [False, True]
    assert first[0].content != first[1].content


def test_a_pdf_has_no_date():
    made = write_pdf(make_question_sheet(two_layers()))
    assert b"CreationDate" not in made
    assert b"ModDate" not in made


def test_without_typst_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    with pytest.raises(ExerciseError, match=r"gradgrade\[pdf\]"):
        write_pdf(make_question_sheet(two_layers()))


def test_batches_are_what_each_format_writes_together():
    first, second = two_layers(), two_layers(student="2")
    assert batches([first, second], "html") == [[first], [second]]
    assert batches([first, second], "prairielearn") == [[first, second]]
    assert batches([first, second], "moodle") == [[first, second]]
