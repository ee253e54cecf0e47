"""How pages are looked at: wide and narrow, light and dark."""

from tests.examples import share

WIDE, NARROW = 1280, 380
WIDTHS = (WIDE, 1024, 500, NARROW)
"""What the form of a drawing and the breaks of formulas depend on."""

EVERY_LOOK = [(WIDE, "light"), (WIDE, "dark"), (NARROW, "light"), (NARROW, "dark")]
"""Widths and schemes."""


def looks() -> list[tuple[int, str]]:
    """Return how a page is looked at: each width and each scheme once, or all ways.

    What fits does not depend on colours, nor what can be read on the width.
    """
    return EVERY_LOOK if share() >= 1 else [EVERY_LOOK[0], EVERY_LOOK[-1]]
