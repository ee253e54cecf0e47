# expect: correct
# exercise: row
"""A network as a class of its own, made anew in every call."""

import numpy as np


class Network:
    def __init__(self, given):
        self.W = [given["W1"].copy(), given["W2"].copy()]
        self.b = [given["b1"].copy(), given["b2"].copy()]

    def forward(self, x):
        self.a = [x]
        for W, b, f in zip(self.W, self.b, (lambda z: np.maximum(z, 0), lambda z: 1 / (1 + np.exp(-z)))):
            self.a.append(f(self.a[-1] @ W + b))
        return self.a[-1]

    def backward(self, y):
        out = self.a[2]
        delta = 2 / len(y) * (out - y) * out * (1 - out)
        self.dW, self.db = [None, self.a[1].T @ delta], [None, delta.sum(axis=0)]
        delta = delta @ self.W[1].T * (self.a[1] > 0)
        self.dW[0], self.db[0] = self.a[0].T @ delta, delta.sum(axis=0)

    def step(self, rate):
        for i in range(2):
            self.W[i] -= rate * self.dW[i]
            self.b[i] -= rate * self.db[i]


def solve(exercise):
    given = exercise["given"]
    network = Network(given)
    out = network.forward(given["x"])
    loss = ((out - given["y"]) ** 2).sum(axis=1).mean()
    network.backward(given["y"])
    network.step(exercise["optimizer"]["learning_rate"])
    return {
        "a2": out, "loss": loss,
        "dW2": network.dW[1], "db2": network.db[1], "dW1": network.dW[0], "db1": network.db[0],
        "W2_new": network.W[1], "W1_new": network.W[0], "b1_new": network.b[0],
    }
