"""Arrays of documents, and their matrices in a walk."""

from math import prod

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Layout, Quantity
from gradgrade.oracle.nested import build, flatten, shape_of
from tests.strategies import CONVENTIONS


@st.composite
def quantities(draw: st.DrawFn) -> Quantity:
    layout = draw(st.sampled_from(Layout))
    fewest, most = {Layout.SAMPLES: (2, 4), Layout.WEIGHTS: (2, 2), Layout.FIXED: (0, 1)}[layout]
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=fewest, max_size=most)))
    return Quantity(Name("q", 1), shape, layout, Group.GIVEN)


@pytest.mark.parametrize("convention", CONVENTIONS)
@given(quantity=quantities())
def test_a_documents_array_survives_the_walks_matrix_and_back(convention, quantity):
    shape = quantity.document_shape(convention)
    array = build(list(range(prod(shape))), shape)
    rows = quantity.to_rows(list(flatten(array)), convention)
    assert (len(rows), len(rows[0])) == quantity.matrix_shape
    assert quantity.to_document(rows, convention) == array


@given(quantity=quantities())
def test_both_conventions_hold_the_same_numbers(quantity):
    rows, columns = quantity.matrix_shape
    matrix = numpy.arange(rows * columns).reshape(rows, columns)
    column, row = (numpy.array(quantity.to_document(matrix.tolist(), c)) for c in CONVENTIONS)
    if quantity.layout is Layout.SAMPLES:
        column = numpy.moveaxis(column, -1, 0)
    if quantity.layout is Layout.WEIGHTS:
        column = column.T
    assert numpy.array_equal(column, row)


@given(shape=st.lists(st.integers(1, 4), max_size=4))
def test_build_undoes_flatten_and_shape_of_tells_the_shape(shape):
    array = numpy.arange(prod(shape)).reshape(shape).tolist()
    assert shape_of(array) == tuple(shape)
    assert build(list(flatten(array)), tuple(shape)) == array
