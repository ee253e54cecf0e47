"""Text that came from elsewhere: which characters can be shown, and what is done about the others.

A terminal obeys control characters, a log begins another entry at a line break, and PostgreSQL
takes no null. What can be shown is what `str.isprintable` says, and besides spaces of every width
and the joiners without which Persian, Sinhala and Devanagari are misspelt; for every door alike: a
message escapes the rest, a page replaces it, and a name that holds any of it is refused.
"""

import codecs
import unicodedata

from gradgrade.problems.errors import DocumentError

LONGEST_QUOTED = 60
"""How much of a refused text its refusal shows."""

JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
"""They change how the letters beside them are written, and are part of the spelling."""

_DIRECTION_MARKS = dict.fromkeys(
    [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
"""What says in which direction text runs: it comes with what is copied from a table, stands in no
name, and can make one look like another."""

LONGEST_ID = 100
"""Of a student's id, in characters."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as UTF-16's does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""What files begin with on Windows, and how they go on."""


def decoded(raw: bytes) -> str:
    r"""Return the text of a file: the one way in which every reader turns bytes into text.

    A byte order mark says how it is encoded, and without one it is UTF-8. Line ends become `\n`,
    whatever the machine. No other encoding is guessed: it would change names in silence.

    Raises:
        DocumentError: the bytes are no such text; the message has the line and the byte.

    >>> decoded(b"\xff\xfea\x00\r\x00\n\x00b\x00"), decoded(b"\xef\xbb\xbfa\rb")
    ('a\nb', 'a\nb')
    >>> decoded(b"Zo\xeb")
    Traceback (most recent call last):
    gradgrade.problems.errors.DocumentError: the text is not UTF-8: byte 0xeb in line 1; save it
    as UTF-8
    """
    mark, encoding = next((each for each in _MARKS if raw.startswith(each[0])), (b"", "utf-8"))
    body = raw[len(mark) :]
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise DocumentError(
            f"the text is not {encoding[:6].rstrip('-').upper()}: "
            f"byte 0x{body[error.start]:02x} in line {line}; save it as UTF-8"
        ) from None
    if "\0" in text:
        raise DocumentError(
            "the text has null characters, as UTF-16 without its mark has: save it as UTF-8"
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def printable(text: str) -> str:
    r"""Return text with what a terminal would obey, or break a line at, escaped.

    >>> printable("a\x1b[2J")
    'a\\x1b[2J'
    """
    return "".join(
        each if _is_shown(each) else each.encode("unicode_escape").decode("ascii") for each in text
    )


def one_line(text: str) -> str:
    r"""Return text as a page holds it: on one line, what cannot be shown replaced.

    >>> one_line("one\n two\x00")
    'one two\ufffd'
    """
    line = " ".join(text.split())
    return "".join(each if _is_shown(each) else "\N{REPLACEMENT CHARACTER}" for each in line)


def check_printable(text: str) -> str:
    r"""Return text that is one line of characters that can be shown, and refuse any other.

    Raises:
        ValueError: it holds a character that cannot be printed.

    >>> check_printable("Ada\nLovelace")
    Traceback (most recent call last):
    ValueError: 'Ada\nLovelace' has characters that cannot be printed
    """
    if not all(map(_is_shown, text)):
        raise ValueError(f"{text[:LONGEST_QUOTED]!r} has characters that cannot be printed")
    return text


def as_name(text: str) -> str:
    r"""Return a name as it is kept: as people write it, without marks of direction.

    Raises:
        ValueError: it holds a character that cannot be shown.

    >>> as_name("\u200eAnna\u00a0Maria") == "Anna\u00a0Maria"
    True
    """
    return check_printable(text.translate(_DIRECTION_MARKS))


def as_id(text: str) -> str:
    r"""Return what somebody is called by as it is kept and compared: in NFC, letter for letter.

    Case is the institution's: `S1` and `s1` are two. See `looks_like` for what people confuse.

    Raises:
        ValueError: it holds a character that cannot be shown, or that nobody would see in an id.

    >>> as_id("Zoe\u0308") == "Zo\u00eb"
    True
    """
    kept = unicodedata.normalize("NFC", as_name(text))
    if not kept.isprintable():
        raise ValueError(f"{text[:LONGEST_QUOTED]!r} has characters that nobody sees in an id")
    return kept


def as_student_id(text: str) -> str:
    r"""Return a student's id as it is kept: `as_id`, without what no path and no table can carry.

    The one rule, whoever names a student: a roster, a request, a command.

    Raises:
        ValueError: it is empty, too long, lost in a path, or begins or ends with a space.

    >>> as_student_id("2026/1")
    Traceback (most recent call last):
    ValueError: '2026/1' has a slash, which no path can carry: write it without
    """
    if len(text) > LONGEST_ID:
        shown = text[:LONGEST_QUOTED]
        raise ValueError(f"{shown!r}… has {len(text)} characters: write at most {LONGEST_ID}")
    kept = as_id(text)
    if not kept:
        raise ValueError(f"{text!r} is empty: write the student's id")
    if kept != kept.strip():
        raise ValueError(f"{kept!r} begins or ends with a space: write it without")
    if kept in (".", ".."):
        raise ValueError(f"{kept!r} is a folder in every path: write another id")
    if "/" in kept:
        raise ValueError(f"{kept!r} has a slash, which no path can carry: write it without")
    return kept


def looks_like(text: str) -> str:
    """Return what is equal for ids that people take for each other.

    Letters of other scripts that look like Latin ones, digits like letters, full-width forms and
    case are made one.

    >>> looks_like("s001") == looks_like("S0O1") == looks_like("ѕ00l")
    True
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return folded.translate(_LOOKS)


_LOOKS = str.maketrans(
    "авсеніјкмоөрԛѕтухԝүαβεικμνορτυχω01|",
    "abcehijkmoopqstyxwyabeikmvoptuxwoll",
)


def _is_shown(character: str) -> bool:
    return (
        character.isprintable() or character in JOINERS or unicodedata.category(character) == "Zs"
    )
