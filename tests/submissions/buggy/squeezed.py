# expect: finding fails_on_batch_of_one
"""Squeezes, so that one sample loses its axis."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def solve(exercise):
    given = exercise["given"]
    x, y, W1, W2 = given["x"], given["y"], given["W1"], given["W2"]
    b1, b2 = given["b1"][:, None], given["b2"][:, None]
    rate = exercise["optimizer"]["learning_rate"]
    samples = x.shape[1]

    x = x.squeeze()
    z1 = W1 @ x + b1
    a1 = sigmoid(z1)
    z2 = W2 @ a1 + b2
    a2 = np.tanh(z2)
    loss = np.sum((a2 - y) ** 2) / 2 / samples

    delta2 = (a2 - y) / samples * (1 - a2**2)
    dW2 = delta2 @ a1.T
    db2 = delta2.sum(axis=1)
    delta1 = (W2.T @ delta2) * a1 * (1 - a1)
    dW1 = delta1 @ x.T
    db1 = delta1.sum(axis=1)

    return {
        "z1": z1, "a1": a1, "a2": a2, "loss": loss,
        "delta2": delta2, "dW2": dW2, "db2": db2,
        "delta1": delta1, "dW1": dW1, "db1": db1,
        "W1_new": W1 - rate * dW1, "b1_new": given["b1"] - rate * db1,
        "W2_new": W2 - rate * dW2, "b2_new": given["b2"] - rate * db2,
    }
