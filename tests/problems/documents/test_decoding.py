"""Bytes turned into text: one function, used by every reader of files."""

import codecs

import pytest

from gradgrade.problems import Answers, Exercise, ProblemSet, catalogue, generate
from gradgrade.problems.documents.text import decoded
from gradgrade.problems.errors import DocumentError

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-32"]


def marked(text: str, encoding: str) -> bytes:
    """The bytes of a text, big-endian ones with their mark too."""
    marks = {"utf-16-be": codecs.BOM_UTF16_BE, "utf-32-be": codecs.BOM_UTF32_BE}
    return marks.get(encoding, b"") + text.encode(encoding)


@pytest.mark.parametrize("encoding", [*ENCODINGS, "utf-16-be", "utf-32-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_mark_says_the_encoding_and_line_ends_are_made_one(encoding, end):
    assert decoded(marked(f"Zoë{end}α{end}", encoding)) == "Zoë\nα\n"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"Zo\xeb", "the text is not UTF-8: byte 0xeb in line 1; save it as UTF-8"),
        (b"a\nb\n\xff", "the text is not UTF-8: byte 0xff in line 3; save it as UTF-8"),
        (
            b"\xff\xfea\x00b",
            "the text is not UTF-16: byte 0x62 in line 1; save it as UTF-8",
        ),
        (
            "{}".encode("utf-16-be"),
            "the text has null characters, as UTF-16 without its mark has: save it as UTF-8",
        ),
        (b"\xed\xa0\x80", "the text is not UTF-8: byte 0xed in line 1; save it as UTF-8"),
    ],
)
def test_no_other_encoding_is_guessed(raw, said):
    with pytest.raises(DocumentError) as refusal:
        decoded(raw)
    assert str(refusal.value) == said


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_sets_exercises_and_answers_are_read_in_all_of_them(tmp_path, encoding):
    windows = catalogue.text("seeds").replace("\n", "\r\n")
    path = tmp_path / "set.toml"
    path.write_bytes(windows.encode(encoding))
    problem_set = ProblemSet.load(path)
    assert problem_set == catalogue.load("seeds")
    exercise = generate(problem_set, "002-tanh-chain", student="1", secret=b"0")
    raw = exercise.to_json().replace("\n", "\r\n").encode(encoding)
    assert Exercise.from_json(raw) == exercise
    assert Answers.from_json('{"loss": 0.5}\r\n'.encode(encoding)).answers == {"loss": 0.5}
