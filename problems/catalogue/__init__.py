"""The problem sets that ship, as TOML files beside this one."""

from importlib.resources import files

from gradgrade.problems.documents.problem_set import ProblemSet
from gradgrade.problems.errors import DocumentError

_SUFFIX = ".toml"


def names() -> tuple[str, ...]:
    """Return the names of the sets, in order."""
    entries = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in entries if name.endswith(_SUFFIX)))


def text(name: str) -> str:
    """Return a set as it is written.

    Raises:
        DocumentError: there is none of this name; the message lists those that there are.
    """
    if name not in names():
        raise DocumentError(f"{name!r} is not in the catalogue; there are {', '.join(names())}")
    return (files(__name__) / f"{name}{_SUFFIX}").read_text("utf-8")


def load(name: str) -> ProblemSet:
    """Return a set.

    >>> load("seeds").name
    'seeds'
    """
    return ProblemSet.from_toml(text(name))
