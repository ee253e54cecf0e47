"""PrairieLearn's rules for a question, written anew from its source.

`info.json` has the fields of schemas/infoQuestion.json and no others. An element refuses attributes
that it doesn't know, parses what was typed into its boxes, and makes a blank box a format error
unless it allows blanks; one format error makes the whole submission ungradable. Each panel shows
the elements of its name alone, and no template may name what its data don't have.
"""

from html.parser import HTMLParser
from math import isfinite
from typing import Any

from jsonschema import Draft7Validator

INFO = Draft7Validator(
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["uuid", "type", "title", "topic"],
        "properties": {
            "uuid": {"pattern": "^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"},
            "type": {"const": "v3"},
            "title": {"type": "string"},
            "topic": {"type": "string"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "gradingMethod": {"enum": ["Internal", "External", "Manual"]},
            "singleVariant": {"type": "boolean"},
            "showCorrectAnswer": {"type": "boolean"},
            "partialCredit": {"type": "boolean"},
        },
    }
)

_COMMON = {
    *("answers-name", "weight", "label", "aria-label", "suffix", "comparison", "rtol", "atol"),
    *("digits", "allow-fractions", "allow-blank", "blank-value"),
}
ATTRIBUTES = {
    "pl-matrix-component-input": _COMMON
    | {"rows", "columns", "allow-partial-credit", "allow-feedback"},
    "pl-number-input": _COMMON
    | {"correct-answer", "custom-format", "allow-complex", "display", "size", "initial-value"}
    | {"show-help-text", "show-placeholder", "show-correct-answer", "show-score", "placeholder"},
    "pl-question-panel": set(),
    "pl-submission-panel": set(),
    "pl-answer-panel": set(),
}


class Elements(HTMLParser):
    """The inputs of a question, and what stands in which panel."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inputs: list[tuple[str, dict[str, str]]] = []
        self.panels: dict[str, str] = {}
        self._panel: str | None = None
        self.feed(html)
        names = [attributes["answers-name"] for _, attributes in self.inputs]
        assert len(set(names)) == len(names)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not tag.startswith("pl-"):
            return
        attributes = {name: value or "" for name, value in attrs}
        assert attributes.keys() <= ATTRIBUTES[tag], tag
        if tag.endswith("-panel"):
            self._panel = tag
        else:
            self.inputs.append((tag, attributes))

    def handle_endtag(self, tag: str) -> None:
        if tag == self._panel:
            self._panel = None

    def handle_data(self, text: str) -> None:
        if self._panel:
            self.panels[self._panel] = self.panels.get(self._panel, "") + text

    def parse(self, data: dict[str, Any]) -> None:
        """Parse what was typed as the elements do."""
        for tag, attributes in self.inputs:
            (_parse_matrix if "matrix" in tag else _parse_number)(attributes, data)


def _parse_number(attributes: dict[str, str], data: dict[str, Any]) -> None:
    name = attributes["answers-name"]
    typed = data["submitted_answers"].get(name)
    if attributes.get("allow-blank") == "true" and typed is not None and not typed.strip():
        typed = attributes.get("blank-value", "0")
        if not typed:
            data["submitted_answers"][name] = ""
            return
    data["submitted_answers"][name] = number = _number(typed)
    if number is None:
        data["format_errors"][name] = f"{typed!r} is no number"


def _parse_matrix(attributes: dict[str, str], data: dict[str, Any]) -> None:
    name, columns = attributes["answers-name"], int(attributes["columns"])
    flat = []
    for box in range(1, int(attributes["rows"]) * columns + 1):
        typed = data["submitted_answers"].get(f"{name}{box}")
        if attributes.get("allow-blank") == "true" and typed is not None and not typed.strip():
            typed = attributes.get("blank-value", "0")
        data["submitted_answers"][f"{name}{box}"] = number = _number(typed)
        flat.append(number)
        if number is None:
            data["format_errors"][f"{name}{box}"] = f"{typed!r} is no number"
    if None in flat:
        data["format_errors"][name] = "an entry is no number"
        data["submitted_answers"][name] = None
        return
    rows = [flat[start : start + columns] for start in range(0, len(flat), columns)]
    data["submitted_answers"][name] = {"_type": "ndarray", "_value": rows}


def _number(typed: str | None) -> float | None:
    try:
        number = float(typed or "")
    except ValueError:
        return None
    return number if isfinite(number) else None
