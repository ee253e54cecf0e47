"""A program's computation graph as a chart: its operations, or where they are many, its lines.

What it shows depends on the structure and the givens alone, but for numbers that are handed over:
nothing is computed here.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from types import MappingProxyType

from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.programs.graph import Graph
from gradgrade.oracle.programs.nodes.node import Node
from gradgrade.problems.documents.exercise import ProgramExercise
from gradgrade.problems.drawing.graphs.chart import Chart, Tag, Vertex, Wire
from gradgrade.problems.drawing.graphs.columns import column_numbers
from gradgrade.problems.drawing.graphs.places import origin, places_in
from gradgrade.problems.drawing.graphs.signs import sign_of
from gradgrade.problems.drawing.graphs.wording import describe, title
from gradgrade.problems.drawing.layout.annotations import mark_text
from gradgrade.problems.drawing.scene import Mark, Place, Status
from gradgrade.problems.drawing.text import Run, Text, numeral, symbol_of, words

MOST_OPERATIONS = 16
"""How many operations are drawn one by one; of more, the lines are."""

MOST_COLUMNS = 9
"""How many columns operations stand in at the most; of more, the lines are drawn."""

MOST_LINES = 40
"""How many lines and givens are drawn at all; of more, the program itself says it better."""

LONGEST_NUMERAL = 10
"""How many characters a number in a drawing has; longer ones stand among the givens alone."""

LONGEST_SOURCE = 26
"""How many characters of a line's source stand in its box."""

Numbers = Mapping[Name, str]
"""Numerals of quantities that are one number each."""

_GRADIENT = "gradient"


def program_chart(
    exercise: ProgramExercise,
    *,
    marks: tuple[Mark, ...] = (),
    numbers: Numbers = MappingProxyType({}),
) -> Chart | None:
    """Return a program's graph; None where it is too large to be drawn.

    Args:
        exercise: what to draw: numbers that it gives are shown.
        marks: what to mark on it.
        numbers: what else is shown of values and gradients, in worked solutions.
    """
    drawing = _Drawing(
        exercise=exercise,
        graph=exercise.graph,
        marks=marks,
        numbers=numbers,
        places=places_in(exercise),
        asked=_asked(exercise),
        constants=_constants(exercise.graph.nodes),
    )
    sources = _sources(drawing.graph.nodes, drawing.constants)
    read = set(chain.from_iterable(sources.values()))
    # What only helps to make a constant is not drawn.
    nodes = [each for each in drawing.graph.nodes if each.is_line or each.name in read]
    if len(nodes) <= MOST_OPERATIONS:
        chart = drawing.chart(nodes, sources, is_of_lines=False)
        if max(column_numbers(chart)) < MOST_COLUMNS:
            return chart
    if len(drawing.graph.givens) + len(drawing.graph.lines) > MOST_LINES:
        return None
    return drawing.chart(drawing.graph.lines, _sources_by_line(drawing.graph), is_of_lines=True)


def _asked(exercise: ProgramExercise) -> frozenset[Name]:
    derivation = exercise.derivation()
    found = (derivation.find(part.name) for part in exercise.ask)
    return frozenset(each.name.bare for each in found if each is not None)


def _constants(nodes: Sequence[Node]) -> frozenset[Name]:
    """Return what is made of numbers of the text and of sizes alone."""
    found = set[Name]()
    for node in nodes:
        if found.issuperset(_read(node)):
            found.add(node.name)
    return frozenset(found)


def _read(node: Node) -> list[Name]:
    return [each.name for each in node.sources if each.name is not None]


def _sources(nodes: Sequence[Node], constants: Set[Name]) -> Mapping[Name, list[Name]]:
    """Return what each operation reads, in the order of its operands; a constant nothing."""
    return {node.name: [] if node.name in constants else _read(node) for node in nodes}


def _sources_by_line(graph: Graph) -> Mapping[Name, list[Name]]:
    """Return which lines and givens each line reads, through what it computes on the way."""
    seen: dict[Name, list[Name]] = {}
    read: dict[Name, list[Name]] = {}
    for node in graph.nodes:
        through = chain.from_iterable(seen.get(name, [name]) for name in _read(node))
        own = list(dict.fromkeys(through))
        seen[node.name] = [node.name] if node.is_line else own
        if node.is_line:
            read[node.name] = own
    return read


