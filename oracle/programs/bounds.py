"""How large a program may be: held before anything is derived, so that no text costs much."""

MOST_CHARACTERS = 10_000
MOST_LINES = 200
MOST_DEPTH = 50
"""How deep calls, brackets and operators may be nested in a line."""

LONGEST_NUMERAL = 64
"""Characters."""

MOST_NODES = 2_000
MOST_ENTRIES = 100_000
"""Of one array."""

MOST_ENTRIES_IN_ALL = 1_000_000
MOST_AXES = 4

MOST_WHOLE = 2**53
"""Up to here whole numbers are doubles too, and far from where numpy's wrap."""
