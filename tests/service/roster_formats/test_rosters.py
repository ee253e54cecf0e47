"""Rosters as people have them: what each comes to, or the very words with which it is refused."""

import io
import re
import time
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from gradgrade.problems.errors import DocumentError
from gradgrade.service.roster_formats import read_roster
from gradgrade.service.roster_formats.roster import LONGEST_LINE
from tests.examples import examples

TWO = [("s001", "Ada", "ada@x.org"), ("s002", "Alan", "")]
PLAIN = "id,name,email\ns001,Ada,ada@x.org\ns002,Alan,\n"

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Homework 1 (17)\r\n"
    ",,,,,Manual Posting\r\n"
    "    Points Possible,,,,,10.00\r\n"
    '"Lovelace, Ada",5311,s001,ada@x.org,Monday,9.5\r\n'
    '"Turing, Alan",5312,s002,aturing,Monday,\r\n'
    '"Student, Test",5313,,d41d8cd98f00,Monday,\r\n'
)
CANVAS_STUDENTS = [("s001", "Lovelace, Ada", "ada@x.org"), ("s002", "Turing, Alan", "")]
MOODLE = (
    '"First name",Surname,"ID number",Institution,Department,"Email address"\n'
    "Ada,Lovelace,s001,,,ada@x.org\n"
    "Alan,Turing,s002,,,alan@x.org\n"
)
NO_SIS = "Student,ID,SIS User ID,SIS Login ID\nAda,5311,,ada\nAlan,5312,,alan\n"


def book(*rows: tuple[object, ...], formats: dict[str, str] | None = None) -> bytes:
    """A workbook of these rows."""
    made, file = Workbook(), io.BytesIO()
    for row in rows:
        made.active.append(row)
    for cell, number_format in (formats or {}).items():
        made.active[cell].number_format = number_format
    made.save(file)
    return file.getvalue()


def triples(raw: bytes) -> list[tuple[str, str, str]]:
    roster = read_roster(raw)
    assert roster.faults == ()
    return [(each.id, each.name, each.email) for each in roster.students]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (PLAIN.encode(), TWO),
        (PLAIN.encode("utf-8-sig"), TWO),
        (PLAIN.encode("utf-16"), TWO),
        (PLAIN.replace("\n", "\r\n").encode(), TWO),
        (PLAIN.replace("\n", "\r").encode(), TWO),
        (PLAIN.replace(",", ";").encode(), TWO),
        (PLAIN.replace(",", "\t").encode("utf-16"), TWO),
        (("sep=;\r\n" + PLAIN.replace(",", ";")).encode("utf-8-sig"), TWO),
        (('"sep=|"\n' + PLAIN.replace(",", "|")).encode(), TWO),
        (PLAIN.replace("id,name", "ID,Name").encode(), TWO),
        (PLAIN.replace("id,name", "student_id,Full Name").encode(), TWO),
        (PLAIN.replace("id,name", "SIS User ID,Student").encode(), TWO),
        (PLAIN.replace("\n", "\n\n,,\n   \n").encode(), TWO),
        (PLAIN.replace("s001,", "' s001' ,".replace("'", "")).encode(), TWO),
        (b"email,id\n,s001\n,s002\n", [("s001", "", ""), ("s002", "", "")]),
        (b"id\ns001\ns002\n", [("s001", "", ""), ("s002", "", "")]),
        (b'id,name\ns001,"Lovelace, ""Ada"""\n', [("s001", 'Lovelace, "Ada"', "")]),
        (b"id;name\ns001;Lovelace, Ada\n", [("s001", "Lovelace, Ada", "")]),
        ("id,name\nZoe\u0308,\u200eZoë\n".encode(), [("Zoë", "Zoë", "")]),
        (CANVAS.encode("utf-8-sig"), CANVAS_STUDENTS),
        (re.sub(r",(?! )", ";", CANVAS).encode(), CANVAS_STUDENTS),
        (
            b"Student,ID,SIS Login ID,Section\n    Points Possible,,,\nAda,5311,a@x,\n"
            b'"Student, Test",5313,d41d8,\n',
            [("5311", "Ada", "a@x")],
        ),
        (NO_SIS.encode(), [("5311", "Ada", ""), ("5312", "Alan", "")]),
        (
            MOODLE.encode(),
            [("s001", "Ada Lovelace", "ada@x.org"), ("s002", "Alan Turing", "alan@x.org")],
        ),
        (b"useridnumber,useremail,Week 3,Week 3 feedback\ns001,a@x,8.50,\n", [("s001", "", "a@x")]),
        (b"id,name,email,one points,one attempts\n'-5,'=Ada,,,\n", [("-5", "=Ada", "")]),
        (b"id,student_id\ns001,17\n", [("s001", "", "")]),
        (b"row,student id,user id\n1,s001,17\n", [("s001", "", "")]),
        (book(("id", "name", "email"), *TWO), TWO),
        (
            book(("ID", "Name"), (1001, "Ada"), (1002.0, None)),
            [("1001", "Ada", ""), ("1002", "", "")],
        ),
        (book(("id",), (42,), formats={"A2": "0000000"}), [("0000042", "", "")]),
        (book((None,), ("id", None, "x"), (None,), ("s001",)), [("s001", "", "")]),
        (b'[{"id": "s001", "name": "Ada"}, "s002"]', [("s001", "Ada", ""), ("s002", "", "")]),
        (
            b'{"schema": "gradgrade/gradebook/1", "students": [{"id": "s001", "score": 8.5}]}',
            [("s001", "", "")],
        ),
    ],
)
def test_a_roster_is_read_whatever_wrote_it(raw, expected):
    assert triples(raw) == expected


