"""What an audit costs: `python -m benchmarks.audits`, 40 variants of a suite of twenty tests.

Printed is the wall time on this machine, and its load, which whoever reads it has to look at too.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import click

from gradgrade.problems import ProblemSet
from gradgrade.problems.audits.audited import Audited
from gradgrade.service.audit.auditing import audit, default_jobs
from gradgrade.service.audit.running import Command

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "audit"
VARIANTS, TESTS = 40, 20

TEST = """

def test_{number}():
    rng = np.random.default_rng({number})
    x, W, b, d = (rng.normal(size=each) for each in ((5, 3), (3, 4), 4, (5, 4)))
    out, cache = affine_forward(x, W, b)
    np.testing.assert_allclose(out, x @ W + b, rtol=1e-12)
    for got, right in zip(affine_backward(d, cache), (d @ W.T, x.T @ d, d.sum(axis=0))):
        np.testing.assert_allclose(got, right, rtol=1e-10)
"""


@click.command()
def main() -> None:
    """Audit a suite of twenty tests of pytest's, and print how long it takes."""
    audited = Audited(ProblemSet.load(EXAMPLE / "week-2.toml"), "affine")
    codes = [each.code for each in audited.mistaken][:VARIANTS]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.joinpath("layers.py").write_bytes(EXAMPLE.joinpath("layers.py").read_bytes())
        tests = "".join(TEST.format(number=number) for number in range(TESTS))
        head = "import numpy as np\nfrom layers import affine_backward, affine_forward\n"
        folder.joinpath("test_layers.py").write_text(head + tests, "utf-8")
        words = (sys.executable, "-m", "pytest", "-q")
        command = Command(words=words, module="layers", timeout=120, folder=folder)
        began = time.perf_counter()
        found = audit(audited, command, mistakes=codes, honest=False, jobs=default_jobs())
        seconds = time.perf_counter() - began
    click.echo(
        f"{found.mistakes} variants of {found.tests} tests in {seconds:.0f} s with "
        f"{default_jobs()} processors, load {os.getloadavg()[0]:.1f}; {len(found.survivors)} pass"
    )


if __name__ == "__main__":
    main()
