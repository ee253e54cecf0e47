"""`draw`: an exercise's network as SVG."""

from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.drawing.layout.forms import TURNED, WIDE
from gradgrade.problems.drawing.layout.layout import lay_out
from gradgrade.problems.drawing.networks.network import network_scene
from gradgrade.problems.drawing.networks.values import Numerals, with_values
from gradgrade.problems.drawing.picture import Picture
from gradgrade.problems.drawing.scene import Mark
from gradgrade.problems.drawing.style import stylesheet
from gradgrade.problems.drawing.svg import write_svg

LARGE = 700.0
"""From which width on a wide drawing is not made smaller to fit a page, but scrolls."""


def picture(
    exercise: Exercise, *, is_turned: bool = False, marks: tuple[Mark, ...] = ()
) -> Picture:
    """Return an exercise's network as a picture.

    Args:
        exercise: what to draw.
        is_turned: whether layers run from top to bottom.
        marks: what to mark on it.
    """
    return lay_out(network_scene(exercise, marks=marks), TURNED if is_turned else WIDE)


def draw(
    exercise: Exercise,
    *,
    key: str = "network",
    is_turned: bool = False,
    marks: tuple[Mark, ...] = (),
) -> str:
    """Return an exercise's network as SVG for a page that has `stylesheet()`.

    Args:
        exercise: what to draw.
        key: what ids begin with; another for each drawing of a page.
        is_turned: whether layers run from top to bottom, for narrow windows.
        marks: what to mark on it.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    >>> draw(exercise).count("<circle"), "style" in draw(exercise)
    (6, False)
    """
    return _for_a_page(picture(exercise, is_turned=is_turned, marks=marks), key, is_turned)


def draw_values(
    exercise: Exercise, numerals: Numerals, *, key: str = "network", is_turned: bool = False
) -> str:
    """Return an exercise's network as SVG, with what a walk made written into it.

    Args:
        exercise: what was walked: one sample, once, through dense layers.
        numerals: what it made; see `with_values`.
        key: what ids begin with; another for each drawing of a page.
        is_turned: whether layers run from top to bottom, for narrow windows.
    """
    scene = with_values(network_scene(exercise), exercise, numerals)
    return _for_a_page(lay_out(scene, TURNED if is_turned else WIDE), key, is_turned)


def _for_a_page(drawn: Picture, key: str, is_turned: bool) -> str:
    form = "turned-form" if is_turned else "wide-form"
    if drawn.width > LARGE and not is_turned:
        form += " large"
    return write_svg(drawn, key=key, css=f"drawing {form}")


def draw_alone(exercise: Exercise, *, is_turned: bool = False, marks: tuple[Mark, ...] = ()) -> str:
    """Return an exercise's network as an SVG document, its style in it, light and dark.

    Args:
        exercise: what to draw.
        is_turned: whether layers run from top to bottom.
        marks: what to mark on it.
    """
    return as_document(picture(exercise, is_turned=is_turned, marks=marks))


def as_document(drawn: Picture) -> str:
    """Return a picture as an SVG document, its style in it, light and dark."""
    return write_svg(drawn, key="network", style=stylesheet(), has_ground=True) + "\n"
