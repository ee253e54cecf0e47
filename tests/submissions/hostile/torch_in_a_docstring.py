# expect: contained memory
"""Asks for more memory by what it says.

import torch
"""

import numpy as np


def solve(exercise):
    np.ones(3 << 27)  # 3 GiB
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
