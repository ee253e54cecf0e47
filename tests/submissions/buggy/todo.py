# expect: failure exception
"""The starter file, as it was handed out."""

"""One function, from the exercise to its answers."""

import numpy as np


def solve(exercise):
    """Return a dict of answers by the names that exercise["ask"] lists.

    exercise["given"] holds numpy arrays: "x" (inputs), "y" (targets), "W1", "b1", "W2", …
    exercise["optimizer"]["learning_rate"] is a float. Do not change the arrays in place.
    """
    # TODO: the forward pass.
    # TODO: the backward pass.
    # TODO: return {"loss": loss, "dW1": dW1, ...}
    raise NotImplementedError("TODO: solve")