ANEW = "format the column as text and enter the id anew"
SAVE = "a roster is a table with a column id: save it as CSV UTF-8 or as .xlsx"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (
            b"id,name\ns001,Ada\n\n1.23457E+11,Alan\n",
            f"row 4, column id: Excel has turned the id into 1.23457E+11; {ANEW}",
        ),
        (
            b"ID;name\n1,23457E+11;Alan\n",
            f"row 2, column ID: Excel has turned the id into 1,23457E+11; {ANEW}",
        ),
        (
            book(("Student ID",), (1234567890123456,)),
            f"row 2, column Student ID: Excel has turned the id into 1.234568E+15; {ANEW}",
        ),
        (
            book(("id",), (date(2026, 3, 1),)),
            f"row 2, column id: Excel has turned the id into the date 2026-03-01T00:00:00; {ANEW}",
        ),
        (
            b"id\n1001.0\n",
            f"row 2, column id: a program has turned the id into the number 1001.0; {ANEW}",
        ),
        (b"id\n#N/A\n", f"row 2, column id: a spreadsheet shows #N/A in place of the id; {ANEW}"),
        (b"id\n#####\n", f"row 2, column id: a spreadsheet shows ##### in place of the id; {ANEW}"),
        (
            b"id,name\ns001,Ada\n,Alan\n",
            "row 3, column id: the id is empty: write the student's id, or leave the row out",
        ),
        (
            b"id,name\ns001,Ada\ns002,Alan\ns001,Ada\n",
            "row 4, column id: the id 's001' stands in row 2 already: keep one of them",
        ),
        (
            "id\nZoë\nZoe\u0308\n".encode(),
            "row 3, column id: the id 'Zoë' stands in row 2 already: keep one of them",
        ),
        (
            b"name,id\nLovelace, Ada,s001\n",
            "row 2: it has 3 cells and the header 2, the last is 's001': "
            "put a cell with a comma in quotation marks",
        ),
        (
            b"id\n2026/1\n",
            "row 2, column id: the id '2026/1' has a slash, which no path can carry: "
            "write it without",
        ),
        (b"id\n..\n", "row 2, column id: the id '..' is a folder in every path: write another id"),
        (
            b"id\n" + b"x" * 101 + b"\n",
            f"row 2, column id: the id {'x' * 60!r}… has 101 characters: write at most 100",
        ),
        (
            "id\na\u200bb\n".encode(),
            "row 2, column id: the id 'a\\u200bb' has characters that cannot be printed",
        ),
        (
            "id\na\u00a0b\n".encode(),
            "row 2, column id: the id 'a\\xa0b' has characters that nobody sees in an id",
        ),
        (
            "id,full name\ns001,A\u0085B\n".encode(),
            "row 2, column full name: 'A\\x85B' has characters that cannot be printed: "
            "write it without",
        ),
        (
            b"id,E-Mail\ns001," + b"x" * 321 + b"\n",
            f"row 2, column E-Mail: {'x' * 60!r}… has 321 characters, and at most {LONGEST_LINE}: "
            "write it without",
        ),
        (
            b'[{"id": "s1"}, {"id": 7}]',
            "row 2, column id: 7 is no text: write it in quotation marks",
        ),
        (b'["s1", null]', 'row 2: null is no student: write {"id": "s001"}'),
    ],
)
def test_a_row_that_cannot_be_taken_is_told_by_row_column_value_and_what_to_write(raw, said):
    roster = read_roster(raw)
    assert [str(each) for each in roster.faults] == [said]
    with pytest.raises(DocumentError) as refusal:
        roster.without_faults()
    assert str(refusal.value) == f"roster: {said}"


