"""Settings for all tests: drawn cases are the same in every run where CI is set."""

import os
import sys

from hypothesis import HealthCheck, settings

# Hundreds of processes import the same modules: also where bytecode is not kept, as in many
# containers, they are not compiled for each of them.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

settings.register_profile(
    "local",
    deadline=None,
    # An exercise is drawn in one piece, and solved while it is drawn.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")
