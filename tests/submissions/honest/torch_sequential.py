# expect: correct
# exercise: classes
# shape: torch
"""A torch network from a function, in a column exercise."""

import torch


def build(exercise):
    first, second = (layer["units"] for layer in exercise["layers"])
    return torch.nn.Sequential(
        torch.nn.Linear(exercise["inputs"], first),
        torch.nn.Tanh(),
        torch.nn.Linear(first, second),
        torch.nn.Softmax(dim=1),
    )
