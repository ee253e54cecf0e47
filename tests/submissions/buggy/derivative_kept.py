# expect: misconception activation_derivative_kept
# exercise: classes
"""a(1 - a) next to cross-entropy."""

import numpy as np


def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def solve(exercise):
    g = exercise["given"]
    x, y = g["x"], g["y"]
    n = x.shape[1]
    z1 = g["W1"] @ x + g["b1"].reshape(-1, 1)
    a1 = np.tanh(z1)
    z2 = g["W2"] @ a1 + g["b2"].reshape(-1, 1)
    a2 = softmax(z2)
    loss = -np.sum(y * np.log(a2)) / n
    delta2 = (a2 - y) / n * a2 * (1 - a2)
    dW2 = delta2 @ a1.T
    db2 = delta2.sum(axis=1)
    delta1 = g["W2"].T @ delta2 * (1 - a1**2)
    dW1 = delta1 @ x.T
    db1 = delta1.sum(axis=1)
    W1_new = g["W1"] - exercise["optimizer"]["learning_rate"] * dW1
    return locals()
