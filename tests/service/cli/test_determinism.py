"""The same arguments write the same bytes, today and in later versions of the same generator."""

import hashlib
from pathlib import Path

from tests.service.cli.run import run

GOLDEN = "710a0c06ddd2b4ade8cdca379fbf72827c92cbfda098ef07da3ef9e01f666c0e"
"""Of the exercises alone: a change means other numbers for every student, so raise `GENERATOR`."""


def digest(directory: Path, pattern: str) -> str:
    lines = (
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(directory.glob(pattern))
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def test_generating_twice_gives_identical_bytes(tmp_path: Path):
    for name in ("first", "second"):
        run("generate", "first-steps", "--out", tmp_path / name, "--count", "3", "--seed", "7")
    assert len(list((tmp_path / "first").iterdir())) == 2 * 3 * 6
    assert digest(tmp_path / "first", "*") == digest(tmp_path / "second", "*")


def test_a_generated_set_has_its_golden_hash(tmp_path: Path):
    run("generate", "first-steps", "--out", tmp_path, "--count", "2", "--seed", "golden")
    assert len(list(tmp_path.glob("*.exercise.json"))) == 2 * 6
    assert digest(tmp_path, "*.exercise.json") == GOLDEN
