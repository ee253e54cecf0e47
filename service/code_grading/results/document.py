"""What the writers of documents share."""

import json
from collections.abc import Iterator
from typing import Any


def written(value: Any) -> str:
    """Return a value as a JSON document.

    Raises:
        ValueError: a number in it is not finite.
    """
    return json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def first_within(limit: int, texts: Iterator[str]) -> str:
    """Return the first text that takes at most so many bytes, or else the last.

    >>> first_within(2, iter(["long", "in", "a"]))
    'in'
    """
    for text in texts:
        if len(text.encode()) <= limit:
            break
    return text
