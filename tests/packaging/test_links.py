"""The houses stand at the top of the checkout, and are modules of one package all the same."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT


@pytest.mark.parametrize("house", ["oracle", "problems", "service"])
def test_a_house_at_the_top_is_linked_into_the_package(house: str) -> None:
    link = ROOT / "src" / "gradgrade" / house
    assert link.is_symlink()
    assert link.readlink() == Path("..", "..", house)


@pytest.mark.parametrize(
    ("folder", "argument"),
    [
        (".", "oracle/nested.py"),
        (".", "src/gradgrade/oracle/nested.py"),
        ("oracle", "nested.py"),
        (".", "oracle/nested.py::gradgrade.oracle.nested.shape_of"),
    ],
)
def test_a_file_is_tested_as_the_module_that_all_others_import(folder: str, argument: str) -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", argument]
    done = subprocess.run(command, cwd=ROOT / folder, capture_output=True, text=True, check=True)
    collected = [line for line in done.stdout.splitlines() if "::" in line]
    assert collected
    for line in collected:
        assert "src/gradgrade/oracle/nested.py::gradgrade.oracle.nested" in line
