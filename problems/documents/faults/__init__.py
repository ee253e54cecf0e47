"""Faults of documents: what stands between the validator and people.

Every door shows a fault as it is written here, and none shows the validator's own words.
"""

from gradgrade.problems.documents.faults.advice import example
from gradgrade.problems.documents.faults.explaining import Places, faults, placed
from gradgrade.problems.documents.faults.suggesting import folded, nearest, unlisted
from gradgrade.problems.documents.faults.writing import as_written, no_number

__all__ = [
    "Places",
    "as_written",
    "example",
    "faults",
    "folded",
    "nearest",
    "no_number",
    "placed",
    "unlisted",
]
