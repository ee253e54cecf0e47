"""Drawn programs: well-typed texts over every primitive, and what else texts are written with.

Each line takes one step from arrays that are there; where a step has a domain (a logarithm, a
quotient) its text keeps to it. Numbers are generic; where they make a tie or grow out of all bounds
the program is drawn again.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy
from hypothesis import assume
from hypothesis import strategies as st

from tests.independent import numpy_programs
from tests.oracle.programs.compared import Program, Shape

MOST_AXES, MOST_ENTRIES = 3, 24
LARGEST = 1e5

OF_ONE: tuple[str, ...] = (
    *("-{x}", "2.5 * {x} - 1", "{x} / 3 + {x}", "{x} * {x}", "{x}**2", "{x}**3", "1 - {x}"),
    *("({x}*{x} + 0.5)**-0.5", "({x}**2 + 0.5)**-2", "sqrt({x}**2 + 0.5)", "log({x}*{x} + 0.5)"),
    *("1 / ({x}**2 + 0.5)", "exp({x} / 4)", "exp(-{x}**2)", "sin({x})", "np.cos({x})"),
    *("tanh({x})", "sigmoid({x})", "relu({x})", "softplus({x})", "log_sigmoid({x})", "gelu({x})"),
    *("silu({x})", "abs({x})", "maximum({x}, 0.25)", "minimum(0.5, {x})", "clip({x}, -1, 1.5)"),
    *("where({x} > 0.125, {x}, 0.1 * {x})", "where({x} < 1, 2 * {x}, {x}**2)"),
    *("stop_gradient({x}) * {x}", "{x} - mean({x})", "{x} / (1 + norm({x}))", "{x} - max({x})"),
    *("{x} * sum({x})", "mean(({x} - mean({x}))**2) * {x}"),
)
"""Of an array of any shape; the shape stays."""

OF_TWO: tuple[str, ...] = (
    *("{x} + {y}", "{x} - {y}", "{x} * {y}", "{x} / ({y}**2 + 0.5)", "{y} / (1 + {x}*{x})"),
    *("maximum({x}, {y})", "minimum({x}, {y})", "where({x} > {y}, {x}, 2 * {y})"),
    *("where({x} <= {y}, {x} * {y}, {y})", "{x} * sigmoid({y})", "tanh({x} + {y}) * {x}"),
)
"""Of arrays that are repeated to one shape."""

ALONG: tuple[str, ...] = (
    *("softmax({x}, axis={axis})", "log_softmax({x}, axis={axis})", "cumsum({x}, axis={axis})"),
    "{x} - logsumexp({x}, axis={axis}, keepdims=True)",
    "{x} - {x}.mean(axis={axis}, keepdims=True)",
    "{x} / (1 + norm({x}, axis={axis}, keepdims=True))",
    "softmax(where({x} > -9, {x}, -inf), axis={axis})",
    "softmax(where({x} > max({x}) - 1.3, {x}, -np.inf), axis={axis}) * {x}",
    "({x} - mean({x}, {axis}, keepdims=True)) / sqrt(var({x}, {axis}, keepdims=True) + 0.1)",
)
"""Along an axis; the shape stays."""

REDUCED: tuple[str, ...] = (
    *("sum({x}, axis={axis})", "{x}.sum({axis})", "mean({x}, axis={axis})", "var({x}, {axis})"),
    *("min({x}, axis={axis})", "max({x}, axis={axis})", "norm({x}, axis={axis})"),
    *("logsumexp({x}, axis={axis})", "sum({x}**2, axis={axis})"),
)
"""Along an axis, which is gone."""


class _Drawing:
    """A program on its way: lines, and the shapes of what they may read."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.lines: list[str] = []
        self.known: dict[str, Shape] = {}
        self.shapes: dict[str, Shape] = {}
        self.integers: dict[str, tuple[Shape, int, int]] = {}
        self.masks: dict[str, Shape] = {}

    def given(self, shape: Shape) -> str:
        name = f"x{len(self.shapes)}"
        self.shapes[name] = self.known[name] = shape
        return name

    def some(self, fits: Callable[[Shape], bool] = lambda _: True) -> str | None:
        """The name of an array whose shape fits, the latest ones first."""
        names = [name for name, shape in self.known.items() if fits(shape)]
        return self.draw(st.sampled_from(names[::-1])) if names else None

    def one_of(self, texts: tuple[str, ...], **parts: object) -> str:
        return self.draw(st.sampled_from(texts)).format(**parts)

    def line(self, text: str, shape: Shape) -> None:
        name = f"h{len(self.lines)}"
        self.lines.append(f"{name} = {text}")
        self.known[name] = shape

    # Kinds of lines: each writes one where what is there allows it.

    def of_one(self) -> None:
        x = self.some()
        self.line(self.one_of(OF_ONE, x=x), self.known[x])

    def of_two(self) -> None:
        x = self.some()
        shape = self.known[x]
        y = self.some(lambda other: _go_together(shape, other))
        if self.draw(st.booleans()):
            y = self.given(self.draw(_repeatable(shape)))
        result = numpy.broadcast_shapes(shape, self.known[y])
        if prod(result) <= MOST_ENTRIES and len(result) <= MOST_AXES:
            self.line(self.one_of(OF_TWO, x=x, y=y), result)

    def along(self) -> None:
        if (x := self.some(bool)) is not None:
            axis = self.draw(st.integers(-len(self.known[x]), len(self.known[x]) - 1))
            self.line(self.one_of(ALONG, x=x, axis=axis), self.known[x])

    def reduced(self) -> None:
        if (x := self.some(lambda shape: len(shape) > 1)) is not None:
            shape = self.known[x]
            axis = self.draw(st.integers(0, len(shape) - 1))
            left = tuple(size for place, size in enumerate(shape) if place != axis)
            self.line(self.one_of(REDUCED, x=x, axis=axis), left)

    def multiplied(self) -> None:
        if (x := self.some(bool)) is not None:
            shape, columns = self.known[x], self.draw(st.integers(1, 3))
            w = self.given((shape[-1], columns))
            bias = f" + {self.given((columns,))}" if self.draw(st.booleans()) else ""
            self.line(f"{x} @ {w}{bias}", (*shape[:-1], columns))

    def multiplied_by_itself(self) -> None:
        if (x := self.some(lambda shape: len(shape) == 2)) is not None:
            rows, columns = self.known[x]
            forms = {
                f"{x} @ {x}.T / 2": (rows, rows),
                f"np.dot({x}.T, {x})": (columns, columns),
                f"outer({x}[0], {x}[:, -1])": (columns, rows),
                f"{x}[0].dot({x}[-1])": (),
            }
            text = self.draw(st.sampled_from(list(forms)))
            self.line(text, forms[text])

    def moved(self) -> None:
        if (x := self.some(bool)) is None:
            return
        shape = self.known[x]
        forms = {
            f"{x}.reshape(-1)": (prod(shape),),
            f"reshape({x}, (-1, 1))": (prod(shape), 1),
            f"{x}[0]": shape[1:],
            f"{x}[::-1]": shape,
            f"{x}[-1:]": (1, *shape[1:]),
            f"{x}[[0, -1, 0]]": (3, *shape[1:]),
            f"{x}[[[0], [-1]]]": (2, 1, *shape[1:]),
            f"pad({x}, 1)": tuple(size + 2 for size in shape),
            f"np.pad({x}, (0, 1), 'constant')": tuple(size + 1 for size in shape),
            f"{x}.T": shape[::-1],
            f"swapaxes({x}, 0, -1)": (*shape[-1:], *shape[1:-1], *shape[:1])
            if len(shape) > 1
            else shape,
        }
        if len(shape) == 3:
            forms[f"transpose({x}, (1, 2, 0))"] = (shape[1], shape[2], shape[0])
        text = self.draw(st.sampled_from(list(forms)))
        if prod(forms[text]) <= MOST_ENTRIES and len(forms[text]) <= MOST_AXES:
            self.line(text, forms[text])

    def put_together(self) -> None:
        if (x := self.some(bool)) is None:
            return
        shape = self.known[x]
        y = self.some(lambda other: other == shape)
        forms = {
            f"concatenate([{x}, {y}, {x}])": (3 * shape[0], *shape[1:]),
            f"concatenate([{y}, {x}], axis=-1)": (*shape[:-1], 2 * shape[-1]),
        }
        if len(shape) < MOST_AXES:
            forms[f"stack([{x}, {y}], axis=1)"] = (shape[0], 2, *shape[1:])
        text = self.draw(st.sampled_from(list(forms)))
        if prod(forms[text]) <= MOST_ENTRIES:
            self.line(text, forms[text])

    def indexed(self) -> None:
        if (x := self.some(lambda shape: len(shape) == 2)) is None:
            return
        rows, columns = self.known[x]
        ids = f"ids{len(self.integers)}"
        if self.draw(st.booleans()):
            self.integers[ids] = ((rows,), 0, self.draw(st.integers(0, columns - 1)))
            self.line(f"{x}[arange({rows}), {ids}]", (rows,))
        else:
            count = self.draw(st.integers(1, 3))
            self.integers[ids] = ((count,), 0, self.draw(st.integers(0, rows - 1)))
            self.line(f"{x}[{ids}]", (count, columns))

    def masked(self) -> None:
        if (x := self.some(bool)) is not None:
            shape = self.known[x]
            m = f"m{len(self.masks)}"
            self.masks[m] = shape
            forms = (f"where({m}, {x}, 0.5)", f"softmax(where({m}, {x}, -np.inf))", f"{m} * {x}")
            self.line(self.draw(st.sampled_from(forms)), shape)


