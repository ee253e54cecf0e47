r"""The tokens of the LaTeX that formulas are written in.

A formula knows commands, groups in braces, `^` and `_`; nothing else has a meaning of its own.
"""

import re

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[{}^_]|\s+|[^\\{}^_\s]", re.DOTALL)


def tokens_of(formula: str) -> list[str]:
    r"""Return the tokens of a formula, runs of white space among them; joined they are the formula.

    >>> tokens_of(r"\frac{1}{N} a_2")
    ['\\frac', '{', '1', '}', '{', 'N', '}', ' ', 'a', '_', '2']
    """
    return _TOKEN.findall(formula)


def argument_end(tokens: list[str], start: int) -> int:
    """Return where the argument that begins at `start`, white space skipped, has ended.

    >>> tokens = tokens_of("_{k,n} + 1")
    >>> "".join(tokens[1 : argument_end(tokens, 1)])
    '{k,n}'
    """
    while start < len(tokens) and tokens[start].isspace():
        start += 1
    depth = 0
    for end in range(start, len(tokens)):
        depth += (tokens[end] == "{") - (tokens[end] == "}")
        if depth <= 0:
            return end + 1
    return len(tokens)
