"""Tests as many assignments have them. `gradgrade audit` tells what they let pass."""

import numpy as np
from layers import affine_backward, affine_forward

x = np.array([[0.5, -1.0, 2.0]])
W = np.array([[0.1, 0.2, -0.3], [0.4, -0.5, 0.6], [-0.7, 0.8, 0.9]])
b = np.zeros(3)


def test_forward():
    out, _ = affine_forward(x, W, b)
    assert np.allclose(out, [[-1.75, 2.2, 1.05]], atol=1e-2)


def test_gradient_of_weights():
    _, cache = affine_forward(x, W, b)
    _, dW, _ = affine_backward(np.ones((1, 3)), cache)
    for at in np.ndindex(*W.shape):
        step = np.zeros_like(W)
        step[at] = 1e-5
        up, _ = affine_forward(x, W + step, b)
        down, _ = affine_forward(x, W - step, b)
        assert abs((up - down).sum() / 2e-5 - dW[at]) < 1e-6
