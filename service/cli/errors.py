"""The refusals of the command line, by exit code."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import rich_click as click


class BadInput(click.ClickException):
    """The input is refused: exit 2.

    Args:
        message: one line.
        below: the lines that are told below it.
    """

    exit_code = 2

    def __init__(self, message: str, below: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.below = below


class CannotGrade(click.ClickException):
    """The input may be right, but nothing certain can be said of it: exit 3."""

    exit_code = 3


@contextmanager
def told_job_errors() -> Iterator[None]:
    """Refuse work that cannot be spread as asked, and say of work that was lost how it goes on.

    Raises:
        BadInput: there was a `JobError`.
    """
    from gradgrade.service import jobs

    try:
        yield
    except jobs.WorkersLost as error:
        raise BadInput(f"{error}; run again, it goes on where it stopped") from None
    except jobs.JobError as error:
        raise BadInput(str(error)) from None
