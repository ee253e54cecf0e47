"""What a student's file lacks, in words."""

import difflib
from typing import Any


def why_missing(name: str, module: Any) -> str:
    """Return that a file does not define a name, with the one that is most like it."""
    near = difflib.get_close_matches(name, _public(module), n=1, cutoff=0.6)
    return f"the file defines no {name}" + (f" (there is {near[0]})" if near else "")


def _public(module: Any) -> list[str]:
    return [each for each in vars(module) if not each.startswith("_")]
