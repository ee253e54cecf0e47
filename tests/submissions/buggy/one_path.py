# expect: misconception one_path
# exercise: row
"""Only one unit's path back."""

import numpy as np


def solve(exercise):
    given, rate = exercise["given"], exercise["optimizer"]["learning_rate"]
    X, T = given["x"], given["y"]
    W1, b1, W2, b2 = given["W1"], given["b1"], given["W2"], given["b2"]
    N = len(X)

    Z1 = X @ W1 + b1
    A1 = np.maximum(Z1, 0)
    Z2 = A1 @ W2 + b2
    A2 = 1 / (1 + np.exp(-Z2))
    loss = ((A2 - T) ** 2).sum() / N

    D2 = 2 * (A2 - T) / N * A2 * (1 - A2)
    dW2 = A1.T @ D2
    db2 = D2.sum(0)
    D1 = (D2[:, :1] @ W2.T[:1]) * (Z1 > 0)
    dW1 = X.T @ D1
    db1 = D1.sum(0)

    return dict(
        a2=A2, loss=loss, dW2=dW2, db2=db2, dW1=dW1, db1=db1,
        W2_new=W2 - rate * dW2, W1_new=W1 - rate * dW1, b1_new=b1 - rate * db1,
    )
