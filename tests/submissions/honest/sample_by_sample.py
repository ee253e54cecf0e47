# expect: correct
"""A loop over samples that adds up gradients."""

import numpy as np


def solve(exercise):
    g = exercise["given"]
    eta = exercise["optimizer"]["learning_rate"]
    X, Y = g["x"].T, g["y"].T
    N = len(X)
    rows = {name: [] for name in ("z1", "a1", "a2", "delta2", "delta1")}
    total = {name: np.zeros_like(g[name]) for name in ("W1", "b1", "W2", "b2")}
    loss = 0.0
    for x, y in zip(X, Y):
        z1 = g["W1"] @ x + g["b1"]
        a1 = 1 / (1 + np.exp(-z1))
        a2 = np.tanh(g["W2"] @ a1 + g["b2"])
        loss += 0.5 * np.dot(a2 - y, a2 - y) / N
        delta2 = (a2 - y) * (1 - a2 * a2) / N
        delta1 = (g["W2"].T @ delta2) * a1 * (1 - a1)
        total["W2"] += np.outer(delta2, a1)
        total["b2"] += delta2
        total["W1"] += np.outer(delta1, x)
        total["b1"] += delta1
        for name, value in zip(rows, (z1, a1, a2, delta2, delta1)):
            rows[name].append(value)
    answers = {name: np.array(value).T for name, value in rows.items()}
    answers["loss"] = loss
    for name, gradient in total.items():
        answers["d" + name] = gradient
        answers[name + "_new"] = g[name] - eta * gradient
    return answers
