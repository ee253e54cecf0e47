"""The tour says what happens: every stop is called, in its order, and Python says what is told."""

import subprocess
import sys

from tests import ROOT
from tests.tour import PAGE, STOP, resolved


def test_every_stop_is_numbered_and_is_a_function():
    stops = STOP.findall(PAGE)
    assert [int(number) for number, _ in stops] == list(range(1, len(stops) + 1))
    assert all(callable(resolved(stop)) for _, stop in stops)


def test_the_tour_goes_where_it_says(tmp_path):
    command = [sys.executable, "-m", "tests.tour", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert (done.stdout, done.returncode) == ("", 0), done.stdout + done.stderr
