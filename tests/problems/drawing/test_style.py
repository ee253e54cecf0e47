"""How drawings look: every class has a rule, and what is read stands out from its ground."""

import re
from itertools import combinations

import pytest

from gradgrade.problems.drawing.scene import Status
from gradgrade.problems.drawing.style import (
    DARK,
    LIGHT,
    PRINT,
    lighting,
    printed_stylesheet,
    stylesheet,
)
from tests import ROOT


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK, PRINT], ids=["light", "dark", "print"])
def test_what_is_read_has_contrast_and_what_is_seen_too(colours):
    for name in ("text", "quiet", "accent", "right", "wrong", "carry"):
        assert contrast(colours[name], colours["paper"]) >= 5.3, name
        assert contrast(colours[name], colours["wash"]) >= 4.5, name
    assert contrast(colours["edge"], colours["paper"]) >= 3
    assert contrast(colours["text"], colours["wrong-wash"]) >= 7


def test_black_on_white_is_the_most_contrast():
    assert round(contrast("#000000", "#ffffff"), 3) == 21


def test_no_two_statuses_look_alike():
    signs = [(each.sign, each.words) for each in Status]
    assert len(set(signs)) == len(signs)
    assert all(one.css != other.css for one, other in combinations(Status, 2))
    for status in Status:
        assert f".drawing .{status.css} " in stylesheet()


def test_a_page_and_its_drawings_have_the_same_colours():
    page = (ROOT / "service" / "web" / "static" / "style.css").read_text("utf-8")
    for name in LIGHT:
        assert re.findall(rf"--{name}: (#\w+);", page) == [LIGHT[name], DARK[name]], name


def test_a_printed_style_knows_no_variables():
    assert "--" not in printed_stylesheet()
    assert "@media" not in printed_stylesheet()


def test_there_is_no_dark_where_a_page_cannot_be_dark():
    assert "dark" not in stylesheet(has_dark=False)


def test_every_place_of_a_network_can_be_lit():
    rules = lighting(layers=2)
    for place in ("L0", "W1", "L1", "W2", "L2", "loss"):
        assert f".at-{place}:focus-within) .drawing .{place} " in rules


def test_every_quantity_of_a_graph_can_be_lit():
    rules = lighting(layers=1, quantities=3)
    for place in ("Q1", "Q2", "Q3"):
        assert f".at-{place}:focus-within) .drawing .{place} " in rules
    assert "Q4" not in rules
