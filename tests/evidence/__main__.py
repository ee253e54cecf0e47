"""`python -m tests.evidence`: all of the evidence at full size, and the page that tells it."""

import os
import sys
import warnings
from pathlib import Path

from tests import ROOT
from tests.evidence.evidence import FULL, Evidence, gather
from tests.evidence.figure import figure
from tests.evidence.page import page
from tests.evidence.programs.page import HEADING

DOCS = ROOT / "docs"


def main() -> int:
    """Gather the evidence, write the page, print the counts; 1 where a promise does not hold."""
    warnings.simplefilter("ignore")
    evidence = gather(FULL, told, os.cpu_count() or 1)
    print(file=sys.stderr)
    text = page(evidence)
    of_programs = "".join((DOCS / "evidence.md").read_text("utf-8").partition(HEADING)[1:])
    write(DOCS / "evidence.md", f"{text}\n{of_programs}")
    write(DOCS / "confusion.svg", figure(evidence.cases))
    failures = [*evidence.failures(), *_too_few(evidence)]
    print(*(line for line in text.splitlines() if line.startswith("**")), sep="\n")
    print(*failures, sep="\n")
    return 1 if failures else 0


def _too_few(evidence: Evidence) -> list[str]:
    counts = {
        "correct answers": sum(evidence.honest.answers.values()),
        "mutants": sum(evidence.judged.mutants.values()),
    }
    least = FULL.least_answers
    return [f"only {n} {what} of {least}" for what, n in counts.items() if n < least]


def told(done: int, jobs: int) -> None:
    """Tell on a terminal how far the work has come."""
    if sys.stderr.isatty():
        print(f"\r{done} of {jobs}", end="", file=sys.stderr, flush=True)


def write(path: Path, text: str) -> None:
    """Write a file as a whole, or not at all."""
    part = path.with_suffix(path.suffix + ".part")
    part.write_text(text, "utf-8")
    part.replace(path)


if __name__ == "__main__":
    sys.exit(main())
