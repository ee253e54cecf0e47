"""A plan for more than one machine, by arithmetic on what one machine carried."""

from collections.abc import Mapping
from math import ceil

STUDENTS = 1_000_000
SUBMISSIONS_EACH = 40
SPIKE = 10_000
ROW_KIBIBYTES = 5
"""A submission with its body, its verdict and what indexes have of it, in a file of SQLite."""

DATABASE_COMMITS = 15_000
"""What one PostgreSQL on server hardware is taken to commit a second; measured nowhere here."""


def plan(rates: Mapping[str, float], *, cores: int) -> dict[str, str]:
    """Return the figures of the plan.

    Args:
        rates: submissions a second, by kind of database.
        cores: how many cores carried that, the database and the clients included.
    """
    a_core = rates["PostgreSQL"] / cores
    return {
        "a_core": f"{a_core:,.0f}",
        "sqlite_a_core": f"{rates['SQLite'] / cores:,.0f}",
        "spike": f"{SPIKE:,}",
        "spike_cores": f"{ceil(SPIKE / a_core):,}",
        "students": f"{STUDENTS:,}",
        "each": str(SUBMISSIONS_EACH),
        "total": f"{STUDENTS * SUBMISSIONS_EACH:,}",
        "gibibytes": f"{STUDENTS * SUBMISSIONS_EACH * ROW_KIBIBYTES / 2**20:,.0f}",
        "mean_rate": f"{STUDENTS * SUBMISSIONS_EACH / (100 * 86_400):.1f}",
        "commits": f"{DATABASE_COMMITS:,}",
    }
