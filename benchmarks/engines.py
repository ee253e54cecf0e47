"""The engines: every way to make one forward pass, backward pass and update that is measured.

What a user would write by hand takes σ' as a(1 − a); our steps use a form that holds where a
sigmoid saturates, at the price of a second exponential, and bare balls are measured with either.
Every engine makes the loss, ∂L/∂W, ∂L/∂b, ∂L/∂x and the new parameters; what it starts from is
taken in beforehand, but by the certified solve.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from itertools import chain
from typing import Any

import flint
import numpy as np
from flint import arb, arb_mat
from mpmath.ctx_mp import MPContext

from benchmarks.networks import LEARNING_RATE, Case
from gradgrade.oracle.arithmetic.ball import Ball
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.walking import given_rows, take, walk
from gradgrade.oracle.nested import flatten
from gradgrade.oracle.proof.certify import CertifiedValues, certify
from gradgrade.oracle.proof.enclose import bits_of, first_precision
from gradgrade.oracle.proof.reading import LEAST_DIGITS

Results = Mapping[str, list[float]]
"""Doubles by name, each quantity's row by row."""

AGREEMENT = 1e-12


@dataclass(frozen=True)
class Engine:
    """One way to do the work.

    Args:
        name: what it is called in tables.
        run: does the work once; this is what is timed.
        read: turns what `run` returned into doubles.
        times: how many times the work is done at once.
    """

    name: str
    run: Callable[[], Any]
    read: Callable[[Any], Results]
    times: int = 1


MATRIX = "`mp.matrix`"
REFERENCE = "reference walk"
CERTIFIED = "certified solve"
WALK = "ball walk"
BARE = "bare `arb_mat`"
TEXTBOOK = "bare `arb_mat`, a(1 − a)"
NUMPY = "numpy float64"
TORCH = "PyTorch float64"

Build = Callable[[Case, int], Engine]


def starting_bits(digits: int) -> int:
    """Return the precision at which the certified solve starts its walk in balls."""
    return first_precision(bits_of(max(digits, LEAST_DIGITS)))


def matrix_operators(case: Case, digits: int) -> Engine:
    """Return plain user code: the operators of mpmath's matrices."""
    mp = MPContext()
    mp.dps = digits
    x, y, rate = mp.matrix(case.x), mp.matrix(case.y), mp.mpf(LEARNING_RATE)
    layers = [(mp.matrix(W), mp.matrix(b)) for W, b in case.layers]
    ones = mp.ones(1, case.batch)

    def sigmoid(z: Any) -> Any:
        return 1 / (1 + mp.exp(-z))

    def run() -> dict[str, Any]:
        activations = [x]
        for W, b in layers:
            activations.append((W * activations[-1] + b * ones).apply(sigmoid))
        error = activations[-1] - y
        results = {"loss": mp.fsum(error.apply(lambda e: e * e)) / (2 * case.batch)}
        gradient = error / case.batch
        for index in range(len(layers), 0, -1):
            (W, b), a = layers[index - 1], activations[index]
            delta = mp.matrix(a.rows, a.cols)
            for i in range(a.rows):
                for j in range(a.cols):
                    delta[i, j] = gradient[i, j] * a[i, j] * (1 - a[i, j])
            dW, db = delta * activations[index - 1].T, delta * ones.T
            gradient = W.T * delta
            results[f"dW{index}"], results[f"W{index}_new"] = dW, W - rate * dW
            results[f"db{index}"], results[f"b{index}_new"] = db, b - rate * db
        results["dx"] = gradient
        return results

    return Engine(MATRIX, run, lambda results: _doubles(results, mp.matrix))


def reference_walk(case: Case, digits: int) -> Engine:
    """Return our readable reference: the derivation walked in mpmath."""
    return _walk(REFERENCE, case, lambda: Reference(digits=digits))


def ball_walk(case: Case, digits: int) -> Engine:
    """Return the derivation walked in balls, once, at the precision that the solve starts from."""
    return _walk(WALK, case, lambda: Ball(bits=starting_bits(digits)))


