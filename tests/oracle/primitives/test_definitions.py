"""Each function that programs call is numpy's, or is defined where programs are handed out."""

import ast

import numpy
import pytest

from gradgrade.oracle.primitives.table import PRIMITIVES


@pytest.mark.parametrize("name", PRIMITIVES)
def test_a_function_is_numpys_or_has_a_definition_and_never_both(name: str):
    assert bool(PRIMITIVES[name].definition) != hasattr(numpy, name)


@pytest.mark.parametrize("name", [name for name, each in PRIMITIVES.items() if each.definition])
def test_a_definition_defines_that_function_and_takes_the_options_that_programs_state(name: str):
    primitive = PRIMITIVES[name]
    scope = {"np": numpy}
    exec(primitive.definition, scope)
    assert scope.keys() - {"np", "__builtins__"} == {name}
    (statement,) = ast.parse(primitive.definition).body
    if isinstance(statement, ast.FunctionDef):
        first, *options = (each.arg for each in statement.args.args)
        assert first == "x"
        assert set(options) == primitive.options


@pytest.mark.parametrize("name", [name for name, each in PRIMITIVES.items() if each.definition])
def test_a_definition_is_stable_far_from_0(name: str):
    scope = {"np": numpy}
    exec(PRIMITIVES[name].definition, scope)
    far = numpy.array([-700.0, 700.0])
    with numpy.errstate(over="raise", invalid="raise", divide="raise"):
        assert numpy.isfinite(scope[name](far)).all()


def test_what_is_nearly_0_keeps_its_digits():
    scope = {"np": numpy}
    for name in ("sigmoid", "softplus", "log_sigmoid", "silu", "gelu"):
        exec(PRIMITIVES[name].definition, scope)
    small = numpy.exp(-50.0)
    assert scope["sigmoid"](-50.0) == pytest.approx(small, rel=1e-14)
    assert scope["softplus"](-50.0) == pytest.approx(small, rel=1e-14)
    assert scope["log_sigmoid"](50.0) == pytest.approx(-small, rel=1e-14)
    assert scope["silu"](-50.0) == pytest.approx(-50 * small, rel=1e-14)
    # Of 20 Φ(−20), by mpmath.
    assert scope["gelu"](-20.0) == pytest.approx(-20 * 2.7536241186062336951e-89, rel=1e-12)
