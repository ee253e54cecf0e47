r"""What stands for each symbol of a step's formula: the numbers that are put in.

A small matrix is written out, a large one is named with its shape. Besides the names that a step
reads, formulas of the loss have letters of their own: a is the network's output, y the targets, N
and K the numbers of samples and outputs; those of a schedule have t, the iteration, and every.
"""

import re
from collections.abc import Mapping
from typing import Any

from gradgrade.oracle.derivation.names import Name, latex
from gradgrade.oracle.derivation.quantities import Group, Quantity
from gradgrade.oracle.derivation.roles import PullBack
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.nested import shape_of, transpose
from gradgrade.oracle.networks.lines import DataLoss, Penalized
from gradgrade.oracle.proof.certify import CertifiedValue
from gradgrade.oracle.training.updates import ScheduledRate
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.solve import Solution
from gradgrade.problems.worksheet.formulas.plain import plain
from gradgrade.problems.worksheet.formulas.put_in import put_in
from gradgrade.problems.worksheet.grids import latex_matrix, latex_number, matrix_of

PUT_IN_DIGITS = 6
"""How many significant digits of a computed number are put in at the most."""

MOST_PUT_IN = 6
"""How many rows, and how many columns, a matrix that is put in has at the most."""

WIDEST_PUT_IN = 88
"""How many characters wide a formula with its matrices is at the most."""

_SUM = r"\sum"
_MARK = "\x00"


class StepNumbers:
    """The numbers of one solution's steps.

    Args:
        exercise: what is solved.
        solution: its solution.
        givens: the numerals of every given, by name.
    """

    def __init__(self, exercise: Exercise, solution: Solution, givens: Mapping[str, Any]) -> None:
        self.exercise = exercise
        self.enclosure = solution.certified.enclosure
        self.digits = min(solution.digits, PUT_IN_DIGITS)
        self.givens = {quantity.name: quantity for quantity in solution.derivation.givens}
        self.made = {step.name: step.quantity for step in solution.derivation.steps}
        self.known: dict[Name, Any] = {name: givens[str(name)] for name in self.givens}

    def result(self, quantity: Quantity, digits: int) -> Any:
        """Return what a step makes as numerals, in the exercise's convention."""
        array = CertifiedValue(self.enclosure, quantity).digits(digits)
        # What no document shows is held in column convention.
        is_turned = self.exercise.convention == "row" and quantity.group is Group.INTERNAL
        return transpose(array) if is_turned and len(quantity.shape) == 2 else array

    def put_into(self, step: Step, formula: str) -> str:
        """Return the right side of a step's formula with its numbers put in."""
        if isinstance(step.role, Penalized):
            formula = _written_out(formula, list(map(latex, step.role.weights)))
        symbols = {latex(name): name for name in step.reads} | self._letters(step)
        values = self._texts(symbols, formula) | self._counts(step)
        return _stretched(put_in(formula, values))

    def _array(self, name: Name) -> Any:
        if name not in self.known:
            self.known[name] = self.result(self.made[name], self.digits)
        return self.known[name]

    def _texts(self, symbols: Mapping[str, Name], formula: str) -> dict[str, str]:
        """Return what stands for each symbol, the widest only named where it gets too wide."""
        texts, widths = {}, {}
        for symbol, name in symbols.items():
            array = self._array(name)
            rows = _small_matrix(array, self.exercise)
            if not shape_of(array):
                texts[symbol] = _factor(array)
            elif rows is None:
                texts[symbol] = _with_shape(name, array)
            else:
                texts[symbol] = latex_matrix(rows)
                widths[symbol] = _times(symbol, formula) * _width(rows)
        room = WIDEST_PUT_IN - len(plain(formula))
        while widths and sum(widths.values()) > room:
            widest = max(widths, key=lambda symbol: widths[symbol])
            del widths[widest]
            texts[widest] = _with_shape(symbols[widest], self._array(symbols[widest]))
        return texts

    def _letters(self, step: Step) -> dict[str, Name]:
        """Return what a loss's own letters stand for."""
        loss = _loss_in(step)
        return {"a": loss.output, "y": loss.targets} if loss else {}

    def _counts(self, step: Step) -> dict[str, str]:
        """Return the whole numbers in the formulas of losses and schedules."""
        loss, role = _loss_in(step), step.role
        if loss:
            return {"N": str(loss.samples), "K": str(loss.units)}
        if isinstance(role, ScheduledRate):
            return {"t": str(role.iteration), r"\mathrm{every}": str(role.every)}
        return {}


def _loss_in(step: Step) -> DataLoss | None:
    """Return the loss that a step is, or whose derivative it takes."""
    lines = step.role.through if isinstance(step.role, PullBack) else (step.role,)
    return next((line for line in lines if isinstance(line, DataLoss)), None)


def _written_out(formula: str, weights: list[str]) -> str:
    r"""Return a sum over all W as a sum for each of them.

    >>> print(_written_out(r"\lambda \sum W^2", ["W_{1}", "W_{2}"]))
    \lambda \left(\sum {W_{1}}^2 + \sum {W_{2}}^2\right)
    """
    factor, _, term = formula.partition(_SUM)
    terms = (_SUM + put_in(term, {"W": f"{{{each}}}"}) for each in weights)
    return rf"{factor}\left({' + '.join(terms)}\right)"


def _stretched(formula: str) -> str:
    r"""Return a formula whose parentheses grow with what they enclose.

    >>> print(_stretched(r"\tanh(x) \left(y\right)"))
    \tanh\left(x\right) \left(y\right)
    """
    opened = re.sub(r"(?<!\\left)\(", r"\\left(", formula)
    return re.sub(r"(?<!\\right)\)", r"\\right)", opened)


def _small_matrix(array: Any, exercise: Exercise) -> list[list[str]] | None:
    if len(shape_of(array)) > 2:
        return None
    rows = matrix_of(array, exercise.convention)
    return rows if max(len(rows), len(rows[0])) <= MOST_PUT_IN else None


def _times(symbol: str, formula: str) -> int:
    """Return how often a value will stand in a formula."""
    return put_in(formula, {symbol: _MARK}).count(_MARK)


def _width(rows: list[list[str]]) -> int:
    return sum(max(map(len, column)) + 2 for column in zip(*rows, strict=True))


def _factor(numeral: str) -> str:
    text = latex_number(numeral)
    return rf"\left({text}\right)" if text.startswith("-") or " " in text else text


def _with_shape(name: Name, array: Any) -> str:
    shape = r" \times ".join(map(str, shape_of(array)))
    return rf"\underset{{{shape}}}{{{latex(name)}}}"
