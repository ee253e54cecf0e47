"""A program with numbers, walked by its derivation and run by numpy: do the two agree?"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy

from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.walking import evaluate
from gradgrade.oracle.programs.deriving import derive_program
from gradgrade.oracle.programs.graph import ArrayType, Graph, graph_of
from gradgrade.oracle.programs.reading import read_program
from tests.independent import numpy_programs

Shape = tuple[int, ...]

HAS_TORCH = find_spec("torch") is not None
"""Whether PyTorch, which is no dependency, is installed."""

CLOSE = 1e-9
"""What two ways of computing in doubles may differ by, of the largest entry of an array."""


@dataclass(frozen=True)
class Program:
    """A program and its givens, all drawn from its text: generic numbers, no two of them equal.

    Args:
        text: the program.
        shapes: of its arrays.
        upstream: the lines whose upstream gradients are given.
        integers: of arrays of indices, with the smallest and the largest one.
        masks: shapes of arrays of 0 and 1, in which no line along any axis is all 0.
        seed: for other numbers.
    """

    text: str
    shapes: Mapping[str, Shape]
    upstream: tuple[str, ...] = ("o",)
    integers: Mapping[str, tuple[Shape, int, int]] = field(default_factory=dict)
    masks: Mapping[str, Shape] = field(default_factory=dict)
    seed: int = 0
    low: float = -2.0
    high: float = 2.0

    @cached_property
    def graph(self) -> Graph:
        return graph_of(read_program(self.text), self.types)

    @cached_property
    def types(self) -> Mapping[str, ArrayType]:
        types = {name: ArrayType(shape=shape) for name, shape in self.shapes.items()}
        for name, (shape, low, high) in self.integers.items():
            types[name] = ArrayType(shape=shape, integers=(low, high))
        return types | {
            name: ArrayType(shape=shape, mask=True) for name, shape in self.masks.items()
        }

    @cached_property
    def derivation(self) -> Derivation:
        return derive_program(self.graph, upstream=self.upstream)

    @cached_property
    def _generator(self) -> numpy.random.Generator:
        return numpy.random.default_rng([self.seed, zlib.crc32(self.text.encode())])

    @cached_property
    def arrays(self) -> dict[str, Any]:
        """What numpy is given."""
        generator = self._generator
        drawn: dict[str, Any] = {
            name: generator.uniform(self.low, self.high, shape).round(4)
            for name, shape in self.shapes.items()
        }
        for name, (shape, low, high) in self.integers.items():
            drawn[name] = generator.integers(low, high + 1, shape)
        for name, shape in self.masks.items():
            ones = sum(numpy.indices(shape)) % 2 == 0
            drawn[name] = (ones | (generator.random(shape) < 0.5)).astype(int)
        return drawn

    @cached_property
    def weights(self) -> dict[str, Any]:
        """The upstream gradients."""
        lines = {str(node.name): node.operation.shape for node in self.graph.lines}
        return {
            name: numpy.asarray(self._generator.uniform(-1, 1, lines[name]).round(4))
            for name in self.upstream
        }

    @cached_property
    def givens(self) -> dict[str, Any]:
        """What the derivation is given."""
        given = {name: value.tolist() for name, value in self.arrays.items()}
        for name, (_, _, high) in self.integers.items():
            given[name] = numpy.eye(high + 1)[self.arrays[name].ravel()].tolist()
        return given | {f"d{name}": value.tolist() for name, value in self.weights.items()}

    @cached_property
    def lines(self) -> list[str]:
        """The names of all lines."""
        return [str(node.name) for node in self.graph.lines]

    @cached_property
    def gradients(self) -> list[str]:
        """What gradients are found by: givens and lines."""
        groups = (Group.GRADIENT, Group.LINE_GRADIENT)
        return [
            str(step.name.of)
            for step in self.derivation.steps
            if step.quantity.group in groups and step.quantity.name.of is not None
        ]


def differences(
    program: Program,
    derivation: Derivation | None = None,
    expected: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """Return, for each value and gradient that others find otherwise, what both have found.

    Args:
        program: what to compare.
        derivation: of it, where it is another than its own.
        expected: what others find; what numpy does, where it is not said.
    """
    found = evaluate(derivation or program.derivation, program.givens, Binary64())
    others = by_complex_steps(program) if expected is None else expected
    return {
        name: f"{found[name]}, not {numpy.real(value).tolist()}"
        for name, value in others.items()
        if not _is_close(numpy.array(found[name]), numpy.real(value))
    }


def by_complex_steps(program: Program) -> dict[str, Any]:
    """Return what numpy finds of the text: lines, and gradients by complex steps."""
    lines = numpy_programs.run(program.text, program.arrays)
    found = {name: lines[name] for name in program.lines}
    for name in program.gradients:
        found[f"d{name}"] = numpy_programs.gradient(
            program.text, program.arrays, program.weights, name
        )
    return found


def by_autograd(program: Program) -> dict[str, Any]:
    """Return what PyTorch finds of the text: lines, and gradients by its autograd."""
    torch_programs = import_module("tests.independent.torch_programs")
    lines, gradients = torch_programs.run(program.text, program.arrays, program.weights)
    found = {name: lines[name] for name in program.lines}
    return found | {f"d{name}": gradients[name] for name in program.gradients}


def _is_close(found: Any, expected: Any) -> bool:
    scale = max(float(numpy.max(numpy.abs(expected))), 1e-3)
    off = numpy.abs(found - expected)
    return found.shape == numpy.shape(expected) and bool(numpy.all(off <= CLOSE * scale))
