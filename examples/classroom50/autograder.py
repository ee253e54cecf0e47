"""Grades student.py for Classroom 50: this file and the problem set are the instructor's.

It stands beside week-3.toml, where students cannot write, and is started in the folder of what was
handed in. requirements.txt says which version grades. Variants follow from GRADGRADE_SECRET and the
file, where that is set, and are others in every run where it is not.
"""

import subprocess
import sys
from pathlib import Path

PROBLEM_SET = Path(__file__).resolve().with_name("week-3.toml")


def main() -> int:
    """Write result.json, and return 0 where it was graded."""
    command = ["gradgrade", "check-code", str(PROBLEM_SET), "student.py"]
    options = ["--variants", "5", "--format", "classroom50", "--exit-zero", "--out", "result.json"]
    return subprocess.run([*command, *options], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
