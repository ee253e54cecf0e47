# expect: correct
# exercise: momentum
"""Three functions, an optimizer with state, several iterations."""

import numpy as np


def forward(x, parameters, exercise):
    a1 = 1 / (1 + np.exp(-(parameters["W1"] @ x + parameters["b1"][:, None])))
    a2 = parameters["W2"] @ a1 + parameters["b2"][:, None]
    squares = sum(np.sum(parameters[name] ** 2) for name in ("W1", "W2"))
    error = a2 - exercise["given"]["y"]
    penalty = exercise["regularization"]["l2"]
    return {"x": x, "a1": a1, "a2": a2, "loss": np.sum(error**2) / 2 / x.shape[1] + penalty / 2 * squares}


def backward(cache, parameters, exercise):
    penalty = exercise["regularization"]["l2"]
    delta2 = (cache["a2"] - exercise["given"]["y"]) / cache["x"].shape[1]
    delta1 = parameters["W2"].T @ delta2 * cache["a1"] * (1 - cache["a1"])
    return {
        "dW2": delta2 @ cache["a1"].T + penalty * parameters["W2"],
        "db2": delta2.sum(axis=1),
        "dW1": delta1 @ cache["x"].T + penalty * parameters["W1"],
        "db1": delta1.sum(axis=1),
    }


def update(parameters, gradients, exercise, state):
    rate, mu = exercise["optimizer"]["learning_rate"], exercise["optimizer"]["momentum"]
    for name in parameters:
        state["v" + name] = mu * state.get("v" + name, 0) - rate * gradients["d" + name]
        parameters[name] += state["v" + name]
    return parameters
