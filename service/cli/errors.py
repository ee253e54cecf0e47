"""The refusals of the command line, by exit code."""

import rich_click as click


class BadInput(click.ClickException):
    """The input is refused: exit 2."""

    exit_code = 2


class CannotGrade(click.ClickException):
    """The input may be right, but nothing certain can be said of it: exit 3."""

    exit_code = 3
