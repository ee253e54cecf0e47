"""What a student sent: read anew from the body that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradgrade.problems import DocumentError
from gradgrade.problems.documents import strict_json


def sent_answers(body: bytes) -> dict[str, Any]:
    """Return the map of answers in a submission's body, its numerals as they were written.

    Args:
        body: an answers document, or an object that holds one, or its map alone, as `answers`.

    Raises:
        DocumentError: it cannot be read.

    >>> sent_answers(b'{"answers": {"exercise": "2f", "answers": {"loss": 0.10}}}')
    {'loss': Number('0.10')}
    """
    data = strict_json.loads(body)
    answers = data.get("answers") if isinstance(data, Mapping) else None
    if isinstance(answers, Mapping):
        answers = answers.get("answers", answers)
    if not isinstance(answers, dict):
        raise DocumentError("answers: the body has no map of them")
    return answers
