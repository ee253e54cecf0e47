"""What stands in the box of a layer: its name, the shape of its output, and its parameters."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Convention, Group, Quantity
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.networks.layers import Parameter
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.structures.layers import LayerModel
from gradgrade.problems.drawing.text import Run, Text, numeral, symbol_of, words

MOST_NAMED = 2
"""How many parameters of one shape are named; of more, the first and the last."""

LAYER_NAMES: Mapping[str, str] = MappingProxyType({"lstm": "LSTM"})

RECURRENT = frozenset({"recurrent", "lstm"})


def layer_name(layer: LayerModel) -> str:
    """Return what a layer is called."""
    return LAYER_NAMES.get(layer.type, layer.type.replace("_", " "))


def sizes(shape: Shape | list[int]) -> str:
    """Return a shape.

    >>> sizes((2, 3))
    '2 × 3'
    """
    return " × ".join(map(str, shape))


def box_lines(
    layer: LayerModel, number: int, input_shape: Shape, convention: Convention
) -> tuple[Text, ...]:
    """Return the lines of a layer's box.

    Args:
        layer: the layer.
        number: which it is, from 1.
        input_shape: of one sample of its input.
        convention: the exercise's, in which shapes of parameters are shown.
    """
    described = layer.layer()
    output = sizes(described.output_shape(input_shape))
    return (
        words(f"layer {number}, {layer_name(layer)}"),
        *map(words, _settings(layer)),
        *map(numeral, _numbers(layer)),
        *_parameters(described.parameters(input_shape), number, convention),
        words(f"→ {output}"),
    )


def _settings(layer: LayerModel) -> Iterator[str]:
    """Yield the fields of a layer that are no numbers of formulas; what is usual is left out."""
    for name, value in layer:
        if name in ("type", "activation", "units", "filters", "bias") or value is None:
            continue
        if isinstance(value, list) and not _is_usual(name, value):
            yield f"{name} {sizes(value)}"
    activation = getattr(layer, "activation", "identity")
    if activation != "identity":
        yield activation.replace("_", " ")


def _is_usual(name: str, value: list[int]) -> bool:
    return value == {"stride": [1, 1], "padding": [0, 0]}.get(name)


def _numbers(layer: LayerModel) -> Iterator[str]:
    for name, number in layer.numbers().items():
        assert isinstance(number, Number)
        letter = {"alpha": "α", "epsilon": "ε"}.get(name, name)
        yield f"{letter} = {number.text}"


def _parameters(
    parameters: tuple[Parameter, ...], number: int, convention: Convention
) -> Iterator[Text]:
    """Yield a line for all matrices of a kind, and one for all vectors, of one shape."""
    alike: dict[tuple[str, Shape], list[Parameter]] = {}
    for parameter in parameters:
        kind = parameter.kind.value if len(parameter.shape) > 1 else "vector"
        alike.setdefault((kind, parameter.shape), []).append(parameter)
    for members in alike.values():
        names = [symbol_of(Name(each.text, number)) for each in members]
        separator: Text = (Run(", "),)
        if len(names) > MOST_NAMED:
            names, separator = [names[0], names[-1]], (Run(" … "),)
        joined = [run for name in names for run in (*separator, *name)][1:]
        shape = sizes(_shape(members[0], number, convention))
        each = " each" if len(members) > 1 else ""
        yield (*joined, *([Run(f": {shape}{each}")] if shape else []))


def _shape(parameter: Parameter, number: int, convention: Convention) -> Shape:
    name = Name(parameter.text, number)
    quantity = Quantity(name, parameter.shape, parameter.layout, Group.PARAMETER)
    return quantity.document_shape(convention)
