"""Arrays with a place for their gradient: functions on the way back fill in `.g`."""

import numpy as np


class tensor(np.ndarray):
    def __new__(cls, values):
        return np.asarray(values).view(cls)


def lin(inp, w, b):
    return tensor(inp @ w + b)


def relu(x):
    return tensor(np.clip(x, 0.0, None))


def mse(output, targ):
    return ((output[:, 0] - targ[:, 0]) ** 2).mean()


def mse_grad(inp, targ):
    inp.g = 2.0 * (inp - targ) / inp.shape[0]


def relu_grad(inp, out):
    inp.g = (inp > 0) * out.g


def lin_grad(inp, out, w, b):
    inp.g = out.g @ w.T
    w.g = inp.T @ out.g
    b.g = out.g.sum(0)


def forward_and_backward(inp, targ, w1, b1, w2, b2):
    l1 = lin(inp, w1, b1)
    inp.l1 = l1
    l2 = relu(l1)
    out = lin(l2, w2, b2)
    loss = mse(out, targ)

    mse_grad(out, targ)
    lin_grad(l2, out, w2, b2)
    relu_grad(l1, l2)
    lin_grad(inp, l1, w1, b1)
    return l2, out, loss
