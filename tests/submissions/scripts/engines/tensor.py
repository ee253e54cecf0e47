"""An array that remembers what it was made of, and how its gradient goes back."""

import numpy as np


class Tensor:
    def __init__(self, data, parents=()):
        self.data = np.asarray(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self.parents = parents  # pairs of a tensor and what turns our gradient into its own

    def __add__(self, other):
        return Tensor(self.data + other.data, [(self, lambda g: g), (other, lambda g: g)])

    def __mul__(self, other):
        return Tensor(
            self.data * other.data,
            [(self, lambda g: g * other.data), (other, lambda g: g * self.data)],
        )

    def __pow__(self, n):
        return Tensor(self.data**n, [(self, lambda g: g * n * self.data ** (n - 1))])

    def __matmul__(self, other):
        return Tensor(
            self.data @ other.data,
            [(self, lambda g: g @ other.data.T), (other, lambda g: self.data.T @ g)],
        )

    def sum(self):
        return Tensor(self.data.sum(), [(self, lambda g: g * np.ones_like(self.data))])

    def backward(self):
        order = []

        def visit(node):
            if node not in order:
                for parent, _ in node.parents:
                    visit(parent)
                order.append(node)

        visit(self)
        self.grad = np.ones_like(self.data)
        for node in reversed(order):
            for parent, pulled in node.parents:
                parent.grad = parent.grad + unbroadcast(pulled(node.grad), parent.data.shape)


def relu(tensor):
    return Tensor(np.maximum(tensor.data, 0), [(tensor, lambda g: g * (tensor.data > 0))])


def unbroadcast(gradient, shape):
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=0)
    for axis, length in enumerate(shape):
        if length == 1:
            gradient = gradient.sum(axis=axis, keepdims=True)
    return gradient
