# expect: correct
"""forward, backward and update."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(x, parameters, exercise):
    z1 = parameters["W1"] @ x + parameters["b1"][:, None]
    a1 = sigmoid(z1)
    a2 = np.tanh(parameters["W2"] @ a1 + parameters["b2"][:, None])
    loss = np.sum((a2 - exercise["given"]["y"]) ** 2) / (2 * x.shape[1])
    return {"x": x, "z1": z1, "a1": a1, "a2": a2, "loss": loss}


def backward(cache, parameters, exercise):
    n = cache["x"].shape[1]
    delta2 = (cache["a2"] - exercise["given"]["y"]) / n * (1 - cache["a2"] ** 2)
    delta1 = parameters["W2"].T @ delta2 * cache["a1"] * (1 - cache["a1"])
    return {
        "delta2": delta2, "dW2": delta2 @ cache["a1"].T, "db2": delta2.sum(axis=1),
        "delta1": delta1, "dW1": delta1 @ cache["x"].T, "db1": delta1.sum(axis=1),
    }


def update(parameters, gradients, exercise):
    rate = exercise["optimizer"]["learning_rate"]
    return {name: value - rate * gradients["d" + name] for name, value in parameters.items()}
