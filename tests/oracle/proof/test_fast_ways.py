"""Every fast way of the proof beside its slow one: the same digits, doubles, bounds, verdicts."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings

from gradgrade.oracle.arithmetic import bulk_reading, reference
from gradgrade.oracle.errors import OracleError
from gradgrade.oracle.nested import flatten
from gradgrade.oracle.proof import enclose as enclosing
from gradgrade.oracle.proof import joined, reading
from gradgrade.oracle.proof.certify import CertifiedValues, check_reference
from gradgrade.oracle.proof.enclose import bits_of, enclose
from gradgrade.oracle.proof.witness import check_gradients
from gradgrade.problems import solve
from gradgrade.problems.catalogue import load
from gradgrade.problems.generate import ungated
from tests.catalogue import CATALOGUE
from tests.examples import examples, spread
from tests.oracle.drawn import Case, cases

DIGITS = 50


SOLVING = import_module("gradgrade.problems.solve")


def unsettled(*_: Any, **__: Any) -> None:
    """Leave what lies at a tie, or anywhere, to the way that decides all."""


MORE_BITS = "no word more, but twice as many"
"""With other balls, that is, of which digits and doubles are the same."""

BY_ITSELF = "each ball read by itself"

SLOW: Mapping[str, tuple[Any, str, Any]] = {
    "each matrix by itself": (joined, "MOST_JOINED", -1),
    "small matrices read at once too": (bulk_reading, "LEAST_ENTRIES", 1),
    BY_ITSELF: (bulk_reading, "LEAST_ENTRIES", 2**40),
    "each exponential anew": (reference, "MOST_EXPONENTIALS", 0),
    "products always packed": (reference, "LEAST_PACKED", 1),
    MORE_BITS: (enclosing, "FIRST_RISE", 2**20),
    "digits by division of decimals": (reading, "digits_between", unsettled),
    "bounds by fractions": (SOLVING, "_bound", unsettled),
    "norms by fractions": (SOLVING, "_norm_at_sight", unsettled),
    "each value written by itself": (SOLVING, "_written_at_once", unsettled),
    "all entries beside one at a tie by fractions": (reading, "_nearest", unsettled),
}


@contextmanager
def slowly(*ways: str) -> Iterator[None]:
    """The slow ways instead of the fast ones."""
    with pytest.MonkeyPatch.context() as patch:
        for way in ways:
            module, name, value = SLOW[way]
            patch.setattr(module, name, value)
        yield


def outcome(made: Callable[[], Any]) -> Any:
    """What is made, or why it is not."""
    try:
        return made()
    except OracleError as error:
        return type(error), str(error)


def proven(case: Case) -> dict[str, Any]:
    """All that a proof says of a case."""
    enclosure = enclose(case.derivation, case.given, bits=bits_of(DIGITS))
    check_reference(enclosure, digits=DIGITS, full=False)
    check_gradients(enclosure, full=False)
    values = CertifiedValues(enclosure)
    values.prove_roundings()
    return {
        name: (each.doubles, each.digits(DIGITS), each.entries, each.error_bound)
        for name, each in values.items()
    }


def shown(found: Any) -> Any:
    """Doubles and digits of what was proven, or why it was not.

    What rounds to the double 0 may have digits, if its ball happens to be so narrow, or be "0".
    """
    if not isinstance(found, dict):
        return found
    return {
        name: [
            (double, digits if double else "")
            for double, digits in zip(flatten(doubles), flatten(texts), strict=True)
        ]
        for name, (doubles, texts, *_) in found.items()
    }


@pytest.mark.parametrize("way", SLOW)
@pytest.mark.parametrize(("problem_set", "exercise"), spread(CATALOGUE))
def test_a_solution_has_the_same_bytes_by_each_slow_way(problem_set, exercise, way):
    variant = ungated(load(problem_set), exercise, student="1", secret=b"0")
    fast = solve(variant).to_json()
    with slowly(way):
        assert solve(variant).to_json() == solve(variant).document().to_json() == fast


@given(cases())
@settings(max_examples=examples(20, in_full=2_000))
def test_what_is_proven_of_any_structure_is_the_same_by_the_slow_ways(case):
    fast = outcome(lambda: proven(case))
    with slowly(*SLOW.keys() - {MORE_BITS, BY_ITSELF}):
        assert outcome(lambda: proven(case)) == fast
    with slowly(BY_ITSELF):
        assert outcome(lambda: proven(case)) == fast
    with slowly(MORE_BITS):
        assert shown(outcome(lambda: proven(case))) == shown(fast)


@given(cases())
@settings(max_examples=examples(15))
def test_one_direction_and_every_entry_alone_come_to_the_same_verdict(case):
    enclosure = outcome(lambda: enclose(case.derivation, case.given, bits=bits_of(DIGITS)))
    if isinstance(enclosure, tuple):
        return
    alone = outcome(lambda: check_gradients(enclosure, full=True))
    # The first time entries are moved alone too, where they are few; then all at once.
    assert outcome(lambda: check_gradients(enclosure, full=False)) == alone
    assert outcome(lambda: check_gradients(enclosure, full=False)) == alone
