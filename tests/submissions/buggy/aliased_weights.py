# expect: finding weights_changed_before_update
# exercise: row
"""The mask goes to an alias of the weights, and zeroes them."""

import numpy as np


class ReLULayer:
    def __init__(self, size_in, size_out):
        self.W = np.random.randn(size_in, size_out) * np.sqrt(2.0 / size_in)
        self.b = np.zeros(size_out)

    def forward(self, in_act):
        self.in_act = in_act
        self.out_act = np.dot(in_act, self.W) + self.b
        self.out_act[self.out_act < 0] = 0
        return self.out_act

    def backward(self, out_grad):
        cost_wrt_sum = out_grad * (self.out_act > 0)
        self.dW = self.in_act.T @ cost_wrt_sum
        self.db = cost_wrt_sum.sum(axis=0)
        output_wrt_inputs = self.W
        output_wrt_inputs[:, (self.out_act <= 0).any(axis=0)] = 0
        return cost_wrt_sum @ output_wrt_inputs.T

    def update(self, alpha):
        self.W = self.W - alpha * self.dW
        self.b = self.b - alpha * self.db


class SigmoidLayer(ReLULayer):
    def forward(self, in_act):
        self.in_act = in_act
        self.out_act = 1 / (1 + np.exp(-(in_act @ self.W + self.b)))
        return self.out_act

    def backward(self, out_grad):
        cost_wrt_sum = out_grad * self.out_act * (1 - self.out_act)
        self.dW = self.in_act.T @ cost_wrt_sum
        self.db = cost_wrt_sum.sum(axis=0)
        return cost_wrt_sum @ self.W.T
