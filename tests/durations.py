"""How long tests take: `make durations` runs them all and writes it beside this file.

A test is slow by all of its cases together, so that a quick run can leave out a long table of short
cases too. What fixtures take does not count: it is whose turn comes first that pays for them.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

FILE = Path(__file__).with_suffix(".json")

SLOW_SECONDS = 0.2
"""A test that takes so long, on the machine that wrote the file, is left out of a quick run."""

WRITTEN_SECONDS = 0.2
"""Those that take less are not worth a line."""


def without_case(test: str) -> str:
    """Return the name of a test without the case of its table.

    >>> without_case("tests/test_x.py::test_it_holds[first]")
    'tests/test_x.py::test_it_holds'
    """
    return test.partition("[")[0]


def slow_tests() -> frozenset[str]:
    """Return the names of the tests that are slow."""
    seconds: Mapping[str, float] = json.loads(FILE.read_text("utf-8"))
    return frozenset(name for name, each in seconds.items() if each >= SLOW_SECONDS)


def durations(report: Path) -> dict[str, float]:
    """Return how long each test took by a report of pytest's, those that take little left out.

    Args:
        report: of `--junitxml`, with `junit_family=xunit1` and `junit_duration_report=call`.
    """
    seconds: Counter[str] = Counter()
    for case in ElementTree.parse(report).iter("testcase"):
        test = f"{case.attrib['file']}::{case.attrib['name']}"
        seconds[without_case(test)] += float(case.attrib["time"])
    return {
        name: round(each, 1) for name, each in sorted(seconds.items()) if each >= WRITTEN_SECONDS
    }


def main() -> None:
    """Write the file from the report that is named."""
    (report,) = sys.argv[1:]
    text = json.dumps(durations(Path(report)), indent=2, ensure_ascii=False)
    FILE.write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    main()
