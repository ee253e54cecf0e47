"""The variants of a roster made in the database here, as `publish` and `pregenerate` do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradgrade.service.cli.course.here import opened_course

if TYPE_CHECKING:
    from gradgrade.service.course.work.pregeneration import Pregenerated
    from gradgrade.service.jobs import Run

GENERATING = "Generating"
"""What the progress says is done."""


def pregenerated(name: str, run: Run, *, database: str | None, config: str | None) -> Pregenerated:
    """Make the variants of everybody on a set's roster who has none.

    Args:
        name: the set's.
        run: who draws.
        database: over the settings.
        config: the settings' file.

    Raises:
        NotFound: there is no such set.
        Conflict: an exercise has too few variants.
        ExerciseError: no variant can be issued for somebody.
    """
    from gradgrade.service.course.work.pregeneration import pregenerate

    with opened_course(database=database, config=config) as (backend, actor):
        return pregenerate(backend, actor, name, run)


def as_line(done: Pregenerated) -> str:
    """Return what is told of it."""
    return f"{done.made} variants made, {done.held} were there"
