r"""The loss of a network, its penalties, and the gradient that it sends back.

L = Σ_n Σ_k term(a_kn, y_kn) / count, plus the penalties. The count is N (`mean`), N·K
(`mean_elements`) or 1 (`sum`); every gradient is of this L.

Source: the ½ and the mean over samples of seed 001 (9); seed 000 without the ½.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial

from gradgrade.oracle.arithmetic import Arithmetic, Element, ElementwiseRule, Matrix
from gradgrade.oracle.derivation.formulas.expression import (
    Entry,
    Expression,
    Letter,
    Named,
    bracketed,
    sum_of,
)
from gradgrade.oracle.derivation.formulas.expression import (
    Total as TotalOf,
)
from gradgrade.oracle.derivation.formulas.functions import sqrt
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Layout, Quantity
from gradgrade.oracle.derivation.roles import VALUE, PullBack, Role, Total
from gradgrade.oracle.derivation.steps import Route, Rule, Step
from gradgrade.oracle.functions.losses import (
    LOSSES,
    OUTPUT_PAIRS,
    LossFunction,
    MatrixRule,
    OutputPair,
)
from gradgrade.oracle.networks.lines import DataLoss, Penalized
from gradgrade.oracle.networks.network import Loss
from gradgrade.oracle.training.penalties import PENALTIES, add_all


@dataclass(frozen=True, kw_only=True)
class Objective:
    """The steps of one iteration that belong to the loss.

    Args:
        loss: which loss and reduction.
        penalties: the names of the penalties that are part of it.
        output_activation: the activation of the last layer, where that layer has one.
        pre_activation: its z.
        output: the last layer's activation a.
        output_gradient: ∂L/∂a as the last layer takes it.
        y: the name of the targets.
        iteration: from 1; 0 where there is only one.
        weights: the names of the weights in use, which the penalties read.
    """

    loss: Loss
    penalties: tuple[str, ...]
    output_activation: str | None
    pre_activation: Name
    output: Quantity
    output_gradient: Quantity
    y: Name
    iteration: int
    weights: tuple[Name, ...]

    @property
    def function(self) -> LossFunction:
        """The record of the loss."""
        return LOSSES[self.loss.name]

    @property
    def pair(self) -> OutputPair | None:
        """The stabler form that output activation and loss have together, if any."""
        return OUTPUT_PAIRS.get((self.output_activation or "", self.loss.name))

    @cached_property
    def data_loss(self) -> DataLoss:
        """What the loss of the data is; what its sum is divided by is counted here alone."""
        units, samples = self.output.matrix_shape
        reduction = "mean_elements" if self.function.is_root else self.loss.reduction
        counts = {"mean": samples, "mean_elements": samples * units, "sum": 1}
        return DataLoss(
            count=counts[reduction],
            loss=Name("data_loss" if self.penalties else "loss", 0, self.iteration),
            function=self.function,
            reduction=reduction,
            output=self.output.name,
            targets=self.y,
            samples=samples,
            units=units,
        )

    def forward(self) -> Iterator[Step]:
        """Yield the loss, by way of the data's loss and each penalty where there are any."""
        loss = self._scalar("loss", Group.LOSS)
        if not self.penalties:
            yield self._data_loss(loss)
            return
        data_loss = Quantity(self.data_loss.loss, (), Layout.FIXED, Group.INTERNAL)
        yield self._data_loss(data_loss)
        terms = [data_loss.name]
        for name in self.penalties:
            penalty, line = PENALTIES[name], self._penalized(name)
            quantity = self._scalar(penalty.value_name, Group.INTERNAL)
            reads = (line.factor, *line.weights)
            formula = penalty.formula(*map(Named, reads))
            yield Step(quantity, reads, penalty.value, formula, role=line)
            terms.append(quantity.name)
        yield _sum_of(loss, terms, VALUE)

    def backward(self) -> Iterator[Step]:
        """Yield ∂L/∂a of the output."""
        quantity = self.output_gradient
        derivative = self.function.derivative_formula(*self._letters)
        formula = self._averaged(bracketed(derivative, "[]"))
        rule: MatrixRule = partial(_mapped, self.function.derivative)
        reads = (self.output.name, self.y, *self._numbers)
        role = PullBack(to=self.output.name, through=(self.data_loss,), upstream=())
        count = self.data_loss.count
        if self.function.is_root:
            root = self.data_loss.loss
            formula = 1 / (2 * Named(root)) * formula
            over_root = partial(_over_root, rule, count)
            yield Step(quantity, (root, *reads), over_root, formula, role=role)
            return
        step = Step(quantity, reads, partial(_over, rule, count), formula, role=role)
        if self.pair and self.pair.gradient:
            stable = partial(_over, self.pair.gradient, count)
            yield by_way_of(step, (self.pre_activation, self.y), stable)
        else:
            yield step

    def paired(self, delta: Step) -> Step:
        """Return the output layer's δ in the pair's stabler form, if there is one."""
        if self.pair is None or not isinstance(delta.role, PullBack):
            return delta
        source = self.pre_activation if self.pair.delta_from == "z" else self.output.name
        sent_back = self.pair.delta_formula(Named(self.output.name), Named(self.y))
        formula = self._averaged(bracketed(sent_back))
        count, through = self.data_loss.count, (self.data_loss, *delta.role.through)
        rule = partial(_over, self.pair.delta, count)
        role = PullBack(to=delta.role.to, through=through, upstream=())
        step = by_way_of(replace(delta, formula=formula, role=role), (source, self.y), rule)
        difference = Route((self.output.name, self.y), partial(_over, _difference, count))
        return replace(step, routes=(difference, *step.routes))

    def penalized_gradient(
        self, gradient: Quantity, *, data_gradient: Name, weights: Name
    ) -> Iterator[Step]:
        """Yield each penalty's gradient, and ∂L/∂W as the sum of them and the data's."""
        terms = [data_gradient]
        for name in self.penalties:
            penalty, line = PENALTIES[name], self._penalized(name)
            part_name = gradient.name.part(name)
            part = Quantity(part_name, gradient.shape, gradient.layout, Group.INTERNAL)
            reads = (line.factor, weights)
            yield Step(
                part,
                reads,
                penalty.gradient,
                penalty.gradient_formula(*map(Named, reads)),
                elementwise=True,
                role=PullBack(to=weights, through=(line,), upstream=()),
            )
            terms.append(part_name)
        yield _sum_of(gradient, terms, Total(to=weights, contributions=tuple(terms)))

    def _scalar(self, text: str, group: Group) -> Quantity:
        return Quantity(Name(text, 0, self.iteration), (), Layout.FIXED, group)

    def _penalized(self, penalty: str) -> Penalized:
        return Penalized(penalty=penalty, factor=Name(penalty), weights=self.weights)

    def _averaged(self, total: Expression) -> Expression:
        """Return the part of a total that the reduction takes."""
        samples, units = Letter("N", self.data_loss.samples), Letter("K", self.data_loss.units)
        match self.data_loss.reduction:
            case "mean":
                return 1 / samples * total
            case "mean_elements":
                return 1 / (samples * units) * total
        return total

    @property
    def _letters(self) -> tuple[Expression, ...]:
        """What a loss's formulas are of: a, y and its numbers."""
        numbers = map(Named, self._numbers)
        return (Named(self.output.name, "a"), Named(self.y, "y"), *numbers)

    @property
    def _numbers(self) -> tuple[Name, ...]:
        return tuple(map(Name, self.function.numbers))

    def _data_loss(self, quantity: Quantity) -> Step:
        term = Entry(bracketed(self.function.formula(*self._letters), "[]"), "k,n")
        formula = self._averaged(TotalOf(TotalOf(term, "k"), "n"))
        if self.function.is_root:
            formula = sqrt(formula)
        over = _root_of_sum_over if self.function.is_root else _sum_over
        count = self.data_loss.count
        rule = partial(over, partial(_mapped, self.function.term), count)
        reads = (self.output.name, self.y, *self._numbers)
        step = Step(quantity, reads, rule, formula, role=self.data_loss)
        if self.pair is None:
            return step
        stable = partial(over, self.pair.terms, count)
        return by_way_of(step, (self.pre_activation, self.y), stable)


