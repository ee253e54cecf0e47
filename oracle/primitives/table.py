"""All primitives, by the names that programs call them by, and by how else they are written."""

from collections.abc import Mapping
from types import MappingProxyType

from gradgrade.oracle.primitives.exponentials import EXPONENTIALS, MASKED_SOFTMAX
from gradgrade.oracle.primitives.four_operations import FOUR_OPERATIONS
from gradgrade.oracle.primitives.functions import FUNCTIONS
from gradgrade.oracle.primitives.moving import ENTRIES, LISTED, MOVING, PICKED, ROWS
from gradgrade.oracle.primitives.primitive import Primitive
from gradgrade.oracle.primitives.products import PRODUCTS
from gradgrade.oracle.primitives.reductions import REDUCTIONS
from gradgrade.oracle.primitives.selection import SELECTION

_ALL = (
    *FOUR_OPERATIONS,
    *FUNCTIONS,
    *SELECTION,
    *PRODUCTS,
    *REDUCTIONS,
    *EXPONENTIALS,
    *MOVING,
)

PRIMITIVES: Mapping[str, Primitive] = MappingProxyType({each.name: each for each in _ALL})

BY_SYNTAX: Mapping[str, Primitive] = MappingProxyType(
    {
        "x[1:, 0]": ENTRIES,
        "x[[0, 0, 2]]": LISTED,
        "x[i]": ROWS,
        "x[arange(N), i]": PICKED,
        "softmax(where(m, x, -inf))": MASKED_SOFTMAX,
    }
)
"""What programs write otherwise than by a name, by how they write it."""
