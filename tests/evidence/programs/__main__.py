"""`python -m tests.evidence.programs`: the evidence over programs, and its section of the page."""

import os
import sys
import warnings

from tests.evidence.__main__ import DOCS, told, write
from tests.evidence.evidence import gather
from tests.evidence.programs.gathering import FULL
from tests.evidence.programs.page import HEADING, failures, section

PAGE = DOCS / "evidence.md"


def main() -> int:
    """Gather, write the section, print the counts; 1 where a promise does not hold."""
    warnings.simplefilter("ignore")
    evidence = gather(FULL, told, os.cpu_count() or 1)
    print(file=sys.stderr)
    text = section(evidence)
    others = PAGE.read_text("utf-8").partition(HEADING)[0].rstrip("\n")
    write(PAGE, f"{others}\n\n{text}")
    print(*(line for line in text.splitlines() if line.startswith("**")), sep="\n")
    missing = list(failures(evidence, FULL.least_parts))
    print(*missing, sep="\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