def by_way_of(step: Step, reads: tuple[Name, ...], rule: Rule) -> Step:
    """Return a step that takes another way; the one it took becomes one of its routes."""
    routes = (Route(step.reads, step.rule), *step.routes)
    return replace(step, reads=reads, rule=rule, routes=routes)


def _difference(arithmetic: Arithmetic, a: Matrix, y: Matrix) -> Matrix:
    """Return a − y, what δ is where the targets of a sample sum to 1."""
    return arithmetic.subtract(a, y)


def _mapped(rule: ElementwiseRule, arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
    return arithmetic.map(rule, *matrices)


def _over(rule: MatrixRule, count: int, arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
    return arithmetic.divide_by(rule(arithmetic, *matrices), count)


def _over_root(
    rule: MatrixRule, count: int, arithmetic: Arithmetic, root: Matrix, *matrices: Matrix
) -> Matrix:
    def over_root(numbers: Arithmetic, term: Element, root: Element) -> Element:
        return numbers.divide(term, 2 * root)

    terms = arithmetic.map(over_root, rule(arithmetic, *matrices), root)
    return arithmetic.divide_by(terms, count)


def _sum_over(rule: MatrixRule, count: int, arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
    return arithmetic.divide_by(arithmetic.sum(rule(arithmetic, *matrices)), count)


def _root_of_sum_over(
    rule: MatrixRule, count: int, arithmetic: Arithmetic, *matrices: Matrix
) -> Matrix:
    mean = _sum_over(rule, count, arithmetic, *matrices)
    return arithmetic.map(lambda numbers, mean: numbers.sqrt(mean), mean)


def _sum_of(quantity: Quantity, terms: list[Name], role: Role) -> Step:
    formula = sum_of(*map(Named, terms))
    return Step(quantity, tuple(terms), add_all, formula, elementwise=True, role=role)