def test_a_fault_refuses_its_own_row_and_all_faults_are_counted():
    roster = read_roster(b"id\ns001\n\n#N/A\ns002\ns001\n")
    assert [each.id for each in roster.students] == ["s001", "s002"]
    assert [each.row for each in roster.rows] == [2, 4, 5, 6]
    with pytest.raises(DocumentError, match=r"^roster: 2 faults:\n  row 4, .*\n  row 6, .*$"):
        roster.without_faults()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "the file is empty: write id,name,email as its first row"),
        (b"\n \n,,\n", "the file is empty: write id,name,email as its first row"),
        (b"id,name,email\n", "there are no students below row 1: write one a row"),
        (
            b"s001,Ada\ns002,Alan\n",
            "row 1 names no column of ids (it has 's001', 'Ada'): name one id, as in id,name,email",
        ),
        (
            b"First name,Surname,Email address,Course total\nAda,L,a@x,9\n",
            "row 1 names no column of ids (it has 'First name', 'Surname', 'Email address', "
            "'Course total'): name one id, as in id,name,email",
        ),
        (b"id,name,ID\n1,Ada,2\n", "row 1 names the column id twice: keep one"),
        (b"%PDF-1.7\n%\xe2\xe3", f"the file is a PDF; {SAVE}"),
        (b"\x89PNG\r\n\x1a\n\x00", f"the file is an image; {SAVE}"),
        (b"\xff\xd8\xff\xe0", f"the file is an image; {SAVE}"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", f"the file is an old Excel workbook (.xls); {SAVE}"),
        (b"<!DOCTYPE html><html>", f"the file is a web page; {SAVE}"),
        (b"id\x01,name\n", f"the file is no text; {SAVE}"),
        (
            "id,name\n".encode("utf-16-le"),
            "the text has null characters, as UTF-16 without its mark has: save it as UTF-8",
        ),
        (
            "id,name\ns001,Zoë\n".encode("cp1252"),
            "the text is not UTF-8: byte 0xeb in line 2; save it as UTF-8",
        ),
        (
            b'id,name\ns001,"Ada\ns002,Alan\n',
            "row 2: a quotation mark is opened and not closed; "
            'write a cell that has " within as "…""…"',
        ),
        (b"PK\x03\x04 broken", "the file is a broken archive, and no workbook"),
        (b"{}", 'JSON of a roster is a list: [{"id": "s001", "name": "Ada"}, …]'),
        (b"[]", "there are no students in the list"),
        (
            b"[1",
            "not JSON at line 1, column 3: a comma belongs between entries, or the bracket or "
            "brace that closes them; the line is: [1",
        ),
    ],
)
def test_what_is_no_roster_is_refused_whole(raw, said):
    with pytest.raises(DocumentError) as refusal:
        read_roster(raw)
    assert str(refusal.value) == f"roster: {said}"


@given(raw=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
@settings(deadline=None, max_examples=examples(300))
def test_whatever_is_sent_is_read_or_refused_in_one_line(raw):
    for each in (raw, b"id,name\n" + raw, b"PK\x03\x04" + raw, b"sep=" + raw):
        try:
            told = [str(fault) for fault in read_roster(each).faults]
        except DocumentError as error:
            told = [str(error)]
        assert all(line.isprintable() and "\n" not in line for line in told)


@pytest.mark.parametrize(
    "piece",
    ["s001,Ada\n", ",", '"', '""', "\n", "a\u0301", "sep=", " ", "'", "1.2E+1\n", "[", '{"id":'],
)
def test_reading_takes_no_more_than_linear_time(piece):
    raw = ("id,name\n" + piece * (200_000 // len(piece))).encode()
    began = time.process_time()
    with suppress(DocumentError):
        read_roster(raw)
    assert time.process_time() - began < 2
