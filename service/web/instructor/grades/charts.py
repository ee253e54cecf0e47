"""Charts as SVG: columns, drawn by the style sheet's tokens; each stands beside a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

COLUMN, GAP = 40, 8
HEIGHT, ABOVE, BELOW = 120, 18, 22

SMALL_COLUMN, SMALL_HEIGHT = 8, 22
LEAST = 1.5
"""The least height of a column that is not empty, so that it is seen."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what stands below it, and how many it counts."""

    label: str
    count: int


def column_chart(columns: Sequence[Column], *, key: str, said: str) -> Markup:
    """Return a chart of labelled columns, each with its count above it.

    Args:
        columns: from left to right; at least one.
        key: what ids in the page begin with, the chart's own.
        said: what the chart shows, for those who do not see it.

    >>> column_chart([Column("1", 3), Column("2", 0)], key="a", said="Attempts").count("<rect")
    1
    """
    highest = max((each.count for each in columns), default=0) or 1
    width = len(columns) * (COLUMN + GAP) + GAP
    base = ABOVE + HEIGHT
    parts = [Markup('<line class="axis" x1="0" y1="{0}" x2="{1}" y2="{0}"/>').format(base, width)]
    for place, each in enumerate(columns):
        left = GAP + place * (COLUMN + GAP)
        middle = left + COLUMN // 2
        height = _height(each.count, highest, HEIGHT)
        if each.count:
            parts.append(_bar(left, base - height, COLUMN, height))
            parts.append(_text("count", middle, base - height - 5, str(each.count)))
        parts.append(_text("label", middle, base + 16, each.label))
    return _svg("chart", width, base + BELOW, key, said, parts)


def small_columns(counts: Sequence[int], *, highest: int, key: str, said: str) -> Markup:
    """Return columns without words, for a cell of a table.

    Args:
        counts: from left to right.
        highest: the count of a column of full height, the same in every row of the table.
        key: what ids in the page begin with, their own.
        said: what they show, for those who do not see them.

    >>> small_columns([1, 0, 2], highest=2, key="b", said="By day").count("<rect")
    2
    """
    width = len(counts) * SMALL_COLUMN
    parts = [
        Markup('<line class="axis" x1="0" y1="{0}" x2="{1}" y2="{0}"/>').format(SMALL_HEIGHT, width)
    ]
    for place, count in enumerate(counts):
        if count:
            height = _height(count, highest, SMALL_HEIGHT)
            left = place * SMALL_COLUMN + 1
            parts.append(_bar(left, SMALL_HEIGHT - height, SMALL_COLUMN - 2, height))
    return _svg("chart small", width, SMALL_HEIGHT + 1, key, said, parts)


def _height(count: int, highest: int, full: int) -> float:
    return max(round(full * count / highest, 1), LEAST)


def _bar(left: float, top: float, width: float, height: float) -> Markup:
    shape = '<rect class="bar" x="{}" y="{:g}" width="{}" height="{:g}"/>'
    return Markup(shape).format(left, top, width, height)


def _text(kind: str, x: float, y: float, text: str) -> Markup:
    return Markup('<text class="{}" x="{:g}" y="{:g}">{}</text>').format(kind, x, y, text)


def _svg(
    kind: str, width: int, height: int, key: str, said: str, parts: Sequence[Markup]
) -> Markup:
    begin = '<svg class="{0}" viewBox="0 0 {1} {2}" width="{1}" height="{2}" role="img" '
    title = 'aria-labelledby="{3}-title"><title id="{3}-title">{4}</title>'
    opened = Markup(begin + title).format(kind, width, height, key, said)
    return opened + Markup("").join(parts) + Markup("</svg>")
