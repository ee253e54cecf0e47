"""What the tests of drawings share: random networks, and parts of a picture by their classes."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator

from hypothesis import strategies as st

from gradgrade.oracle.nested import flatten
from gradgrade.problems import Exercise
from gradgrade.problems.drawing.picture import Box, Circle, Group, Item, Label, Picture
from gradgrade.problems.drawing.scene import Scene
from gradgrade.problems.drawing.text import plain
from tests.strategies import CONVENTIONS, dense, written_exercise

SVG = "{http://www.w3.org/2000/svg}"
BIASES = ("per_unit", "shared", "none", "ones")


@st.composite
def networks(draw: st.DrawFn) -> Exercise:
    """A network of dense layers whose numbers were never drawn."""
    layers = [
        dense(draw(st.integers(1, 7)), "sigmoid", draw(st.sampled_from(BIASES[:3])))
        for _ in range(draw(st.integers(1, 3)))
    ]
    return written_exercise(
        layers,
        inputs=draw(st.integers(1, 7)),
        batch=draw(st.integers(1, 2)),
        convention=draw(st.sampled_from(CONVENTIONS)),
    )


def as_set(number: str) -> str:
    """A number as it stands in a drawing."""
    return number.replace("-", "\N{MINUS SIGN}")


def given_numbers(exercise: Exercise) -> set[str]:
    """All numbers that an exercise gives, as they stand in a drawing."""
    arrays = (flatten(each) for each in exercise.given.values())
    scalars = {as_set(str(number)) for number in exercise.scalars().values()}
    return scalars | {as_set(entry.text) for array in arrays for entry in array}


def parsed(svg: str) -> ET.Element:
    """A drawing as strict XML."""
    return ET.fromstring(svg)


def texts(svg: str) -> list[str]:
    """The characters of each text of a drawing."""
    return ["".join(each.itertext()) for each in parsed(svg).iter(f"{SVG}text")]


def items(groups: tuple[Item, ...], name: str) -> Iterator[Item]:
    """What stands in the groups of a class, at whatever depth."""
    for group in groups:
        if isinstance(group, Group):
            if name in group.css.split():
                yield from group.items
            else:
                yield from items(group.items, name)


def labels(picture: Picture, name: str) -> list[Label]:
    """The texts in the groups of a class."""
    return [each for each in items(picture.items, name) if isinstance(each, Label)]


def nodes(picture: Picture) -> list[Circle | Box]:
    """The shapes of units and boxes."""
    return [each for each in items(picture.items, "units") if isinstance(each, Circle | Box)]


def edge_labels(scene: Scene) -> list[str]:
    """The labels of all edges of a scene."""
    return [plain(edge.label) for bundle in scene.bundles for edge in bundle.edges if edge.label]
