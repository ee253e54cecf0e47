"""Walks: steps evaluated in an arithmetic, documents' arrays at both ends."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Quantity
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.errors import ShapeMismatch, Undecided, UndefinedValue
from gradgrade.oracle.exact_numbers import Exact
from gradgrade.oracle.nested import flatten, shape_of

Rows = list[list[Exact]]


def walk(
    derivation: Derivation, givens: Mapping[Name, Matrix], arithmetic: Arithmetic
) -> dict[Name, Matrix]:
    """Evaluate every step, in order, in one arithmetic.

    Args:
        derivation: what to evaluate.
        givens: a matrix of this arithmetic for every given.
        arithmetic: the number system.

    Returns:
        A matrix for every given and every step.

    Raises:
        UndefinedValue: a step has no value here; the message names it.
    """
    return walk_steps(derivation.steps, givens, arithmetic)


def walk_steps(
    steps: Iterable[Step],
    known: Mapping[Name, Matrix],
    arithmetic: Arithmetic,
    *,
    amend: Callable[[Name, Matrix], Matrix] | None = None,
) -> dict[Name, Matrix]:
    """Evaluate steps, in order, from what they read; see `walk`.

    `amend(name, matrix)` is given each step's value and returns the one to go on with: what is
    known of it otherwise.
    """
    values = dict(known)
    with arithmetic.active():
        for step in steps:
            try:
                value = step.rule(arithmetic, *map(values.__getitem__, step.reads))
                values[step.name] = value if amend is None else amend(step.name, value)
            except UndefinedValue as error:
                raise UndefinedValue(f"{step.name} is undefined: {error}") from None
            except Undecided as error:
                raise Undecided(f"{step.name}: {error}") from None
    return values


def rewalk(
    base: Derivation,
    values: Mapping[Name, Matrix],
    changed: Derivation,
    arithmetic: Arithmetic,
) -> dict[Name, Matrix]:
    """Evaluate a derivation that differs from another in a few steps, from the other's values.

    Only the steps that `anew` tells are evaluated.

    Args:
        base: the derivation whose values are known.
        values: a matrix for every given and every step of it.
        changed: what to evaluate; its givens are the same.
        arithmetic: the number system of the values.

    Returns:
        A matrix for every given and every step.

    Raises:
        UndefinedValue: a step has no value here; the message names it.

    >>> from dataclasses import replace
    >>> from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
    >>> from gradgrade.oracle.arithmetic.binary64 import Binary64
    >>> network = Network(inputs=1, layers=(Dense(units=1, bias="none"),))
    >>> base = derive(network, Loss(name="half_squared_error"), Optimizer())
    >>> givens = {"x": [[2]], "y": [[1]], "W1": [[3]], "learning_rate": 0.5}
    >>> values = evaluate(base, givens, Binary64()).matrices
    >>> gradient = base.by_name[Name("W", 1).gradient]
    >>> halved = base.replacing(
    ...     replace(gradient, rule=lambda arithmetic, *read: gradient.rule(arithmetic, *read) / 2)
    ... )
    >>> rewalk(base, values, halved, Binary64())[Name("W", 1).updated]
    array([[0.5]])
    """
    return walk_steps(anew(base, changed).values(), values, arithmetic)


def anew(base: Derivation, changed: Derivation) -> dict[Name, Step]:
    """Return the steps of a derivation that do not make what another one's do, in order.

    Those are the steps that are not the very same as the other's, and all that read what such make.

    Args:
        base: the other.
        changed: the one.
    """
    found: dict[Name, Step] = {}
    for step in changed.steps:
        if base.by_name.get(step.name) is not step or not found.keys().isdisjoint(step.reads):
            found[step.name] = step
    return found


class Values(Mapping[str, Any]):
    """What a walk found: arrays of the arithmetic's own numbers, by the names of documents."""

    def __init__(
        self, derivation: Derivation, arithmetic: Arithmetic, matrices: Mapping[Name, Matrix]
    ) -> None:
        self.derivation = derivation
        self.arithmetic = arithmetic
        self.matrices = matrices

    def __getitem__(self, text: str) -> Any:
        """Return a quantity as nested lists of numbers, in the derivation's convention."""
        quantity = self.derivation.results[text]
        rows = self.arithmetic.rows(self.matrices[quantity.name])
        return quantity.to_document(rows, self.derivation.convention)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of `Derivation.results`."""
        return iter(self.derivation.results)

    def __len__(self) -> int:
        """Count them."""
        return len(self.derivation.results)


def evaluate(derivation: Derivation, givens: Mapping[str, Any], arithmetic: Arithmetic) -> Values:
    """Walk a derivation from the arrays of a document.

    Args:
        derivation: what to evaluate.
        givens: for each of `derivation.given`, nested lists of exact numbers (int, float, Decimal
            or Fraction) in the derivation's convention; scalars are bare numbers.
        arithmetic: the number system.

    Returns:
        The values of all quantities.

    Raises:
        ShapeMismatch: a given is missing, unknown, or of another shape than its name stands for.
        UndefinedValue: a quantity has no value here.

    >>> from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
    >>> from gradgrade.oracle.arithmetic.reference import Reference
    >>> network = Network(inputs=1, layers=(Dense(units=1, bias="none"),))
    >>> derivation = derive(network, Loss(name="half_squared_error"), Optimizer())
    >>> givens = {"x": [[2]], "y": [[1]], "W1": [[3]], "learning_rate": 0.5}
    >>> evaluate(derivation, givens, Reference(digits=50))["W1_new"]
    [[mpf('-2.0')]]
    """
    matrices = take(given_rows(derivation, givens), arithmetic)
    return Values(derivation, arithmetic, walk(derivation, matrices, arithmetic))


def take(rows: Mapping[Name, Rows], arithmetic: Arithmetic) -> dict[Name, Matrix]:
    """Take exact rows into an arithmetic."""
    with arithmetic.active():
        return {name: arithmetic.matrix(each) for name, each in rows.items()}


def given_rows(derivation: Derivation, givens: Mapping[str, Any]) -> dict[Name, Rows]:
    """Return the exact rows of every given's matrix, names and shapes checked.

    Raises:
        ShapeMismatch: a given is missing, unknown, or of another shape than its name stands for.
    """
    unknown = sorted(givens.keys() - derivation.given.keys())
    if unknown:
        raise ShapeMismatch(f"{unknown[0]} is not a given of this derivation")
    return {
        quantity.name: _rows_of(derivation, text, quantity, givens)
        for text, quantity in derivation.given.items()
    }


def _rows_of(
    derivation: Derivation, text: str, quantity: Quantity, givens: Mapping[str, Any]
) -> Rows:
    if text not in givens:
        raise ShapeMismatch(f"{text} is not given")
    convention = derivation.convention
    expected = quantity.document_shape(convention)
    try:
        shape = shape_of(givens[text])
    except ShapeMismatch as error:
        raise ShapeMismatch(f"{text}: {error}") from None
    if shape != expected:
        raise ShapeMismatch(f"{text} has shape {shape}; its shape must be {expected}")
    return quantity.to_rows(flatten(givens[text]), convention)
