"""The worked solution of an exercise as a record: givens, then each step with its numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy

from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.formulas.expression import Expression
from gradgrade.oracle.derivation.formulas.plain import to_plain
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Kind, Layout, Quantity
from gradgrade.oracle.derivation.roles import Cancelling
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.nested import build, flatten, shape_of, transpose
from gradgrade.oracle.proof.certify import CertifiedValue
from gradgrade.problems.documents.exercise import Exercise, ProgramExercise
from gradgrade.problems.solve import Solution, solve
from gradgrade.problems.walks.stacked import Assessment, assess
from gradgrade.problems.worksheet.grids import Grid, cut_into_grids
from gradgrade.problems.worksheet.step_numbers import StepNumbers
from gradgrade.problems.worksheet.words import MET_AND_STOPS

PUT_IN_DIGITS = 6
"""How many significant digits of a computed number are put in at the most."""

MORE_PUT_IN = 6
"""How many more are put in where as many cancel, in difference quotients."""

NEGLIGIBLE = 1e-12
"""So small is what rounding leaves of 0; what it blows up to more stands as it is proven."""

DIGITS_DRAWN = 4
"""How many significant digits of a number stand in a drawing."""

_MAY_BE_TRUTHS = frozenset({Kind.MASK, Kind.TARGETS, Kind.INPUTS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A quantity that is shown: its name, its symbol, its numerals, and the same as grids."""

    name: str
    symbol: Expression
    array: Any
    grids: tuple[Grid, ...]

    @property
    def is_array(self) -> bool:
        """Whether it is more than a number."""
        return not isinstance(self.array, str)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedStep:
    """A step: its formula, the same with numbers put in, and what comes out.

    `numbers` is None where they would only repeat the formula or the result.
    """

    formula: Expression
    numbers: Expression | None
    made: Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedPart:
    """The steps of one iteration, or those behind all that tell where training stops.

    `note` says what a reader must know of them; it is empty where that is nothing.
    """

    title: str
    steps: tuple[WorkedStep, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedSolution:
    """A worked solution: every given as it is written, the steps, the gradients' norms by layer.

    `numbers` holds what is one number each, as short as drawings show it.
    """

    exercise: Exercise
    solution: Solution
    givens: tuple[Shown, ...]
    parts: tuple[WorkedPart, ...]
    gradient_norms: tuple[tuple[str, str], ...]
    numbers: Mapping[Name, str]


def work(exercise: Exercise, *, digits: int) -> WorkedSolution:
    r"""Return the worked solution of an exercise.

    Args:
        exercise: what to solve.
        digits: significant decimal digits of every result, 1 to 1000.

    Raises:
        ExerciseError: the digits are out of range.
        OracleError: a quantity is undefined, leaves binary64's range, or cannot be proven.

    >>> from gradgrade.oracle.derivation.formulas.latex import to_latex
    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "002-tanh-chain", student="1", secret=b"0")
    >>> print(to_latex(work(exercise, digits=5).parts[0].steps[1].numbers))
    \tanh\left(\begin{bmatrix} 0.40000 \end{bmatrix}\right)
    """
    solution = solve(exercise, digits=digits)
    results = _Results(solution=solution, assessment=assess([exercise]))
    givens = givens_of(exercise)

    def put_in_with(digits: int) -> StepNumbers:
        return StepNumbers(
            exercise,
            solution.derivation,
            {given.name: given.array for given in givens},
            lambda quantity: results.of(quantity, digits),
        )

    few = min(digits, PUT_IN_DIGITS)
    usual, of_cancelling = put_in_with(few), put_in_with(few + MORE_PUT_IN)

    def worked(step: Step) -> WorkedStep:
        formula = solution.derivation.formula(step)
        numbers = of_cancelling if isinstance(step.role, Cancelling) else usual
        return WorkedStep(
            formula=formula,
            numbers=numbers.put_into(formula),
            made=_shown(step.name, results.of(step.quantity, digits), exercise),
        )

    return WorkedSolution(
        exercise=exercise,
        solution=solution,
        givens=givens,
        parts=tuple(
            WorkedPart(title=title, steps=tuple(map(worked, steps)), note=note)
            for title, note, steps in _parts(solution.derivation)
        ),
        gradient_norms=_norms(exercise, solution),
        numbers={
            step.name: results.of(step.quantity, DIGITS_DRAWN)
            for step in solution.derivation.steps
            if step.quantity.shape == ()
        },
    )


def _parts(derivation: Derivation) -> Iterator[tuple[str, str, Sequence[Step]]]:
    """Yield the title of each part, what is noted of it, and its steps."""
    told = [step for step in derivation.steps if not _says_nothing(derivation, step)]
    counts = [step.name.iteration for step in told]
    end = len(told)
    if derivation.stops:
        # What tells where training stops begins with the first iteration again, behind the last.
        end = next(at for at in range(1, end) if counts[at] < counts[at - 1])
    for iteration, steps in groupby(told[:end], key=lambda step: step.name.iteration):
        yield f"Iteration {iteration}" if iteration else "Steps", "", list(steps)
    if derivation.stops:
        yield "Where training stops", MET_AND_STOPS, told[end:]


def _says_nothing(derivation: Derivation, step: Step) -> bool:
    """Tell whether a step only calls what is differentiated by the name that it has."""
    is_other_name = step.quantity.group in (Group.OBJECTIVE, Group.INTERNAL)
    return is_other_name and to_plain(derivation.formula(step)) == to_plain(
        derivation.written(step.name)
    )


def _norms(exercise: Exercise, solution: Solution) -> tuple[tuple[str, str], ...]:
    """Return the gradients' norms by layer; a program has no layers."""
    if isinstance(exercise, ProgramExercise):
        return ()
    return tuple(solution.gradient_norms().items())


def givens_of(exercise: Exercise) -> tuple[Shown, ...]:
    """Return the givens of an exercise, numbers as they are written, in the derivation's order.

    Only those of masks, and of targets and inputs that are zeros and ones, have no point.
    """
    numbers = {name: str(number) for name, number in exercise.scalars().items()}
    return tuple(
        _shown(
            quantity.name,
            numbers[text] if text in numbers else _numerals(exercise.given[text], quantity),
            exercise,
        )
        for text, quantity in exercise.derivation().given.items()
    )


@dataclass(frozen=True, kw_only=True)
class _Results:
    """What steps make, as numerals.

    Args:
        solution: proven.
        assessment: of the exercise, alone in its stack: how near doubles come to it.
    """

    solution: Solution
    assessment: Assessment

    def of(self, quantity: Quantity, digits: int) -> Any:
        """Return what a step makes, in the exercise's convention.

        What is 0 but for the rounding of numbers to doubles, as 0.1 + 0.2 - 0.3 is, is 0.
        """
        certified = CertifiedValue(self.solution.certified.enclosure, quantity)
        told = zip(certified.flat_digits(digits), self._is_zero(quantity), strict=True)
        array = build(["0" if is_zero else text for text, is_zero in told], certified.shape)
        # What has no place in a document is held in column convention.
        is_held_so = quantity.group is Group.INTERNAL and quantity.layout is Layout.FIXED
        is_row = self.solution.exercise.convention == "row"
        is_turned = is_row and is_held_so and len(quantity.shape) == 2
        return transpose(array) if is_turned else array

    def _is_zero(self, quantity: Quantity) -> Sequence[bool]:
        estimate = self.assessment.estimates[quantity.name]
        is_zero = (numpy.abs(estimate.value) <= estimate.band) & (estimate.band <= NEGLIGIBLE)
        found: list[bool] = self.assessment.entries(quantity, is_zero)[0].tolist()
        return found


def _shown(name: Name, array: Any, exercise: Exercise) -> Shown:
    return Shown(
        name=str(name),
        symbol=exercise.derivation().written(name),
        array=array,
        grids=cut_into_grids(array, exercise.vectors),
    )


def _numerals(array: Any, quantity: Quantity) -> Any:
    numerals = [number.text for number in flatten(array)]
    if (
        quantity.kind in _MAY_BE_TRUTHS
        and shape_of(array)
        and {"0", "0.0", "1", "1.0"}.issuperset(numerals)
    ):
        numerals = [numeral.removesuffix(".0") for numeral in numerals]
    return build(numerals, shape_of(array))
