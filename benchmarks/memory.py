"""Peak memory of one certified solve, in a process of its own: `-m benchmarks.memory`."""

import resource
import subprocess
import sys

import click

from benchmarks.engines import certified_solve
from benchmarks.networks import Case

KIBIBYTE = 1024


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
    unit = 1 if sys.platform == "darwin" else KIBIBYTE
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


if __name__ == "__main__":
    main()
