"""`draw`: an exercise's network, or its program's computation graph, as SVG."""

from collections.abc import Mapping
from types import MappingProxyType

from gradgrade.oracle.derivation.names import Name
from gradgrade.problems.documents.exercise import Exercise, NetworkExercise, ProgramExercise
from gradgrade.problems.drawing.graphs.layout import lay_out_chart
from gradgrade.problems.drawing.graphs.program import program_chart
from gradgrade.problems.drawing.layout.forms import TURNED, WIDE
from gradgrade.problems.drawing.layout.layout import lay_out
from gradgrade.problems.drawing.networks.network import network_scene
from gradgrade.problems.drawing.networks.values import Numerals, with_values
from gradgrade.problems.drawing.picture import Picture
from gradgrade.problems.drawing.scene import Mark
from gradgrade.problems.drawing.style import readable_from, stylesheet
from gradgrade.problems.drawing.svg import write_svg


def picture(
    exercise: Exercise,
    *,
    is_turned: bool = False,
    marks: tuple[Mark, ...] = (),
    numbers: Mapping[Name, str] = MappingProxyType({}),
) -> Picture | None:
    """Return an exercise's network or graph as a picture; None where it is too large for one.

    Args:
        exercise: what to draw.
        is_turned: whether it runs from top to bottom.
        marks: what to mark on it.
        numbers: values and gradients that are one number each, to be shown in a graph.
    """
    if isinstance(exercise, ProgramExercise):
        chart = program_chart(exercise, marks=marks, numbers=numbers)
        return None if chart is None else lay_out_chart(chart, is_turned=is_turned)
    assert isinstance(exercise, NetworkExercise)
    return lay_out(network_scene(exercise, marks=marks), TURNED if is_turned else WIDE)


def draw(
    exercise: Exercise,
    *,
    key: str = "network",
    is_turned: bool = False,
    marks: tuple[Mark, ...] = (),
) -> str:
    """Return an exercise's network or graph as SVG for a page that has `stylesheet()`.

    Args:
        exercise: what to draw; empty where it is too large.
        key: what ids begin with; another for each drawing of a page.
        is_turned: whether it runs from top to bottom, for narrow windows.
        marks: what to mark on it.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    >>> draw(exercise).count("<circle"), "style" in draw(exercise)
    (6, False)
    """
    return _for_a_page(picture(exercise, is_turned=is_turned, marks=marks), key, is_turned)


def draw_values(
    exercise: NetworkExercise, numerals: Numerals, *, key: str = "network", is_turned: bool = False
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


def _for_a_page(drawn: Picture | None, key: str, is_turned: bool) -> str:
    if drawn is None:
        return ""
    form = "turned-form" if is_turned else "wide-form"
    return write_svg(drawn, key=key, css=f"drawing {form} {readable_from(drawn.width)}")


def draw_alone(exercise: Exercise, *, is_turned: bool = False, marks: tuple[Mark, ...] = ()) -> str:
    """Return an exercise's drawing as an SVG document, its style in it, light and dark.

    Args:
        exercise: what to draw; empty where it is too large.
        is_turned: whether it runs from top to bottom.
        marks: what to mark on it.
    """
    drawn = picture(exercise, is_turned=is_turned, marks=marks)
    return "" if drawn is None else as_document(drawn)


def as_document(drawn: Picture) -> str:
    """Return a picture as an SVG document, its style in it, light and dark."""
    return write_svg(drawn, key="network", style=stylesheet(), has_ground=True) + "\n"
