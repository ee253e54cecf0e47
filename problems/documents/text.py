"""Text that came from elsewhere: which characters can be shown, and what is done about the others.

A terminal obeys control characters, a log begins another entry at a line break, and PostgreSQL
takes no null. What can be shown is what `str.isprintable` says, for every door alike: a message
escapes the rest, a page replaces it, and a name that holds any of it is refused.
"""

LONGEST_QUOTED = 60
"""How much of a refused text its refusal shows."""


def printable(text: str) -> str:
    r"""Return text with what a terminal would obey, or break a line at, escaped.

    >>> printable("a\x1b[2J")
    'a\\x1b[2J'
    """
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii")
        for each in text
    )


def one_line(text: str) -> str:
    r"""Return text as a page holds it: on one line, what cannot be shown replaced.

    >>> one_line("one\n two\x00")
    'one two\ufffd'
    """
    line = " ".join(text.split())
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)


def check_printable(text: str) -> str:
    r"""Return text that is one line of characters that can be shown, and refuse any other.

    Raises:
        ValueError: it holds a character that cannot be printed.

    >>> check_printable("Ada\nLovelace")
    Traceback (most recent call last):
    ValueError: 'Ada\nLovelace' has characters that cannot be printed
    """
    if not text.isprintable():
        raise ValueError(f"{text[:LONGEST_QUOTED]!r} has characters that cannot be printed")
    return text
