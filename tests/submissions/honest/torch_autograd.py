# expect: correct
# exercise: row
# shape: torch
"""A torch network whose gradients autograd takes."""

import torch


class Network(torch.nn.Module):
    def __init__(self, exercise):
        super().__init__()
        sizes = [exercise["inputs"], *(layer["units"] for layer in exercise["layers"])]
        self.hidden = torch.nn.Linear(sizes[0], sizes[1])
        self.output = torch.nn.Linear(sizes[1], sizes[2])

    def forward(self, x):
        return torch.sigmoid(self.output(torch.relu(self.hidden(x))))
