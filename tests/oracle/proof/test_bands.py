"""Bands beside proofs: what they see, what they leave to the reference, and what they let pass."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from gradgrade.oracle import Dense, Derivation, Loss, Network, Optimizer, derive
from gradgrade.oracle.accuracy.honest_bands import estimates
from gradgrade.oracle.arithmetic.ball import Ball
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Rule
from gradgrade.oracle.errors import NotCertified, OracleError
from gradgrade.oracle.proof.bands import Band, bands
from gradgrade.oracle.proof.certify import CertifiedValues, certify
from tests.examples import examples
from tests.oracle.drawn import Case, cases, numbered

DIGITS = 50
REFERENCE, WITNESS = r"^the reference disagrees", r"^the witness disagrees"
UPDATED, GRADIENT = Name("W", 1).updated, Name("W", 1).gradient

NETWORK = Network(
    inputs=2, layers=(Dense(units=3, activation="tanh"), Dense(units=2, activation="sigmoid"))
)
CASE = numbered(derive(NETWORK, Loss(name="squared_error"), Optimizer()), seed=3)


def band_of(case: Case) -> Band | None:
    """Where the doubles of a case must lie."""
    walked = estimates(case.derivation, case.given, givens_are_rounded=case.are_decimals)
    (band,) = bands(case.derivation, walked, variants=1)
    return band


def proven(case: Case, derivation: Derivation, band: Band | None) -> CertifiedValues:
    """The proof of a derivation of a case's numbers, beside a band."""
    givens = {
        str(each.name): each.to_document(case.given[each.name], derivation.convention)
        for each in derivation.givens
    }
    return certify(derivation, givens, digits=DIGITS, band=band)


def with_rule(name: Name, rule: Rule) -> Derivation:
    """The derivation with another rule for one step."""
    derivation = CASE.derivation
    return derivation.replacing(replace(derivation.by_name[name], rule=rule))


def off_in_balls(name: Name, error: float, *, above: float = -1e9) -> Derivation:
    """The derivation with a step whose entries above a bound are off, by a share, in balls only."""
    right = CASE.derivation.by_name[name].rule

    def rule(arithmetic: Any, *read: Any) -> Any:
        value = right(arithmetic, *read)
        if not isinstance(arithmetic, Ball):
            return value
        return arithmetic.map(lambda _, z: z + z * error if z > above else z, value)

    return with_rule(name, rule)


def without_a_reference(name: Name) -> Derivation:
    """The derivation with a step that the reference cannot walk."""
    right = CASE.derivation.by_name[name].rule

    def rule(arithmetic: Any, *read: Any) -> Any:
        assert not isinstance(arithmetic, Reference), "the reference was walked"
        return right(arithmetic, *read)

    return with_rule(name, rule)


@settings(max_examples=examples(200))
@given(cases())
def test_the_doubles_of_a_proof_lie_within_its_band(case):
    try:
        values = proven(case, case.derivation, None)
    except OracleError:
        return
    band = band_of(case)
    assert band is None or band.holds(values.all_doubles())


def test_where_a_band_holds_the_reference_is_not_walked():
    derivation = without_a_reference(UPDATED)
    assert proven(CASE, derivation, band_of(CASE))
    with pytest.raises(AssertionError, match="the reference was walked"):
        proven(CASE, derivation, None)


@pytest.mark.parametrize("name", [step.name for step in CASE.derivation.steps], ids=str)
def test_a_step_that_is_off_by_more_than_its_band_in_balls_is_refused(name):
    with pytest.raises(NotCertified):
        proven(CASE, off_in_balls(name, 1e-10), band_of(CASE))


def test_an_update_that_is_off_for_some_numbers_is_refused_where_they_are_met():
    band = band_of(CASE)
    largest = max(max(row) for row in proven(CASE, CASE.derivation, band)["W1_new"].doubles)
    assert proven(CASE, off_in_balls(UPDATED, 1e-10, above=largest + 1e-6), band)
    with pytest.raises(NotCertified, match=REFERENCE):
        proven(CASE, off_in_balls(UPDATED, 1e-10, above=largest - 1e-6), band)


def test_an_update_that_is_off_by_less_than_its_band_is_seen_by_the_reference_alone():
    derivation = off_in_balls(UPDATED, 1e-20)
    assert proven(CASE, derivation, band_of(CASE))
    with pytest.raises(NotCertified, match=REFERENCE):
        proven(CASE, derivation, None)


def test_a_wrong_derivative_is_refused_beside_a_band_too():
    right = CASE.derivation.by_name[GRADIENT].rule
    wrong = with_rule(
        GRADIENT, lambda arithmetic, *read: arithmetic.divide_by(right(arithmetic, *read), 2)
    )
    with pytest.raises(NotCertified, match=WITNESS):
        proven(CASE, wrong, band_of(CASE))
    # As on later variants, once each entry was moved alone.
    walked = estimates(wrong, CASE.given, givens_are_rounded=False)
    with pytest.raises(NotCertified, match=WITNESS):
        proven(CASE, wrong, *bands(wrong, walked, variants=1))


def test_a_band_that_does_not_hold_leaves_the_verdict_to_the_reference():
    band = band_of(CASE)
    assert band is not None
    elsewhere = Band(band.middles + 1, band.widths)
    assert proven(CASE, CASE.derivation, elsewhere)
    with pytest.raises(AssertionError, match="the reference was walked"):
        proven(CASE, without_a_reference(UPDATED), elsewhere)


def test_where_a_kink_may_be_crossed_there_is_no_band():
    network = Network(inputs=2, layers=(Dense(units=1, activation="relu", bias="none"),))
    derivation = derive(network, Loss(name="squared_error"), Optimizer())
    case = numbered(derivation)
    near = {Name("W", 1): [[1.0, 1.0]], Name("x"): [[1e-30], [-1e-30]]}
    far = {Name("W", 1): [[1.0, 1.0]], Name("x"): [[1.0], [1.0]]}
    assert band_of(replace(case, given={**case.given, **far})) is not None
    assert band_of(replace(case, given={**case.given, **near}, are_decimals=True)) is None


def test_where_cancellation_leaves_little_there_is_no_band():
    network = Network(inputs=2, layers=(Dense(units=1, bias="none"),))
    case = numbered(derive(network, Loss(name="squared_error"), Optimizer()))
    weights = {Name("W", 1): [[1.0, 1.0]]}
    some, little = ({Name("x"): [[0.3], [-0.3 - left]]} for left in (2.0**-10, 2.0**-45))
    assert band_of(replace(case, given={**case.given, **weights, **some})) is not None
    assert band_of(replace(case, given={**case.given, **weights, **little})) is None
