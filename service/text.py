"""Text that came from elsewhere, made safe to show."""


def printable(text: str) -> str:
    r"""Return text with what a terminal would obey, or break a line at, escaped.

    >>> printable("a\x1b[2J")
    'a\\x1b[2J'
    """
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )
