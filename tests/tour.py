"""Run `docs/tour.md`: its examples, and which functions they call on the way.

It is run in a process of its own, `python -m tests.tour DIRECTORY`, where nothing is cached yet:
what was worked out before would not be called again.
"""

import doctest
import inspect
import pkgutil
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from tests import ROOT

PAGE = (ROOT / "docs" / "tour.md").read_text("utf-8")
SECTIONS = PAGE.split("\n## ")[1:]
STOP = re.compile(r"^(\d+)\. `([\w.]+)` ", re.MULTILINE)
EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
SET = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def resolved(stop: str) -> Any:
    """What a stop names: a function of a module, or of a class in it."""
    place, _, name = stop.rpartition(".")
    found = inspect.getattr_static(pkgutil.resolve_name(place), name)
    found = found.__func__ if isinstance(found, classmethod) else found
    return inspect.unwrap(found)


def faults(directory: Path) -> Iterator[str]:
    """Yield where the page is wrong."""
    names: dict[str, Any] = {"TOML": SET.findall(PAGE)[0], "DIRECTORY": directory}
    for section in SECTIONS:
        title = section.partition("\n")[0]
        (example,) = EXAMPLE.findall(section)
        test = doctest.DocTestParser().get_doctest(example, names, title, "tour.md", 0)
        told: list[str] = []
        with calls() as order:
            runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
            runner.run(test, out=told.append, clear_globs=False)
        yield from told
        names, last = test.globs, -1
        for _, stop in STOP.findall(section):
            code = resolved(stop).__code__
            if code not in order:
                yield f"{title}: {stop} is not called\n"
            elif order.index(code) < last:
                yield f"{title}: {stop} is called before the stop above it\n"
            else:
                last = order.index(code)


@contextmanager
def calls() -> Iterator[list[CodeType]]:
    """Note what is called in the order in which it is called first; it is there at the end."""
    noted: dict[CodeType, None] = {}
    order: list[CodeType] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            noted.setdefault(frame.f_code)

    sys.setprofile(note)
    try:
        yield order
    finally:
        sys.setprofile(None)
        order += noted


if __name__ == "__main__":
    sys.stdout.writelines(faults(Path(sys.argv[1])))
