"""A gradient check of batch normalization, by the loss Σ out²."""

import numpy as np
from normalization import batchnorm_backward, batchnorm_forward

STEP = 1e-5


def test_gradient_of_inputs():
    x = np.random.default_rng(1).normal(size=(6, 3))
    gamma, beta = np.ones(3), np.zeros(3)

    def loss(moved):
        return (batchnorm_forward(moved, gamma, beta, 1e-5)[0] ** 2).sum() / 2

    numeric = np.zeros_like(x)
    for index in np.ndindex(*x.shape):
        step = np.zeros_like(x)
        step[index] = STEP
        numeric[index] = (loss(x + step) - loss(x - step)) / (2 * STEP)
    out, cache = batchnorm_forward(x, gamma, beta, 1e-5)
    dx, _, _ = batchnorm_backward(out, cache)
    assert np.allclose(dx, numeric, atol=1e-4)