def _walk(name: str, case: Case, arithmetic_anew: Callable[[], Reference | Ball]) -> Engine:
    """Return a walk that begins with an arithmetic that keeps nothing of the walk before."""
    derivation, arithmetic = case.derivation, arithmetic_anew()
    taken = take(given_rows(derivation, case.givens), arithmetic)

    def read(matrices: Mapping[Any, Any]) -> Results:
        return {
            text: [float(each) for row in arithmetic.rows(matrices[quantity.name]) for each in row]
            for text, quantity in derivation.results.items()
            if _is_compared(text)
        }

    return Engine(name, lambda: walk(derivation, taken, arithmetic_anew()), read)


def certified_solve(case: Case, digits: int) -> Engine:
    """Return our certified solve, from exact givens to correctly rounded doubles."""
    derivation, givens = case.derivation, case.givens
    return Engine(CERTIFIED, lambda: certify(derivation, givens, digits=digits), read_certified)


def read_certified(values: CertifiedValues) -> Results:
    """Return the doubles of a certified solve."""
    return {text: flatten(values[text].doubles) for text in values if _is_compared(text)}


def bare_balls(case: Case, digits: int) -> Engine:
    """Return the same formulas in python-flint's matrices, written out without a derivation."""

    def derivative(z: arb, _: arb) -> arb:
        e = (-abs(z)).exp()
        return e / ((1 + e) * (1 + e))

    return _by_hand_in_balls(BARE, case, starting_bits(digits), derivative)


def textbook_balls(case: Case, digits: int) -> Engine:
    """Return the same but for σ' as a(1 − a), which is wide where a sigmoid saturates."""
    return _by_hand_in_balls(TEXTBOOK, case, starting_bits(digits), lambda _, a: a * (1 - a))


def _by_hand_in_balls(
    name: str, case: Case, bits: int, derivative: Callable[[arb, arb], arb]
) -> Engine:
    count = case.batch
    x, y, rate = arb_mat(case.x), arb_mat(case.y), arb(LEARNING_RATE)
    layers = [(arb_mat(W), arb_mat(b)) for W, b in case.layers]
    row = arb_mat(1, count, [1] * count)
    column = row.transpose()

    def work() -> dict[str, Any]:
        pre_activations, activations = [x], [x]
        for W, b in layers:
            z = W * activations[-1] + b * row
            units = [1 / (1 + (-each).exp()) for each in z.entries()]
            pre_activations.append(z)
            activations.append(arb_mat(z.nrows(), count, units))
        error = activations[-1] - y
        loss = sum((e * e for e in error.entries()), arb(0)) / (2 * count)
        results: dict[str, Any] = {"loss": loss}
        gradient = error / count
        for index in range(len(layers), 0, -1):
            (W, b), z, a = layers[index - 1], pre_activations[index], activations[index]
            entries = zip(gradient.entries(), z.entries(), a.entries(), strict=True)
            deltas = [da * derivative(each, unit) for da, each, unit in entries]
            delta = arb_mat(a.nrows(), count, deltas)
            dW, db = delta * activations[index - 1].transpose(), delta * column
            gradient = W.transpose() * delta
            results[f"dW{index}"], results[f"W{index}_new"] = dW, W - dW * rate
            results[f"db{index}"], results[f"b{index}_new"] = db, b - db * rate
        results["dx"] = gradient
        return results

    def run() -> dict[str, Any]:
        before, flint.ctx.prec = flint.ctx.prec, bits
        try:
            return work()
        finally:
            flint.ctx.prec = before

    return Engine(name, run, lambda results: _doubles(results, arb_mat))


