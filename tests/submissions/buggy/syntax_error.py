# expect: failure exception
"""Is no Python."""

def solve(exercise)
    return {}
