# expect: failure exception
"""Imports what is not there."""

import sklearn


def solve(exercise):
    return sklearn.neural_network.MLPRegressor(exercise)
