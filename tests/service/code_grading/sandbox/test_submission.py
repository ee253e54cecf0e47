"""The folder in which what is handed in is laid, for the time of a run and no longer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gradgrade.service.code_grading.hand_in.hand_in import HandIn
from gradgrade.service.code_grading.sandbox.submission import laid
from tests import ROOT

HAND_IN = HandIn(files={"net.py": b"x = 1", "lib/a.py": b""}, main="net.py")


def test_all_may_read_the_files_and_only_their_owner_comes_to_them():
    mask = os.umask(0o077)
    try:
        with laid(HAND_IN) as top:
            modes = {path.relative_to(top): path.stat().st_mode & 0o777 for path in top.rglob("*")}
            assert modes == {Path("net.py"): 0o444, Path("lib"): 0o755, Path("lib/a.py"): 0o444}
            assert top.parent.stat().st_mode & 0o777 == 0o700
    finally:
        os.umask(mask)
    assert not top.parent.exists()


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_has_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    script = (
        "from tests.service.code_grading.sandbox.test_submission import HAND_IN, laid\n"
        "with laid(HAND_IN) as top:\n"
        "    print(top, flush=True)\n"
        "    input()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    left = Path(process.stdout.readline().strip())
    with laid(HAND_IN):
        assert left.exists()
    process.kill()
    process.communicate()
    assert left.exists()
    with laid(HAND_IN) as top:
        assert not left.parent.exists()
        assert top.exists()
