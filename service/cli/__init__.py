"""The command line: doors only, one command a file.

Nothing here imports what computes until a command needs it, so that `--help` and `--version` are
immediate. What a command refuses becomes one line on standard error and an exit code in `program`.
"""

from gradgrade.service.cli.program import main

__all__ = ["main"]
