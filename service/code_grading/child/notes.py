"""What a student's file lacks, in words, and where in it something stands."""

import difflib
from collections.abc import Iterable
from types import CodeType
from typing import Any

from .importing.loader import Loader

CLOSE = 0.6


def why_missing(name: str, module: Any) -> str:
    """Return that a file does not define a name, with the cause where that is known.

    A statement that was left out and binds the name is the cause; or else the one name that is
    most like it may be what is meant.
    """
    told = f"the file defines no {name}"
    cause = cause_of(name, module)
    if cause is not None:
        return f"{told}; {cause}"
    near = nearest(name, [each for each in vars(module) if not each.startswith("_")])
    return told if near is None else f"{told} (there is {near})"


def cause_of(name: str, module: Any, called: str = "it") -> str | None:
    """Return why a module does not define a name, if what binds it was left out."""
    loader = getattr(module, "__loader__", None)
    if not isinstance(loader, Loader):
        return None
    return loader.submission.why_left_out(name, loader.path, called)


def cause_of_any(names: Iterable[str], module: Any) -> str | None:
    """Return why a module defines none of some names: or else the first that was left out."""
    cause = next(filter(None, (cause_of(name, module, name) for name in names)), None)
    loader = getattr(module, "__loader__", None)
    if cause is None and isinstance(loader, Loader):
        missed = [each for each in loader.submission.left_out if each.names]
        cause = f"{missed[0].place.told()} was left out: {missed[0].why}" if missed else None
    return cause


def nearest(name: str, names: list[str]) -> str | None:
    """Return the name that is most like one, whatever its case and underscores.

    >>> nearest("affine_forward", ["np", "affineBackward", "affineForward"])
    'affineForward'
    """
    plain = {_plain(each): each for each in names}
    found = difflib.get_close_matches(_plain(name), plain, n=1, cutoff=CLOSE)
    return plain[found[0]] if found else None


def where(code: CodeType, module: Any) -> str:
    """Return in words where a function of a module begins."""
    loader = getattr(module, "__loader__", None)
    line = code.co_firstlineno
    return loader.place(line).told() if isinstance(loader, Loader) else f"line {line}"


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
