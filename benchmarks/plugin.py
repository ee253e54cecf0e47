"""What the pytest plugin costs where it is not asked for: `python -m benchmarks.plugin`."""

import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.timing import measure

SECONDS = 30.0


def main() -> None:
    """Print how long pytest takes for one test that does nothing, with the plugin and without."""
    with TemporaryDirectory() as folder:
        Path(folder, "test_one.py").write_text("def test_one():\n    pass\n")
        runs = {
            "with the plugin": partial(_pytest, folder),
            "without": partial(_pytest, folder, "-p", "no:gradgrade"),
        }
        timings, _ = measure(runs, budget=SECONDS)
    for name in runs:
        print(f"{name}: {timings.best(name):.2f} s, best of {timings.repetitions(name)}")
    print(f"ratio: {timings.ratio(*runs):.2f}, median of pairs")


def _pytest(folder: str, *options: str) -> None:
    # The slow plugin of a tool of ours would hide the difference.
    apart = ("-q", "-p", "no:cacheprovider", "-p", "no:schemathesis")
    command = [sys.executable, "-m", "pytest", *apart, *options]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


if __name__ == "__main__":
    main()
