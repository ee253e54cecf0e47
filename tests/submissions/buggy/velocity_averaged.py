# expect: misconception velocity_averaged
# exercise: momentum
"""The velocity as a moving average."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def solve(exercise):
    given, optimizer = exercise["given"], exercise["optimizer"]
    rate, mu = optimizer["learning_rate"], optimizer["momentum"]
    penalty = exercise["regularization"]["l2"]
    x, y = given["x"], given["y"]
    n = x.shape[1]
    p = {name: given[name].copy() for name in ("W1", "b1", "W2", "b2")}
    v = {name: np.zeros_like(value) for name, value in p.items()}
    for _ in range(exercise["iterations"]):
        a1 = sigmoid(p["W1"] @ x + p["b1"][:, None])
        a2 = p["W2"] @ a1 + p["b2"][:, None]
        loss = 0.5 * np.sum((a2 - y) ** 2) / n
        loss += penalty / 2 * (np.sum(p["W1"] ** 2) + np.sum(p["W2"] ** 2))
        d2 = (a2 - y) / n
        d1 = p["W2"].T @ d2 * a1 * (1 - a1)
        g = {
            "W1": d1 @ x.T + penalty * p["W1"],
            "b1": d1.sum(axis=1),
            "W2": d2 @ a1.T + penalty * p["W2"],
            "b2": d2.sum(axis=1),
        }
        for name in p:
            v[name] = mu * v[name] - (1 - mu) * rate * g[name]
            p[name] = p[name] + v[name]
    return {
        "loss": loss, "dW2": g["W2"], "dW1": g["W1"], "db1": g["b1"],
        "vW1": v["W1"], "W1_new": p["W1"], "b1_new": p["b1"],
    }
