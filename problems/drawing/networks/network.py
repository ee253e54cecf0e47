"""An exercise's network as a scene: units with their weights and biases, and layers as boxes.

What a column shows depends on the structure and the givens alone. Nothing is computed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Kind, Layout, Quantity
from gradgrade.oracle.nested import Shape, flatten
from gradgrade.problems.documents.exercise import NetworkExercise
from gradgrade.problems.documents.structures.layers import DenseLayer, LayerModel
from gradgrade.problems.drawing.networks.boxes import RECURRENT, box_lines, sizes
from gradgrade.problems.drawing.networks.wording import describe, title
from gradgrade.problems.drawing.scene import Bundle, Column, Edge, Mark, Node, Place, Scene
from gradgrade.problems.drawing.text import Run, Text, indexed, numeral, symbol_of, words

MOST_UNITS = 5
"""How many units of a layer are drawn; of more, the first two and the last."""

MOST_EDGES = 30
"""How many weights between two layers are written on their edges."""

MOST_WEIGHTS = 100
"""How many weights of all layers are written on edges."""

LONGEST_NUMERAL = 10
"""How many characters a number in a drawing has; longer ones stand among the givens alone."""

_INPUTS = Place("layer", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layer:
    """A layer where it stands."""

    exercise: NetworkExercise
    number: int
    model: LayerModel
    input_shape: Shape

    @property
    def units(self) -> int:
        """How many units are drawn for it; 0 where it is a box."""
        return self.model.units if isinstance(self.model, DenseLayer) else 0


def network_scene(exercise: NetworkExercise, *, marks: tuple[Mark, ...] = ()) -> Scene:
    """Return an exercise's network as a scene.

    Args:
        exercise: what to draw: its givens are shown where there is one sample.
        marks: what to mark on it.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    >>> scene = network_scene(exercise)
    >>> scene.title, [len(column.nodes) for column in scene.columns]
    ('2 inputs, 2 sigmoid units, 2 sigmoid outputs', [2, 2, 2])
    """
    shapes = exercise.network().shapes
    layers = [
        _Layer(exercise=exercise, number=number, model=model, input_shape=shape)
        for number, (model, shape) in enumerate(zip(exercise.layers, shapes, strict=False), 1)
    ]
    columns = [_input_column(exercise, layers[0]), *map(_column, layers)]
    bundles = tuple(
        _bundle(layer, columns[layer.number - 1], columns[layer.number]) for layer in layers
    )
    return Scene(
        title=title(exercise),
        description=describe(exercise, marks),
        columns=tuple(_with_ones(columns, layers)),
        bundles=_with_few_labels(bundles),
        marks=marks,
    )


def unit_name(exercise: NetworkExercise, layer: int, unit: int) -> Text:
    """Return what a unit is called: x among the inputs, o among the outputs, else h.

    Where several layers are hidden, h has its layer before its own number; where a layer has one
    unit, that has no number.

    Args:
        exercise: the exercise.
        layer: its number; 0 is the input.
        unit: its number, from 0.
    """
    last = len(exercise.layers)
    shape = exercise.network().shapes[layer]
    own = str(unit + 1) if shape[0] > 1 else ""
    if layer == 0:
        return indexed("x", own)
    if layer == last:
        return indexed("o", own)
    hidden = [
        number for number in range(1, last) if isinstance(exercise.layers[number - 1], DenseLayer)
    ]
    place = str(layer) if len(hidden) > 1 else ""
    return indexed("h", ",".join(filter(None, (place, own))))


def target_names(units: int) -> tuple[Text, ...]:
    """Return what the targets of so many outputs are called."""
    return tuple(_target(str(unit + 1) if units > 1 else "") for unit in range(units))


def _input_column(exercise: NetworkExercise, first: _Layer) -> Column:
    shape = first.input_shape
    if len(shape) > 1:
        box = Node(
            key="0.0",
            kind="box",
            place=_INPUTS,
            lines=(words("inputs"), (*indexed("x"), Run(f"  {sizes(shape)}"))),
            is_given=True,
        )
        return Column(nodes=(box,))
    values = _of_one_sample(exercise, "x", shape[0])
    nodes = tuple(
        _unit(exercise, 0, unit, is_given=True, value=values[unit] if values else ())
        for unit in _shown(shape[0])
    )
    return Column(nodes=_with_dots(nodes, 0), caption=_caption(words("inputs"), shape[0]))


def _column(layer: _Layer) -> Column:
    exercise, model, number = layer.exercise, layer.model, layer.number
    is_last = number == len(exercise.layers)
    if not isinstance(model, DenseLayer):
        box = Node(
            key=f"{number}.0",
            kind="box",
            place=Place("layer", number),
            lines=box_lines(model, number, layer.input_shape, exercise.convention),
            target=_target("") if is_last and "y" in exercise.given else (),
            repeats=_steps(layer) if model.type in RECURRENT else (),
        )
        return Column(nodes=(box,))
    biases = _biases(layer)
    targets = _targets(exercise, model.units) if is_last else ()
    nodes = tuple(
        _unit(
            exercise,
            number,
            unit,
            bias=biases[unit] if biases else (),
            target=targets[unit] if targets else (),
        )
        for unit in _shown(model.units)
    )
    activation = "linear" if model.activation == "identity" else model.activation
    name = f"layer {number}, {activation.replace('_', ' ')}"
    return Column(
        nodes=_with_dots(nodes, number),
        caption=(*_caption(words(name), model.units), *_shared_bias(layer)),
    )


def _unit(
    exercise: NetworkExercise,
    layer: int,
    unit: int,
    *,
    is_given: bool = False,
    bias: Text = (),
    value: Text = (),
    target: Text = (),
) -> Node:
    return Node(
        key=f"{layer}.{unit}",
        kind="unit",
        place=Place("layer", layer),
        lines=(unit_name(exercise, layer, unit),),
        is_given=is_given,
        bias=bias,
        value=value,
        target=target,
    )


def _shown(units: int) -> Sequence[int]:
    """Return which units are drawn."""
    return range(units) if units <= MOST_UNITS else (0, 1, units - 1)


def _with_dots(nodes: tuple[Node, ...], layer: int) -> tuple[Node, ...]:
    """Return nodes with dots before the last one, where units before it are left out."""
    last = int(nodes[-1].key.partition(".")[2])
    if last < len(nodes):
        return nodes
    dots = Node(key=f"{layer}.dots", kind="dots", place=nodes[-1].place, lines=(words("⋮"),))
    return (*nodes[:-1], dots, nodes[-1])


def _caption(name: Text, units: int) -> tuple[Text, ...]:
    return (name, words(f"{units} units")) if units > MOST_UNITS else (name,)


def _with_ones(columns: list[Column], layers: list[_Layer]) -> Iterator[Column]:
    """Yield columns, with the 1 that extends a sample where its weights are drawn."""
    for column, layer in zip(columns, layers, strict=False):
        if _has_ones(layer) and column.nodes[0].kind == "unit":
            one = Node(
                key=_ones_key(layer),
                kind="unit",
                place=_INPUTS if layer.number == 1 else Place("layer", layer.number - 1),
                lines=(words("1"),),
                is_given=True,
            )
            yield Column(nodes=(*column.nodes, one), caption=column.caption)
        else:
            yield column
    yield columns[-1]


def _has_ones(layer: _Layer) -> bool:
    return isinstance(layer.model, DenseLayer) and layer.model.bias == "ones"


def _ones_key(layer: _Layer) -> str:
    return f"{layer.number - 1}.ones"


def _bundle(layer: _Layer, before: Column, after: Column) -> Bundle:
    sources = [node.key for node in before.nodes if node.kind != "dots"]
    if _has_ones(layer) and before.nodes[0].kind == "unit":
        sources.append(_ones_key(layer))
    targets = [node.key for node in after.nodes if node.kind != "dots"]
    if not layer.units:
        edges = tuple(
            Edge(source=source, target=target) for source in sources for target in targets
        )
        return Bundle(edges=edges)
    weights = _weights(layer, len(sources)) if _fits(layer, before) else {}
    return Bundle(
        place=Place("weights", layer.number),
        edges=tuple(
            Edge(source=source, target=target, label=weights.get((i, j), ()))
            for i, source in enumerate(sources)
            for j, target in enumerate(targets)
        ),
        name=symbol_of(Name("W", layer.number)),
        shape=words(sizes(_weights_quantity(layer).document_shape(layer.exercise.convention))),
    )


def _with_few_labels(bundles: tuple[Bundle, ...]) -> tuple[Bundle, ...]:
    """Return bundles, without their labels where those are too many together."""
    if sum(len(each.edges) for each in bundles if each.has_labels) <= MOST_WEIGHTS:
        return bundles
    return tuple(
        replace(each, edges=tuple(replace(edge, label=()) for edge in each.edges))
        for each in bundles
    )


def _fits(layer: _Layer, before: Column) -> bool:
    """Tell whether weights are written on their edges, as far as counts decide."""
    inputs = layer.input_shape[0]
    return (
        before.nodes[0].kind == "unit"
        and max(inputs, layer.units) <= MOST_UNITS
        and (inputs + _has_ones(layer)) * layer.units <= MOST_EDGES
    )


def _weights_quantity(layer: _Layer) -> Quantity:
    shape = (layer.units, layer.input_shape[0] + _has_ones(layer))
    return Quantity(Name("W", layer.number), shape, Layout.WEIGHTS, Group.PARAMETER, Kind.WEIGHTS)


def _weights(layer: _Layer, sources: int) -> dict[tuple[int, int], Text]:
    """Return the weights by source and target; none where one of them is too long to be read."""
    quantity, exercise = _weights_quantity(layer), layer.exercise
    entries = flatten(exercise.given[str(quantity.name)])
    rows = quantity.to_rows(entries, exercise.convention)
    if not _are_short(entries):
        return {}
    return {
        (source, target): numeral(rows[target][source].text)
        for source in range(sources)
        for target in range(layer.units)
    }


def _biases(layer: _Layer) -> tuple[Text, ...]:
    """Return `b = …` of each unit; nothing where they share one, or it would not be read."""
    model = layer.model
    if not isinstance(model, DenseLayer) or model.bias != "per_unit" or model.units > MOST_UNITS:
        return ()
    entries = flatten(layer.exercise.given[str(Name("b", layer.number))])
    if not _are_short(entries):
        return ()
    return tuple((*indexed("b"), Run(" = "), *numeral(entry.text)) for entry in entries)


def _shared_bias(layer: _Layer) -> tuple[Text, ...]:
    if not isinstance(layer.model, DenseLayer) or layer.model.bias != "shared":
        return ()
    (entry,) = flatten(layer.exercise.given[str(Name("b", layer.number))])
    if not _are_short([entry]):
        return (words("one shared bias"),)
    return ((*indexed("b"), Run(" = "), *numeral(entry.text), Run(", shared")),)


def _targets(exercise: NetworkExercise, units: int) -> tuple[Text, ...]:
    """Return the targets of the outputs; none where the exercise has no loss."""
    if "y" not in exercise.given:
        return ()
    values = _of_one_sample(exercise, "y", units)
    names = target_names(units)
    if not values:
        return names
    return tuple((*name, Run(" = "), *value) for name, value in zip(names, values, strict=True))


def _target(index: str) -> Text:
    return indexed("y", index)


def _of_one_sample(exercise: NetworkExercise, name: str, units: int) -> tuple[Text, ...]:
    """Return the entries of inputs or targets, where there is one sample and they can be read."""
    if exercise.batch > 1 or units > MOST_UNITS:
        return ()
    entries = flatten(exercise.given[name])
    return tuple(numeral(entry.text) for entry in entries) if _are_short(entries) else ()


def _are_short(entries: list[Any]) -> bool:
    return all(len(entry.text) <= LONGEST_NUMERAL for entry in entries)


def _steps(layer: _Layer) -> Text:
    count = layer.input_shape[0]
    return words("1 step" if count == 1 else f"{count} steps")
