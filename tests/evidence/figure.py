"""The plot of the confusion: misconceptions made against misconceptions named, and exercises."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

from gradgrade.problems.misconceptions import MISCONCEPTIONS
from tests.evidence.confusion import Case, Named

CELL = 9
LEFT, TOP, GAP = 230, 250, 40
TEXT = 8

COLOURS = {
    Named.RIGHT: "#2a7f3f",
    Named.AMONG: "#a8d08d",
    Named.NOTHING: "#b0b0b0",
    Named.ACCEPTED: "#d9d9d9",
    Named.NO_NUMBER: "#d9d9d9",
    Named.WRONG: "#c0392b",
}
"""Of a cell where an exercise's cases came out so; the worst of them is shown."""

WORST_LAST = (
    *(Named.NO_NUMBER, Named.ACCEPTED, Named.RIGHT, Named.AMONG, Named.NOTHING, Named.WRONG),
)


def figure(cases: Sequence[Case]) -> str:
    """Return the plot as SVG, the same text for the same cases."""
    made = {case.code for case in cases}
    codes = [each.code for each in MISCONCEPTIONS if each.code in made]
    exercises = list(dict.fromkeys(case.exercise for case in cases))
    second = LEFT + CELL * len(codes) + GAP
    width = second + CELL * len(exercises) + GAP
    height = TOP + CELL * len(codes) + GAP + 3 * TEXT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="{TEXT}">',
        "<title>Misconceptions made, and what was named</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *_labels(codes, exercises, second),
        *_named(cases, codes),
        *_by_exercise(cases, codes, exercises, second),
        *_legend(TOP + CELL * len(codes) + GAP),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _labels(codes: Sequence[str], exercises: Sequence[str], second: int) -> Iterator[str]:
    yield _text(LEFT - 6, TOP - 8, "made ↓  named →", anchor="end")
    for at, code in enumerate(codes):
        yield _text(LEFT - 6, _middle(TOP, at), code, anchor="end")
        yield _upright(_middle(LEFT, at), TOP - 6, code)
    for at, exercise in enumerate(exercises):
        yield _upright(_middle(second, at), TOP - 6, exercise)
    for left, columns in ((LEFT, len(codes)), (second, len(exercises))):
        size = f'width="{CELL * columns}" height="{CELL * len(codes)}"'
        yield f'<rect x="{left}" y="{TOP}" {size} fill="#fafafa" stroke="#808080"/>'


def _named(cases: Iterable[Case], codes: Sequence[str]) -> Iterator[str]:
    """The share of a misconception's cases in which each is named, the right one green."""
    made, named = Counter[str](), Counter[tuple[str, str]]()
    for case in cases:
        if case.codes:
            made[case.code] += 1
            named.update((case.code, each) for each in case.codes)
    rows, columns = _places(codes), _places(codes)
    for (code, other), count in sorted(named.items()):
        share = count / made[code]
        colour = "#2a7f3f" if other == code else "#1f4e9c"
        told = f"{code}: named {other} in {count} of {made[code]}"
        yield _cell(LEFT, columns[other], rows[code], colour, told, 0.15 + 0.85 * share)


def _by_exercise(
    cases: Iterable[Case], codes: Sequence[str], exercises: Sequence[str], left: int
) -> Iterator[str]:
    """What came of each misconception in each exercise, at its worst."""
    found = defaultdict[tuple[str, str], list[Named]](list)
    for case in cases:
        found[case.code, case.exercise].append(case.named)
    rows, columns = _places(codes), _places(exercises)
    for (code, exercise), outcomes in sorted(found.items()):
        worst = max(outcomes, key=WORST_LAST.index)
        told = f"{code} in {exercise}: {worst.value}"
        yield _cell(left, columns[exercise], rows[code], COLOURS[worst], told)


def _legend(top: int) -> Iterator[str]:
    left = LEFT
    for named in reversed(WORST_LAST):
        yield f'<rect x="{left}" y="{top}" width="{CELL}" height="{CELL}" fill="{COLOURS[named]}"/>'
        yield _text(left + CELL + 4, top + TEXT, named.value)
        left += 40 + round(0.55 * TEXT * len(named.value))


def _cell(left: int, column: int, row: int, colour: str, told: str, opacity: float = 1.0) -> str:
    x, y = left + CELL * column, TOP + CELL * row
    return (
        f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" fill="{colour}" '
        f'fill-opacity="{opacity:.2f}"><title>{escape(told)}</title></rect>'
    )


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'


def _upright(x: float, y: float, text: str) -> str:
    return f'<text transform="translate({x},{y}) rotate(-90)">{escape(text)}</text>'


def _middle(start: int, at: int) -> float:
    return start + CELL * at + CELL - 1.5


def _places(names: Sequence[str]) -> dict[str, int]:
    return {name: at for at, name in enumerate(names)}
