# expect: correct
# exercise: row
"""Layer classes whose bias is a row of the weights."""

import numpy as np


def with_ones(in_act):
    return np.hstack([np.ones((len(in_act), 1)), in_act])


class Layer:
    def __init__(self, size_in, size_out, activation):
        self.W = np.random.randn(size_in + 1, size_out) * np.sqrt(2.0 / size_in)
        self.activation = activation

    def forward(self, in_act):
        self.in_act = with_ones(in_act)
        z = self.in_act @ self.W
        self.out_act = np.maximum(z, 0) if self.activation == "relu" else 1 / (1 + np.exp(-z))
        return self.out_act

    def backward(self, out_grad):
        a = self.out_act
        slope = (a > 0) if self.activation == "relu" else a * (1 - a)
        self.cost_wrt_weights = self.in_act.T @ (out_grad * slope)
        return ((out_grad * slope) @ self.W.T)[:, 1:]

    def update(self, alpha):
        self.W = self.W - alpha * self.cost_wrt_weights
