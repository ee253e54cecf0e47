"""The course's own file, laid beside what is handed in."""

import numpy as np


def is_training(bn_param):
    return bn_param["mode"] == "train"


def relative_error(x, y):
    return np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)))
