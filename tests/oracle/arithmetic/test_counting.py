"""Operations are counted as the other arithmetics do them, and shapes come out as theirs."""

import pytest

from gradgrade.oracle.arithmetic import EntryMap
from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.arithmetic.counting import FUNCTION, Counting

LEFT, RIGHT, ROW = (4, 3), (3, 2), (1, 3)
WINDOWS = EntryMap.of((2, 2), LEFT, ((0, 1, 2), (3,), (-1,), (4, 5)))

OPERATIONS = {
    "a product": (lambda a, m, n, r: a.dot(m, n), 24),
    "a transpose": (lambda a, m, n, r: a.transpose(m), 0),
    "a sum of two": (lambda a, m, n, r: a.add(m, r), 12),
    "a difference": (lambda a, m, n, r: a.subtract(r, m), 12),
    "a product by entries": (lambda a, m, n, r: a.multiply(m, m), 12),
    "a quotient by a count": (lambda a, m, n, r: a.divide_by(m, 5), 12),
    "a sum of all": (lambda a, m, n, r: a.sum(m), 12),
    "a sum over rows": (lambda a, m, n, r: a.sum(m, 0), 12),
    "a sum over columns": (lambda a, m, n, r: a.sum(m, 1), 12),
    "another shape": (lambda a, m, n, r: a.reshape(m, 2, 6), 0),
    "some rows": (lambda a, m, n, r: a.rows_between(m, 1, 3), 0),
    "a stack": (lambda a, m, n, r: a.stack(m, r), 0),
    "zeros": (lambda a, m, n, r: a.zeros(2, 5), 0),
    "gathered entries": (lambda a, m, n, r: a.gather(m, WINDOWS), 7),
    "the largest": (lambda a, m, n, r: a.largest(m, WINDOWS), 7),
    "softmax": (lambda a, m, n, r: a.softmax(m), 12 * FUNCTION),
    "log softmax": (lambda a, m, n, r: a.log_softmax(m), 12 * FUNCTION),
    "a rule": (lambda a, m, n, r: a.map(lambda _, p, q: 1 - p * q / 2, m, r), 12 * 3),
    "a rule of functions": (
        lambda a, m, n, r: a.map(lambda b, p: abs(-b.exp(p)) ** 2 + b.positive_part(p), m),
        12 * (FUNCTION + 5),
    ),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_counted_and_has_its_shape(name):
    work, expected = OPERATIONS[name]
    counting, binary64 = Counting(), Binary64()
    found = work(counting, LEFT, RIGHT, ROW)
    matrices = (binary64.zeros(*shape) for shape in (LEFT, RIGHT, ROW))
    assert found == work(binary64, *matrices).shape
    assert counting.operations == expected


def test_what_is_passed_back_to_the_largest_has_the_shape_of_what_it_was_of():
    counting = Counting()
    found = counting.to_largest((2, 2), LEFT, WINDOWS, zeros_may_tie=True)
    assert (found, counting.operations) == (LEFT, 7)


def test_shapes_that_do_not_go_together_are_refused():
    with pytest.raises(ValueError, match="do not go together"):
        Counting().add(LEFT, RIGHT)


def test_nothing_counted_has_numbers():
    for read in (Counting().rows, Counting().ratio):
        with pytest.raises(TypeError, match="no numbers"):
            read(LEFT)
