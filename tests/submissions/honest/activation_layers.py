# expect: correct but delta2
# exercise: classes
"""Linear layers and activations as classes of their own, in a column exercise."""

import numpy as np


class Linear:
    def __init__(self, n_in, n_out):
        self.weights = np.zeros((n_in, n_out))
        self.bias = np.zeros((1, n_out))

    def forward(self, x):
        self.x = x
        return x @ self.weights + self.bias

    def backward(self, out_grad):
        self.weights_gradient = self.x.T @ out_grad
        self.biases_gradient = out_grad.sum(axis=0, keepdims=True)
        return out_grad @ self.weights.T

    def update(self, alpha):
        self.weights -= alpha * self.weights_gradient
        self.bias -= alpha * self.biases_gradient


class Tanh:
    def forward(self, z):
        self.a = np.tanh(z)
        return self.a

    def backward(self, out_grad):
        return out_grad * (1 - self.a**2)


class Softmax:
    def forward(self, z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        self.a = e / e.sum(axis=1, keepdims=True)
        return self.a

    def backward(self, out_grad):
        return self.a * (out_grad - (out_grad * self.a).sum(axis=1, keepdims=True))
