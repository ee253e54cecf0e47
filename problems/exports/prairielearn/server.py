"""A PrairieLearn question's own code; it stands alone beside its variants and expected values.

Each student has one of the drawn variants. An answer is right where every entry is finite and lies
within its band of the expected value, compared exactly; a part is all or nothing.
"""

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

Data = dict[str, Any]


def generate(data: Data) -> None:
    """Pick a variant and show its sheet; nothing of its answers reaches the page."""
    variants = _variants(data)
    index = int(data["variant_seed"]) % len(variants)
    data["params"]["index"] = index
    data["params"]["id"] = variants[index]["id"]
    data["params"]["sheet"] = variants[index]["sheet"]


def render(data: Data, html: str) -> str:
    """Put the worked solution into the answer panel, which is shown once no answer counts."""
    if data["panel"] != "answer":
        return html
    return f"{html}\n{_variant(data)['worked']}"


def parse(data: Data) -> None:
    """Refuse what has another shape than was asked for, or an entry that is not finite.

    A part may be left blank; nobody means to hand in nothing.
    """
    parts = _asked(data)
    for part in parts:
        name = part["field"]
        if name in data["format_errors"] or not _is_filled_in(data, part):
            continue
        entries = _entries(data["submitted_answers"][name], part["rows"], part["columns"])
        if entries is None:
            data["format_errors"][name] = (
                f"{part['rows']} rows of {part['columns']} finite numbers are needed"
            )
    if not data["format_errors"] and all(_boxes(part) == _blank(data, part) for part in parts):
        data["format_errors"]["nothing"] = "nothing is filled in"


def grade(data: Data) -> None:
    """Give each part its points, or none, and say what is known of it."""
    total = sum(Fraction(part["points"]) for part in _asked(data))
    reached = Fraction(0)
    for part in _asked(data):
        is_right = _is_filled_in(data, part) and _is_right(_submitted(data, part), part["expected"])
        points = Fraction(part["points"])
        reached += points if is_right else 0
        data["partial_scores"][part["field"]] = {
            "score": 1 if is_right else 0,
            "weight": float(points),
        }
        if not is_right and (told := _told(data, part)):
            data["feedback"][part["field"]] = told
    data["score"] = float(reached / total)


def _told(data: Data, part: Data) -> str | None:
    """Return what a student is told of a part that is not right; None where nothing is known."""
    if blank := _blank(data, part):
        return f"{blank} of {_boxes(part)} boxes are blank."
    if not _is_filled_in(data, part):
        return None
    submitted = _submitted(data, part)
    for mistake in part["mistakes"]:
        if _is_right(submitted, mistake["expected"]):
            return f"It looks like this: {mistake['title']}. {mistake['explanation']}"
    return None


def _is_filled_in(data: Data, part: Data) -> bool:
    return data["submitted_answers"].get(part["field"]) not in (None, "") and not _blank(data, part)


def _blank(data: Data, part: Data) -> int:
    """Return how many boxes of a part are blank, for which an element puts in a number."""
    raw, field = data["raw_submitted_answers"], part["field"]
    names = [field, *(f"{field}{number}" for number in range(1, _boxes(part) + 1))]
    blank = [name for name in names if name in raw and not str(raw[name] or "").strip()]
    return len(blank)


def _boxes(part: Data) -> int:
    boxes: int = part["rows"] * part["columns"]
    return boxes


def _submitted(data: Data, part: Data) -> list[float] | None:
    submitted = data["submitted_answers"][part["field"]]
    return _entries(submitted, part["rows"], part["columns"])


def _variants(data: Data) -> list[Data]:
    folder = Path(data.get("options", {}).get("question_path", "."))
    variants: list[Data] = json.loads((folder / "variants.json").read_text("utf-8"))
    return variants


def _variant(data: Data) -> Data:
    variant: Data = _variants(data)[data["params"]["index"]]
    return variant


def _asked(data: Data) -> list[Data]:
    asked: list[Data] = _variant(data)["ask"]
    return asked


def _is_right(entries: list[float] | None, expected: list[list[str]]) -> bool:
    return entries is not None and all(
        abs(Fraction(entry) - Fraction(value)) <= Fraction(band) + Fraction(math.ulp(entry)) / 2
        for entry, (value, band) in zip(entries, expected, strict=True)
    )


def _entries(submitted: Any, rows: int, columns: int) -> list[float] | None:
    """Return the entries of a submitted matrix, or of a number; None where it is not as asked."""
    if isinstance(submitted, dict):
        submitted = submitted.get("_value")
    matrix = submitted if isinstance(submitted, list) else [[submitted]]
    if len(matrix) != rows or any(
        not isinstance(row, list) or len(row) != columns for row in matrix
    ):
        return None
    flat = [entry for row in matrix for entry in row]
    if any(isinstance(each, bool) or not isinstance(each, int | float) for each in flat):
        return None
    return [float(each) for each in flat] if all(map(math.isfinite, flat)) else None
