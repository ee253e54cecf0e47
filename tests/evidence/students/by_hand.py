"""A student with paper and a calculator, who rounds or truncates the result of every operation.

To as many digits as the exercise says, or to more: whoever keeps a digit or two for safety, who
copies all that the display shows, who keeps what comes and shortens it now here, now there, and who
works whole and shortens only what is handed in.

Dense networks, sample by sample; numbers are the decimals that are written. The calculator has keys
for e^z, ln and tanh.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from functools import reduce
from random import Random
from typing import Any

Vector = list[Decimal]

CALCULATOR = Context(prec=30)
ONE, TWO = Decimal(1), Decimal(2)


@dataclass(frozen=True)
class ByHand:
    """A student who rounds.

    Args:
        truncates: whether digits are cut off and not rounded.
        only_results: whether sums of products are rounded once, at their end.
        averages_last: whether the mean over the samples is taken of every gradient at its end.
        more: how many digits are kept beyond those that must be.
        is_mixed: whether each result is shortened in a way of its own, to any of those digits.
        only_answers: whether nothing is shortened but what is handed in.
    """

    truncates: bool = False
    only_results: bool = False
    averages_last: bool = False
    more: int = 0
    is_mixed: bool = False
    only_answers: bool = False

    def __call__(self, text: str) -> dict[str, Any]:
        """Work an exercise's document through."""
        document = json.loads(text, parse_float=Decimal, parse_int=Decimal)
        return _Sheet(document, self).answers()


