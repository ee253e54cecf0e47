"""The SVG: well-formed, no style and no colour of its own, readable without seeing it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradgrade.problems import Exercise
from gradgrade.problems.drawing.draw import draw, draw_alone
from gradgrade.problems.drawing.marks import marks_of_verdict
from gradgrade.problems.drawing.picture import Label, framed
from gradgrade.problems.drawing.svg import write_svg
from gradgrade.problems.drawing.text import words
from tests import ROOT
from tests.problems.drawing.drawn import SVG, parsed
from tests.problems.worksheet.worksheets import KINDS, of_kind
from tests.strategies import dense, variant, written_exercise

GOLDEN = ROOT / "tests" / "problems" / "drawing" / "golden"


def starter() -> Exercise:
    layers = [dense(4, "sigmoid"), dense(2, "sigmoid")]
    return written_exercise(layers, inputs=3, batch=1)


def without_numbers() -> Exercise:
    """A network of which no number is drawn."""
    lstm = {"type": "lstm", "units": 2}
    output = dense(2, "softmax", bias="none")
    layers = [lstm, {"type": "last_step"}, output]
    return variant(inputs=[3, 2], layers=layers, batch=2, ask=["loss"])


MARKS = marks_of_verdict(
    starter(),
    outcomes={"z1": "correct", "delta2": "incorrect", "dW1": "carried_forward", "db1": "missing"},
    first_error="delta2",
)
DRAWINGS = {
    "dense": lambda: draw_alone(starter()),
    "marked": lambda: draw_alone(starter(), marks=MARKS),
    "turned": lambda: draw_alone(starter(), is_turned=True, marks=MARKS),
    "lstm": lambda: draw_alone(without_numbers()),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_what_it_was_to_the_byte(name: str):
    assert DRAWINGS[name]() == (GOLDEN / f"{name}.svg").read_text("utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_a_drawing_has_classes_alone(kind: str):
    for is_turned in (False, True):
        root = parsed(draw(of_kind(kind), is_turned=is_turned))
        tags = {each.tag.removeprefix(SVG) for each in root.iter()}
        assert tags <= {
            "svg",
            "title",
            "desc",
            "g",
            "circle",
            "rect",
            "line",
            "path",
            "text",
            "tspan",
        }
        attributes = {name for each in root.iter() for name in each.attrib}
        assert not attributes & {"style", "fill", "stroke", "color", "href", "font-family"}
        assert not {name for name in attributes if name.startswith("on")}


def test_a_drawing_is_an_image_with_a_text_beside_it():
    root = parsed(draw(starter(), key="this"))
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "this-title"
    assert root.get("aria-describedby") == "this-description"
    assert root.findtext(f"{SVG}title[@id='this-title']")
    assert "layer 1" in (root.findtext(f"{SVG}desc[@id='this-description']") or "")


def test_drawings_of_one_page_share_no_id():
    page = draw(starter(), key="one") + draw(starter(), key="other", is_turned=True)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) == 4


def test_a_drawing_that_stands_alone_brings_its_style():
    root = parsed(draw_alone(starter()))
    assert "prefers-color-scheme: dark" in (root.findtext(f"{SVG}style") or "")
    assert root.find(f"{SVG}rect[@class='ground']") is not None


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1))
def test_every_text_is_only_text(text: str):
    drawn = framed(
        (Label(x=0, y=0, text=words(text)),), title=text, description=text, margin=0, least_width=0
    )
    root = parsed(write_svg(drawn, key="it", css=text))
    assert root.findtext(f"{SVG}text") == text
    assert root.findtext(f"{SVG}title") == text