def numpy_by_hand(case: Case, _: int) -> Engine:
    """Return the same work in numpy."""
    x, y = np.array(case.x), np.array(case.y)
    layers = [(np.array(W), np.array(b)) for W, b in case.layers]

    def run() -> dict[str, Any]:
        activations = [x]
        for W, b in layers:
            activations.append(1 / (1 + np.exp(-(W @ activations[-1] + b))))
        error = activations[-1] - y
        results: dict[str, Any] = {"loss": (error * error).sum() / (2 * case.batch)}
        gradient = error / case.batch
        for index in range(len(layers), 0, -1):
            (W, b), a = layers[index - 1], activations[index]
            delta = gradient * a * (1 - a)
            dW, db = delta @ activations[index - 1].T, delta.sum(axis=1, keepdims=True)
            gradient = W.T @ delta
            results[f"dW{index}"], results[f"W{index}_new"] = dW, W - LEARNING_RATE * dW
            results[f"db{index}"], results[f"b{index}_new"] = db, b - LEARNING_RATE * db
        results["dx"] = gradient
        return results

    return Engine(NUMPY, run, _arrays)


def torch_autograd(case: Case, _: int) -> Engine:
    """Return the same work by PyTorch's autograd, on one thread."""
    torch = import_module("torch")
    torch.set_num_threads(1)

    def leaf(rows: Any) -> Any:
        return torch.tensor(rows, dtype=torch.float64, requires_grad=True)

    x, y = leaf(case.x), torch.tensor(case.y, dtype=torch.float64)
    layers = [(leaf(W), leaf(b)) for W, b in case.layers]
    parameters = list(chain.from_iterable(layers))
    names = [f"{kind}{index}" for index in range(1, len(layers) + 1) for kind in "Wb"]

    def run() -> dict[str, Any]:
        a = x
        for W, b in layers:
            a = torch.sigmoid(W @ a + b)
        loss = ((a - y) ** 2).sum() / (2 * case.batch)
        dx, *gradients = torch.autograd.grad(loss, [x, *parameters])
        results = {"loss": loss, "dx": dx}
        with torch.no_grad():
            for name, parameter, gradient in zip(names, parameters, gradients, strict=True):
                results[f"d{name}"] = gradient
                results[f"{name}_new"] = parameter - LEARNING_RATE * gradient
        return results

    def read(results: Mapping[str, Any]) -> Results:
        return _arrays({name: each.detach().numpy() for name, each in results.items()})

    return Engine(TORCH, run, read)


def engines() -> tuple[Build, ...]:
    """Return how to build every engine that this installation has."""
    always: tuple[Build, ...] = (
        *(matrix_operators, reference_walk, certified_solve),
        *(ball_walk, bare_balls, textbook_balls, numpy_by_hand),
    )
    return (*always, torch_autograd) if find_spec("torch") else always


def disagreement(found: Results, expected: Results) -> float:
    """Return the largest |Δ| of any quantity, relative to that quantity's largest entry.

    Raises:
        ValueError: they are not of the same quantities and shapes.

    >>> disagreement({"dx": [1.0, 4.0]}, {"dx": [1.0, 2.0]})
    1.0
    """
    if {name: len(each) for name, each in found.items()} != {
        name: len(each) for name, each in expected.items()
    }:
        raise ValueError(f"results of other names or sizes: {sorted(found)}, {sorted(expected)}")
    return max(
        max(abs(a - b) for a, b in zip(found[name], exact, strict=True)) / max(map(abs, exact))
        for name, exact in expected.items()
    )


def _is_compared(text: str) -> bool:
    return text in ("loss", "dx") or text.startswith(("dW", "db")) or text.endswith("_new")


def _doubles(results: Mapping[str, Any], matrix: type) -> Results:
    return {name: list(map(float, _entries(each, matrix))) for name, each in results.items()}


def _entries(result: Any, matrix: type) -> Iterable[Any]:
    if isinstance(result, matrix):
        # The engines' results have no type in common; those that come here are arrays.
        rows: list[list[Any]] = result.tolist()  # type: ignore[attr-defined]
        return chain.from_iterable(rows)
    return (result,)


def _arrays(results: Mapping[str, Any]) -> Results:
    return {name: np.ravel(each).tolist() for name, each in results.items()}