class _Sheet:
    def __init__(self, document: dict[str, Any], student: ByHand) -> None:
        self.document, self.student = document, student
        self.rounding = document["rounding"]
        self.mode = ROUND_DOWN if student.truncates else ROUND_HALF_UP
        self.moods = Random(document["id"])
        self.arrays = {name: self.turned(name, each) for name, each in document["given"].items()}
        self.found: dict[str, Any] = {}

    def turned(self, name: str, array: Any) -> Any:
        """An array with samples first and weights as (from, to), or back again."""
        is_matrix = isinstance(array, list) and isinstance(array[0], list)
        if self.document["convention"] == "row" or not is_matrix:
            return array
        return [list(column) for column in zip(*array, strict=True)]

    # Arithmetic

    def kept(self, value: Decimal) -> Decimal:
        """A result with the digits that are kept."""
        if self.student.only_answers:
            return value
        if not self.student.is_mixed:
            return self.shortened(value, self.mode, self.student.more)
        more = self.moods.randint(0, self.student.more)
        return self.shortened(value, self.moods.choice([ROUND_DOWN, ROUND_HALF_UP]), more)

    def shortened(self, value: Decimal, mode: str, more: int) -> Decimal:
        """A number with as many digits as the exercise says, or more."""
        if self.rounding.get("decimals") is not None:
            unit = Decimal(1).scaleb(-int(self.rounding["decimals"]) - more)
        else:
            if not value:
                return value
            digits = int(self.rounding["significant"]) + more
            unit = Decimal(1).scaleb(value.adjusted() - digits + 1)
        if value == value.quantize(unit, ROUND_DOWN, CALCULATOR):
            return value
        return value.quantize(unit, mode, CALCULATOR)

    def of(self, operation: Callable[..., Decimal], *operands: Decimal) -> Decimal:
        """The result of an operation, rounded."""
        return self.kept(operation(*operands))

    def plus(self, a: Decimal, b: Decimal) -> Decimal:
        return self.of(CALCULATOR.add, a, b)

    def minus(self, a: Decimal, b: Decimal) -> Decimal:
        return self.of(CALCULATOR.subtract, a, b)

    def times(self, a: Decimal, b: Decimal) -> Decimal:
        return self.of(CALCULATOR.multiply, a, b)

    def over(self, a: Decimal, b: Decimal) -> Decimal:
        return a if b == 1 else self.of(CALCULATOR.divide, a, b)

    def exp(self, a: Decimal) -> Decimal:
        return self.of(CALCULATOR.exp, a)

    def log(self, a: Decimal) -> Decimal:
        return self.of(CALCULATOR.ln, a)

    def total(self, terms: Vector) -> Decimal:
        """A sum, rounded after every addition, or once."""
        if self.student.only_results:
            return self.kept(reduce(CALCULATOR.add, terms))
        return reduce(self.plus, terms)

    def products(self, left: Vector, right: Vector) -> Vector:
        pairs = zip(left, right, strict=True)
        if self.student.only_results:
            return [CALCULATOR.multiply(*pair) for pair in pairs]
        return [self.times(*pair) for pair in pairs]

    # Functions

    def sigmoid(self, z: Decimal) -> Decimal:
        return self.over(ONE, self.plus(ONE, self.exp(-z)))

    def tanh(self, z: Decimal) -> Decimal:
        """A key of the calculator."""
        up, down = CALCULATOR.exp(z), CALCULATOR.exp(-z)
        sinh, cosh = CALCULATOR.subtract(up, down), CALCULATOR.add(up, down)
        return self.kept(CALCULATOR.divide(sinh, cosh))

    def value(self, layer: Mapping[str, Any], z: Decimal) -> Decimal:
        match layer["activation"]:
            case "identity":
                return z
            case "sigmoid":
                return self.sigmoid(z)
            case "tanh":
                return self.tanh(z)
            case "relu":
                return max(z, Decimal(0))
            case "leaky_relu":
                return z if z > 0 else self.times(layer["alpha"], z)
            case "softplus":
                return self.log(self.plus(ONE, self.exp(z)))
        raise ValueError(layer["activation"])

    def slope(self, layer: Mapping[str, Any], z: Decimal, a: Decimal) -> Decimal:
        match layer["activation"]:
            case "identity":
                return ONE
            case "sigmoid":
                return self.times(a, self.minus(ONE, a))
            case "tanh":
                return self.minus(ONE, self.times(a, a))
            case "relu":
                return ONE if z > 0 else Decimal(0)
            case "leaky_relu":
                return ONE if z > 0 else layer["alpha"]
            case "softplus":
                return self.sigmoid(z)
        raise ValueError(layer["activation"])

    def softmax(self, z: Vector) -> Vector:
        powers = [self.exp(entry) for entry in z]
        total = self.total(powers)
        return [self.over(power, total) for power in powers]

    # The sheet of paper

    def answers(self) -> dict[str, Any]:
        document, iterations = self.document, int(self.document["iterations"])
        velocities: dict[str, Any] = {}
        for t in range(1, iterations + 1):
            gradients = self.iteration(t)
            for name, gradient in gradients.items():
                self.found[f"{name}@{t}"] = self.arrays[name]
                self.found[f"d{name}@{t}"] = gradient
                if name in document["freeze"]:
                    continue
                moved = _mapped(self.learned, gradient)
                if document["optimizer"]["name"] == "momentum":
                    before = velocities.get(name, _mapped(lambda _: Decimal(0), gradient))
                    moved = _mapped(
                        lambda v, step: self.minus(
                            self.times(document["optimizer"]["momentum"], v), -step
                        ),
                        before,
                        moved,
                    )
                    velocities[name] = self.found[f"v{name}@{t}"] = moved
                new = _mapped(self.plus, self.arrays[name], moved)
                self.arrays = self.arrays | {name: new}
                self.found[f"{name}_new@{t}"] = new
        return {part["name"]: self.shown(part["name"]) for part in document["ask"]}

    def learned(self, gradient: Decimal) -> Decimal:
        return -self.times(self.document["optimizer"]["learning_rate"], gradient)

    def shown(self, name: str) -> Any:
        iterations = int(self.document["iterations"])
        array = self.turned(name, self.found[name if "@" in name else f"{name}@{iterations}"])
        if self.student.only_answers:
            array = _mapped(lambda each: self.shortened(each, self.mode, self.student.more), array)
        return _mapped(float, array)

    def iteration(self, t: int) -> dict[str, Any]:
        document, arrays = self.document, self.arrays
        x, y = arrays["x"], arrays["y"]
        layers = document["layers"]
        samples = [self.forward(sample, t) for sample in x]
        loss, outputs = document["loss"], Decimal(layers[-1]["units"])
        counts = {"mean": len(x), "mean_elements": len(x) * outputs, "sum": 1}
        count = Decimal(counts[loss["reduction"]])
        terms = [
            self.total([self.term(a, target) for a, target in zip(sample[1][-1], row, strict=True)])
            for sample, row in zip(samples, y, strict=True)
        ]
        total = self.over(self.total(terms), count)
        back = [self.backward(sample, row, count) for sample, row in zip(samples, y, strict=True)]
        after = count if self.student.averages_last else ONE
        gradients: dict[str, Any] = {}
        for index, layer in enumerate(layers, start=1):
            deltas = [each[f"delta{index}"] for each in back]
            inputs = [sample[1][index - 1] for sample in samples]
            for name in (f"delta{index}", f"da{index}"):
                self.found[f"{name}@{t}"] = [
                    [self.over(entry, after) for entry in each[name]] for each in back
                ]
            columns = [list(column) for column in zip(*deltas, strict=True)]
            read = [list(column) for column in zip(*inputs, strict=True)]
            gradients[f"W{index}"] = [
                [self.over(self.total(self.products(a, delta)), after) for delta in columns]
                for a in read
            ]
            if layer["bias"] == "per_unit":
                sums = [self.total(delta) for delta in columns]
                gradients[f"b{index}"] = [self.over(each, after) for each in sums]
            if layer["bias"] == "shared":
                everything = [entry for delta in columns for entry in delta]
                gradients[f"b{index}"] = self.over(self.total(everything), after)
        before = [[self.over(entry, after) for entry in each["da0"]] for each in back]
        self.found[f"dx@{t}"] = before
        strength = (document["regularization"] or {}).get("l2")
        if strength:
            weights = [f"W{index}" for index in range(1, len(layers) + 1)]
            squares = [self.times(w, w) for name in weights for row in arrays[name] for w in row]
            penalty = self.times(self.over(strength, TWO), self.total(squares))
            total = self.plus(total, penalty)
            for name in weights:
                gradients[name] = _mapped(
                    lambda g, w: self.plus(g, self.times(strength, w)),
                    gradients[name],
                    arrays[name],
                )
        self.found[f"loss@{t}"] = total
        return gradients

    def forward(self, sample: Vector, t: int) -> tuple[list[Vector], list[Vector]]:
        pre_activations, activations = [], [sample]
        for index, layer in enumerate(self.document["layers"], start=1):
            columns = zip(*self.arrays[f"W{index}"], strict=True)
            products = [self.products(activations[-1], list(column)) for column in columns]
            bias = self.arrays.get(f"b{index}")
            biases = bias if isinstance(bias, list) else [bias] * len(products)
            z = [
                self.total(terms if bias is None else [*terms, bias])
                for terms, bias in zip(products, biases, strict=True)
            ]
            if layer["activation"] == "softmax":
                a = self.softmax(z)
            else:
                a = [self.value(layer, entry) for entry in z]
            pre_activations.append(z)
            activations.append(a)
            for name, value in (("z", z), ("a", a)):
                rows = self.found.setdefault(f"{name}{index}@{t}", [])
                rows.append(value)
        return pre_activations, activations

    def term(self, a: Decimal, y: Decimal) -> Decimal:
        match self.document["loss"]["name"]:
            case "half_squared_error":
                e = self.minus(a, y)
                return self.over(self.times(e, e), TWO)
            case "squared_error":
                e = self.minus(y, a)
                return self.times(e, e)
            case "cross_entropy":
                return -self.times(y, self.log(a)) if y else Decimal(0)
            case "binary_cross_entropy":
                return -self.log(a if y else self.minus(ONE, a))
        raise ValueError(self.document["loss"]["name"])

    def backward(
        self, sample: tuple[list[Vector], list[Vector]], y: Vector, count: Decimal
    ) -> dict[str, Vector]:
        z, a = sample
        name = self.document["loss"]["name"]
        error = [self.minus(each, target) for each, target in zip(a[-1], y, strict=True)]
        is_paired = name in ("cross_entropy", "binary_cross_entropy")
        if name == "squared_error":
            error = [self.times(TWO, e) for e in error]
        if not self.student.averages_last:
            error = [self.over(e, count) for e in error]
        found: dict[str, Vector] = {}
        da = error
        for index in range(len(self.document["layers"]), 0, -1):
            layer = self.document["layers"][index - 1]
            if is_paired and index == len(a) - 1:
                delta = error
            else:
                slopes = [
                    self.slope(layer, *pair) for pair in zip(z[index - 1], a[index], strict=True)
                ]
                delta = [self.times(*pair) for pair in zip(da, slopes, strict=True)]
            found[f"da{index}"], found[f"delta{index}"] = da, delta
            da = [self.total(self.products(row, delta)) for row in self.arrays[f"W{index}"]]
        found["da0"] = da
        return found


def _mapped(function: Callable[..., Any], *arrays: Any) -> Any:
    if isinstance(arrays[0], list):
        return [_mapped(function, *entries) for entries in zip(*arrays, strict=True)]
    return function(*arrays)
