"""Peak memory of one certified solve, in a process of its own: `-m benchmarks.memory`."""

import resource
import subprocess
import sys
from pathlib import Path

import click

from benchmarks.engines import certified_solve
from benchmarks.networks import Case

KIBIBYTE = 1024
STATUS = Path("/proc/self/status")


def peak_memory(case: Case, digits: int) -> int:
    """Return the largest resident size, in bytes, of a child that solves a case."""
    command = [sys.executable, "-m", "benchmarks.memory", str(case), str(case.batch), str(digits)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@click.command()
@click.argument("sizes")
@click.argument("batch", type=int)
@click.argument("digits", type=int)
def main(sizes: str, batch: int, digits: int) -> None:
    """Solve once and print the largest resident size of this process, in bytes."""
    certified_solve(Case(tuple(map(int, sizes.split("-"))), batch), digits).run()
    print(_peak())


def _peak() -> int:
    if STATUS.exists():
        # Linux counts the parent's size at the fork into a child's ru_maxrss, but not into this.
        return status("VmHWM")
    unit = 1 if sys.platform == "darwin" else KIBIBYTE
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def status(field: str) -> int:
    """Return a size of this process that Linux tells, in bytes."""
    fields = dict(line.split(":", 1) for line in STATUS.read_text("ascii").splitlines())
    return int(fields[field].split()[0]) * KIBIBYTE


if __name__ == "__main__":
    main()
