"""A student's own tests, which run beside the grading."""

import numpy
from student import sigmoid


def test_sigmoid_is_a_half_at_zero():
    assert numpy.isclose(sigmoid(0.0), 0.5)
