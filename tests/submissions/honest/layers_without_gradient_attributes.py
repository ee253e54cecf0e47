# expect: correct
# exercise: row
"""Layers that keep their gradients to themselves."""

import numpy as np


class ReLULayer:
    def __init__(self, size_in, size_out):
        self.weights = np.random.randn(size_in, size_out) * np.sqrt(2.0 / size_in)
        self.biases = np.zeros(size_out)

    def forward(self, in_act):
        self.in_act = in_act
        self.out_act = np.dot(in_act, self.weights) + self.biases
        self.out_act[self.out_act < 0] = 0
        return self.out_act

    def backward(self, out_grad):
        cost_wrt_sum = out_grad * (self.out_act > 0)
        self._gradient_of_weights = self.in_act.T @ cost_wrt_sum
        self._gradient_of_biases = cost_wrt_sum.sum(axis=0)
        return cost_wrt_sum @ self.weights.T

    def update(self, alpha):
        self.weights = self.weights - alpha * self._gradient_of_weights
        self.biases = self.biases - alpha * self._gradient_of_biases


class SigmoidLayer(ReLULayer):
    def forward(self, in_act):
        self.in_act = in_act
        self.out_act = 1 / (1 + np.exp(-(in_act @ self.weights + self.biases)))
        return self.out_act

    def backward(self, out_grad):
        cost_wrt_sum = out_grad * self.out_act * (1 - self.out_act)
        self._gradient_of_weights = self.in_act.T @ cost_wrt_sum
        self._gradient_of_biases = cost_wrt_sum.sum(axis=0)
        return cost_wrt_sum @ self.weights.T
