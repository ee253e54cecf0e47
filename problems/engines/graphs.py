"""Programs of stated operators: drawn at random, and listed from the smallest on.

Where there is a `sum` or a `mean`, nodes are arrays that repeat to one shape, and the last line
makes one number of them; else they are numbers. Every line leads to the last one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, permutations, product
from typing import Any

from gradgrade.problems.documents.structures.engine import EngineModel

BINARY = ("+", "-", "*", "/")
COMMUTATIVE = ("+", "*")
REDUCTIONS = ("sum", "mean")
EXPONENTS = (2, 3)
LEAST_LINES, MOST_LINES = 3, 6
LENGTHS = (2, 3, 4)
RESULT = "L"
MATRIX = "w"
"""What others are multiplied by."""

GIVENS = ("a", "b", "c", MATRIX)

Shape = tuple[int, ...]
Choose = Callable[[Sequence[Any]], Any]
"""Chooses one of several."""


@dataclass(frozen=True, slots=True)
class Graph:
    """A program as it grows.

    Args:
        shapes: of its givens and lines.
        lines: its text, line by line.
        unread: the lines that none reads yet.
        used: the givens and lines that one reads.
    """

    shapes: Mapping[str, Shape]
    lines: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    used: frozenset[str] = field(default_factory=frozenset)

    @property
    def text(self) -> str:
        """The program; its last line is called `L`."""
        *others, last = self.lines
        return "\n".join([*others, f"{RESULT} = {last.partition(' = ')[2]}"])

    @property
    def asked(self) -> list[str]:
        """The values of all lines, and the gradients of all but the last, then of all givens."""
        names = [line.partition(" = ")[0] for line in self.text.split("\n")]
        return ["lines", *(f"d{name}" for name in names[-2::-1]), "gradients"]

    @property
    def arrays(self) -> dict[str, list[int]]:
        """The givens that it reads, with their shapes."""
        return {name: list(self.shapes[name]) for name in sorted(self.used) if name in GIVENS}

    def with_line(self, form: str, *operands: str) -> "Graph":
        """Return the program with one more line."""
        name = f"p{len(self.lines) + 1}"
        # The matrix is square: what it multiplies keeps its shape.
        shapes = [self.shapes[each] for each in operands if each != MATRIX]
        shape = () if form.startswith(REDUCTIONS) else _repeated(shapes)
        return Graph(
            {**self.shapes, name: shape},
            (*self.lines, f"{name} = {form.format(*operands)}"),
            (*(each for each in self.unread if each not in operands), name),
            self.used | set(operands),
        )


def drawn_graph(engine: EngineModel, choose: Choose) -> Graph:
    """Return a program of an engine's operators, some of its nodes used more than once."""
    graph = Graph(_givens(engine, *choose(list(permutations(LENGTHS, 2)))))
    for _ in range(choose(range(LEAST_LINES, MOST_LINES + 1))):
        graph = _with_drawn_line(graph, engine, choose)
    return _whole(graph, engine)


def small_graphs(engine: EngineModel, most: int) -> Iterator[Graph]:
    """Yield programs of few lines: those of one given first, and fewer lines before more."""
    shapes = _givens(engine, 2, 2)
    for lines, givens in ((1, 1), (2, 1), (1, 2), (2, 2), (3, 1), (3, 2)):
        known = {"a": shapes["a"]}
        if givens == 2:
            known |= {name: shapes[name] for name in ("b", MATRIX) if name in shapes}
        for graph in islice(_of_length(Graph(known), engine, lines), most):
            if len(graph.used & set(GIVENS)) == givens:
                yield _whole(graph, engine)


def _of_length(graph: Graph, engine: EngineModel, lines: int) -> Iterator[Graph]:
    """Yield a program's continuations by so many lines, all of which lead to the last."""
    if lines == 0:
        if len(graph.unread) == 1:
            yield graph
        return
    for longer in _longer(graph, engine):
        if len(longer.unread) <= lines:
            yield from _of_length(longer, engine, lines - 1)


def _givens(engine: EngineModel, rows: int, columns: int) -> dict[str, Shape]:
    """Return what is given: numbers, or arrays that repeat to one shape, and a matrix."""
    if not set(REDUCTIONS) & set(engine.operators):
        return {"a": (), "b": (), "c": ()}
    shapes: dict[str, Shape] = {"a": (rows, columns), "b": (columns,), "c": (rows, 1)}
    return shapes | ({MATRIX: (columns, columns)} if "@" in engine.operators else {})


def _longer(graph: Graph, engine: EngineModel) -> Iterator[Graph]:
    """Yield a program with one more line: every operator, of all operands."""
    for operator in engine.operators:
        for form in _forms(operator):
            yield from (graph.with_line(form, *each) for each in _operands(graph, operator))


def _with_drawn_line(graph: Graph, engine: EngineModel, choose: Choose) -> Graph:
    """Return a program with one more line, which often reads what none has read yet."""
    possible = {each: _operands(graph, each) for each in engine.operators}
    operator = choose([each for each, operands in possible.items() if operands])
    unread = set(graph.unread)
    likely = [each for each in possible[operator] if unread & set(each)]
    operands = choose([*possible[operator], *likely, *likely])
    return graph.with_line(choose(_forms(operator)), *operands)


def _operands(graph: Graph, operator: str) -> list[tuple[str, ...]]:
    """Return what an operator can be applied to; a reduction stands in the last line alone."""
    nodes = [name for name in graph.shapes if name != MATRIX]
    if operator in REDUCTIONS:
        return []
    if operator == "@":
        whole = [name for name in nodes if graph.shapes[name] == graph.shapes["a"]]
        return [(name, MATRIX) for name in whole if MATRIX in graph.shapes]
    if operator in BINARY:
        pairs = product(enumerate(nodes), repeat=2)
        return [
            (first, second) for (i, first), (j, second) in pairs if _says_something(operator, i, j)
        ]
    return [(name,) for name in reversed(nodes)]


def _says_something(operator: str, first: int, second: int) -> bool:
    """Whether two operands are not those of another pair turned round, nor cancel."""
    return first >= second if operator in COMMUTATIVE else first != second


def _forms(operator: str) -> list[str]:
    if operator == "**":
        return [f"{{}}**{each}" for each in EXPONENTS]
    if operator in (*BINARY, "@"):
        return [f"{{}} {operator} {{}}"]
    return [f"{operator}({{}})"]


def _whole(graph: Graph, engine: EngineModel) -> Graph:
    """Return a program that ends in one number, which all its lines lead to."""
    operator = next((each for each in engine.operators if each in BINARY), None)
    while len(graph.unread) > 1 and operator is not None:
        graph = graph.with_line(*_forms(operator), *graph.unread[:2])
    last = graph.unread[-1]
    reductions = [each for each in engine.operators if each in REDUCTIONS]
    return graph.with_line(*_forms(reductions[0]), last) if reductions else graph


def _repeated(shapes: Sequence[Shape]) -> Shape:
    """Return the shape that shapes repeat to."""
    longest = max(map(len, shapes))
    padded = [(1,) * (longest - len(each)) + each for each in shapes]
    return tuple(max(lengths) for lengths in zip(*padded, strict=True))
