"""`python -m tests.evidence`: all of the evidence at full size, and the page that tells it."""

import os
import sys
import warnings
from pathlib import Path

from tests import ROOT
from tests.evidence.evidence import FULL, Evidence, gather
from tests.evidence.figure import figure
from tests.evidence.page import page

DOCS = ROOT / "docs"


def main() -> int:
    """Gather the evidence, write the page, print the counts; 1 where a promise does not hold."""
    warnings.simplefilter("ignore")
    evidence = gather(FULL, _told, os.cpu_count() or 1)
    print(file=sys.stderr)
    text = page(evidence)
    for name, content in (("evidence.md", text), ("confusion.svg", figure(evidence.cases))):
        _write(DOCS / name, content)
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


def _told(done: int, jobs: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} of {jobs}", end="", file=sys.stderr, flush=True)


def _write(path: Path, text: str) -> None:
    part = path.with_suffix(path.suffix + ".part")
    part.write_text(text, "utf-8")
    part.replace(path)


if __name__ == "__main__":
    sys.exit(main())