@dataclass(frozen=True, kw_only=True)
class _Drawing:
    exercise: ProgramExercise
    graph: Graph
    marks: tuple[Mark, ...]
    numbers: Numbers
    places: Mapping[Name, Place]
    asked: frozenset[Name]
    constants: frozenset[Name]

    def chart(
        self, nodes: Sequence[Node], sources: Mapping[Name, list[Name]], *, is_of_lines: bool
    ) -> Chart:
        """Return the chart of some nodes: all operations, or the lines."""
        read = set(chain.from_iterable(sources.values()))
        givens = [Name(text) for text in self.graph.givens if Name(text) in read]
        number = {
            name: index for index, name in enumerate([*givens, *(each.name for each in nodes)])
        }
        vertices = (
            *(self._given(name) for name in givens),
            *(self._made(node, is_of_lines, is_read=node.name in read) for node in nodes),
        )
        return Chart(
            title=title(self.exercise),
            description=describe(self.exercise, self.marks),
            vertices=vertices,
            wires=tuple(
                Wire(number[source], number[node.name])
                for node in nodes
                for source in sources[node.name]
            ),
        )

    @property
    def _has_slots(self) -> bool:
        """Whether what is asked is still to be worked out: nothing is told of it."""
        return not self.numbers and not self.marks

    def _given(self, name: Name) -> Vertex:
        text = str(name)
        above = Tag(text=self._number(text) or _shape(self.graph.givens[text].shape), css="value")
        return Vertex(
            kind="given",
            lines=(self._symbol(name),),
            place=self.places[name],
            above=(above,) if above.text else (),
            below=tuple(self._gradient(name)),
            status=self._status(name),
        )

    def _made(self, node: Node, is_of_lines: bool, *, is_read: bool) -> Vertex:
        name = node.name
        if not is_of_lines and name in self.constants:
            return self._constant(node)
        return Vertex(
            kind="line" if is_of_lines else "operation",
            lines=(self._symbol(name), _source(node)) if is_of_lines else (sign_of(node),),
            place=self.places.get(name),
            above=tuple(self._value(node, is_told=is_of_lines or not is_read)),
            below=tuple(self._gradient(name)),
            end=self._symbol(name) if node.is_line and not is_read else (),
            status=self._status(name) if node.is_line else None,
        )

    def _constant(self, node: Node) -> Vertex:
        """Return what is made of numbers of the text alone, as the text has it."""
        source = _source(node)
        return Vertex(
            kind="line" if node.is_line else "given",
            lines=(self._symbol(node.name), source) if node.is_line else (source,),
            place=self.places.get(node.name),
            above=tuple(self._value(node, is_told=True)),
            below=tuple(self._gradient(node.name)) if node.is_line else (),
            status=self._status(node.name) if node.is_line else None,
        )

    def _value(self, node: Node, *, is_told: bool) -> Iterator[Tag]:
        """Yield what stands above the edges of an operation: its value, or what it is called.

        Args:
            node: the operation.
            is_told: whether its name stands elsewhere.
        """
        marks = list(self._marked(node.name))
        if marks:
            yield from marks
            return
        symbol = self._symbol(node.name) if node.is_line else ()
        number = self.numbers.get(node.name)
        shape = _shape(node.operation.shape)
        if number is not None:
            equals = (*symbol, Run(" = ")) if symbol and not is_told else ()
            yield Tag(text=(*equals, *numeral(number)), css="value")
        elif node.name in self.asked and self._has_slots:
            yield Tag(text=_beside(symbol, shape), css="slot", is_slot=True)
        elif symbol and not is_told:
            yield Tag(text=_beside(symbol, shape), css="value")
        elif shape:
            yield Tag(text=shape, css="value")

    def _gradient(self, name: Name) -> Iterator[Tag]:
        """Yield what stands below the edges of a quantity: its gradient, then its updates."""
        gradient = name.gradient
        marks = [*self._marked(gradient), *self._updates(name)]
        text = str(gradient)
        if marks:
            yield from marks
        elif gradient in self.numbers:
            yield Tag(text=numeral(self.numbers[gradient]), css=_GRADIENT)
        elif text in self.exercise.given:
            yield Tag(text=self._number(text) or self._symbol(gradient), css=_GRADIENT)
        elif str(name) == self.exercise.differentiate:
            yield Tag(text=words("1"), css=_GRADIENT)
        elif gradient in self.asked and self._has_slots:
            yield Tag(text=self._symbol(gradient), css="slot", is_slot=True)

    def _symbol(self, name: Name) -> Text:
        return symbol_of(name, self.exercise.derivation().own_names)

    def _number(self, given: str) -> Text:
        """Return a given that is one short number; nothing of others."""
        value = self.exercise.given[given]
        is_shown = not isinstance(value, list) and len(value.text) <= LONGEST_NUMERAL
        return numeral(value.text) if is_shown else ()

    def _marked(self, name: Name) -> Iterator[Tag]:
        for mark in self.marks:
            if mark.quantity == name:
                yield _tag(mark)

    def _updates(self, name: Name) -> Iterator[Tag]:
        for mark in self.marks:
            if mark.phase == "update" and mark.quantity and origin(mark.quantity) == name:
                yield _tag(mark)

    def _status(self, name: Name) -> Status | None:
        found = [
            mark.status
            for mark in self.marks
            if mark.count is None and mark.place == self.places[name]
        ]
        return min(found, key=attrgetter("rank"), default=None)


def _tag(mark: Mark) -> Tag:
    css = mark.status.css if mark.count is None or mark.count else "quiet"
    return Tag(text=mark_text(mark), css=f"mark {css}", share=mark.share if mark.count else None)


def _source(node: Node) -> Text:
    text = node.text
    short = text if len(text) <= LONGEST_SOURCE else f"{text[: LONGEST_SOURCE - 1]}…"
    return (Run(short, "code"),)


def _beside(symbol: Text, shape: Text) -> Text:
    return (*symbol, Run("  "), *shape) if symbol and shape else symbol or shape


def _shape(shape: Shape) -> Text:
    """Return a shape, of a vector as numpy has it: a length alone looks like a value."""
    if len(shape) == 1:
        return words(f"({shape[0]},)")
    return words("×".join(map(str, shape))) if shape else ()