KINDS: tuple[Callable[[_Drawing], None], ...] = (
    *(_Drawing.of_one, _Drawing.of_two, _Drawing.along, _Drawing.reduced, _Drawing.multiplied),
    *(_Drawing.multiplied_by_itself, _Drawing.moved, _Drawing.put_together, _Drawing.indexed),
    *(_Drawing.masked, _Drawing.of_two, _Drawing.of_one),
)


def _go_together(one: Shape, other: Shape) -> bool:
    try:
        numpy.broadcast_shapes(one, other)
    except ValueError:
        return False
    return True


@st.composite
def _repeatable(draw: st.DrawFn, shape: Shape) -> Shape:
    """A shape that numpy repeats to another: fewer axes, and some of length 1."""
    kept = shape[draw(st.integers(0, len(shape))) :]
    return tuple(draw(st.sampled_from([1, size])) for size in kept)


@st.composite
def programs(draw: st.DrawFn, *, most_lines: int = 6) -> Program:
    """A program of a few lines, differentiated by all that nothing else reads."""
    drawing = _Drawing(draw)
    for _ in range(draw(st.integers(1, 2))):
        drawing.given(tuple(draw(st.lists(st.integers(1, 3), max_size=MOST_AXES))))
    for _ in range(draw(st.integers(1, most_lines))):
        draw(st.sampled_from(KINDS))(drawing)
    assume(drawing.lines)
    whole = "\n".join(drawing.lines)
    names = [line.partition(" ")[0] for line in drawing.lines]
    unread = [name for name in names if sum(name in _words(line) for line in drawing.lines) == 1]
    program = Program(
        whole,
        drawing.shapes,
        upstream=tuple(unread),
        integers=drawing.integers,
        masks=drawing.masks,
        seed=draw(st.integers(0, 2**16)),
        low=-1.5,
        high=1.5,
    )
    assume(_is_generic(program))
    return program


def _words(line: str) -> set[str]:
    return set("".join(each if each.isalnum() else " " for each in line).split())


def _is_generic(program: Program) -> bool:
    """Whether nothing ties or grows out of all bounds."""
    try:
        values = numpy_programs.run(program.text, program.arrays)
    except numpy_programs.NotDifferentiableError:
        return False
    return all(numpy.all(numpy.abs(each) < LARGEST) for each in values.values())
