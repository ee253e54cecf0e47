"""Why something failed, on one line, with what to write instead where that is known."""

import sys
from types import MappingProxyType

from .clock import TookTooLong
from .statements import IsImported

LONGEST_REASON = 200
MEMORY = "the program needs more memory than it may have"
ENDS = "the program ends itself"

_NAMES_OF_2 = MappingProxyType(
    {
        "basestring": "str",
        "long": "int",
        "raw_input": "input",
        "reduce": "functools.reduce",
        "unichr": "chr",
        "unicode": "str",
        "xrange": "range",
    }
)
_MODULES_OF_2 = MappingProxyType(
    {
        "ConfigParser": "configparser",
        "Queue": "queue",
        "StringIO": "io",
        "cPickle": "pickle",
        "urllib2": "urllib.request",
    }
)
_METHODS_OF_2 = MappingProxyType(
    {"has_key": "in", "iteritems": "items()", "iterkeys": "keys()", "itervalues": "values()"}
)
_SYNTAX_OF_2 = (
    "Missing parentheses in call to",
    "multiple exception types must be parenthesized",
    "leading zeros in decimal integer literals",
)


def reason_of(error: BaseException) -> str:
    """Return why something failed.

    >>> reason_of(NameError("name 'xrange' is not defined", name="xrange"))
    "NameError: name 'xrange' is not defined (this is Python 2: write range)"
    >>> reason_of(AssertionError())
    'AssertionError'
    """
    if isinstance(error, (TookTooLong, IsImported)):
        return str(error)
    if isinstance(error, MemoryError):
        return MEMORY
    if isinstance(error, SystemExit):
        return ENDS
    told = f"{text_of(error)}{remedy_for(error)}"
    return f"{type(error).__name__}: {told}" if told else type(error).__name__


def text_of(error: BaseException) -> str:
    """Return what an exception says, on one line that is not too long."""
    try:
        told = error.msg if isinstance(error, SyntaxError) else str(error)
    except Exception:  # whatever a student's __str__ raises
        return "(an exception that cannot be printed)"
    return told


def remedy_for(error: BaseException) -> str:
    """Return what can be done about it, in brackets, or nothing."""
    found = _of_python_2(error)
    if found is not None:
        return f" (this is Python 2: write {found})" if found else _OTHER_PYTHON
    if isinstance(error, SyntaxError):
        line = (error.text or "").lstrip()
        if line.startswith(("%", "!")):
            return " (a line for IPython alone, which Python does not read: leave it out)"
        if "null" in str(error.msg):
            return " (as UTF-16 without its mark has: save the file as UTF-8)"
    if isinstance(error, EOFError) and "reading a line" in str(error):
        return " (standard input is empty: there is nothing for input() to read)"
    return ""


_OTHER_PYTHON = f" (this is Python 2; Python {sys.version_info[0]}.{sys.version_info[1]} runs it)"


def _of_python_2(error: BaseException) -> str | None:
    """Return what to write in place of something of Python 2; empty where its message says it."""
    if isinstance(error, NameError):
        return _NAMES_OF_2.get(str(error.name))
    if isinstance(error, ImportError):
        return _MODULES_OF_2.get(str(error.name))
    if isinstance(error, AttributeError) and isinstance(error.obj, dict):
        return _METHODS_OF_2.get(str(error.name))
    if isinstance(error, SyntaxError) and str(error.msg).startswith(_SYNTAX_OF_2):
        return ""
    return None
