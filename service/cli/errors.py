"""The refusals of the command line, by exit code."""

from collections.abc import Sequence

import rich_click as click


class BadInput(click.ClickException):
    """The input is refused: exit 2.

    Args:
        message: one line.
        faults: what is told below it, each on a line.
    """

    exit_code = 2

    def __init__(self, message: str, faults: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.faults = faults


class CannotGrade(click.ClickException):
    """The input may be right, but nothing certain can be said of it: exit 3."""

    exit_code = 3
