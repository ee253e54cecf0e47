# expect: contained exception
"""Raises what no encoding holds."""


class Evil(Exception):
    def __str__(self):
        return "half \ud800 of a pair \udc80"


def solve(exercise):
    raise Evil
