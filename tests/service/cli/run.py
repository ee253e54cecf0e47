"""Running the command line: in this process, or as the real command."""

import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path
from types import MappingProxyType
from typing import Any

from click.testing import CliRunner, Result

from gradgrade.service.cli.program import program

COMMAND = Path(sys.executable).with_name("gradgrade")
HERE = Path()


def run(
    *arguments: str | Path,
    stdin: str | bytes | None = None,
    cwd: Path = HERE,
    variables: Mapping[str, str | None] = MappingProxyType({}),
) -> Result:
    """Run in this process, which takes a tenth of the time; None: a variable that is not set."""
    with chdir(cwd):
        return CliRunner(env=variables).invoke(program, list(map(str, arguments)), input=stdin)


def run_process(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the installed command."""
    return subprocess.run(
        [str(COMMAND), *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        **options,
    )


def assert_refused(result: Result, *words: str, code: int = 2) -> None:
    """Nothing on standard output, on standard error a line a fault with the words, and the code."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("gradgrade: error: ")
    heading, *faults = result.stderr.splitlines()
    assert heading.endswith(" faults:") == bool(faults)
    assert all(fault.startswith("  ") for fault in faults)
    assert result.stderr.endswith("\n")
    for word in words:
        assert word in result.stderr
