"""TOML as documents write it: read strictly, its faults told, its values found again.

The standard library reads it; it tells no lines of values, so `places` finds them, of texts alone
that were read.
"""

from gradgrade.problems.documents.toml.places import TomlPlaces
from gradgrade.problems.documents.toml.reading import loads

__all__ = ["TomlPlaces", "loads"]
