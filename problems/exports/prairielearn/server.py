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


def parse(data: Data) -> None:
    """Refuse what has another shape than was asked for, or an entry that is not finite."""
    for part in _asked(data):
        name = part["field"]
        if name in data["format_errors"] or data["submitted_answers"].get(name) is None:
            continue
        entries = _entries(data["submitted_answers"][name], part["rows"], part["columns"])
        if entries is None:
            data["format_errors"][name] = (
                f"{part['rows']} rows of {part['columns']} finite numbers are needed"
            )


def grade(data: Data) -> None:
    """Give each part its points, or none."""
    total = sum(Fraction(part["points"]) for part in _asked(data))
    reached = Fraction(0)
    for part in _asked(data):
        submitted = data["submitted_answers"].get(part["field"])
        is_right = submitted is not None and _is_right(submitted, part)
        points = Fraction(part["points"])
        reached += points if is_right else 0
        data["partial_scores"][part["field"]] = {
            "score": 1 if is_right else 0,
            "weight": float(points),
        }
    data["score"] = float(reached / total)


def _variants(data: Data) -> list[Data]:
    folder = Path(data.get("options", {}).get("question_path", "."))
    variants: list[Data] = json.loads((folder / "variants.json").read_text("utf-8"))
    return variants


def _asked(data: Data) -> list[Data]:
    asked: list[Data] = _variants(data)[data["params"]["index"]]["ask"]
    return asked


def _is_right(submitted: Any, part: Data) -> bool:
    entries = _entries(submitted, part["rows"], part["columns"])
    return entries is not None and all(
        abs(Fraction(entry) - Fraction(value)) <= Fraction(band) + Fraction(math.ulp(entry)) / 2
        for entry, (value, band) in zip(entries, part["expected"], strict=True)
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
