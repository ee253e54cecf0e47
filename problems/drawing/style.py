"""How drawings look: colours as tokens, light, dark and in print; the rules are in `rules.css`.

No shape carries a colour or a style of its own, so a page's content policy may forbid those.
Contrasts on paper are at least 4.5 for what is read, 3 for what is seen; a test works them out.
"""

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

LIGHT: Mapping[str, str] = MappingProxyType(
    {
        "paper": "#ffffff",
        "wash": "#f4f6f8",
        "line": "#d8dde3",
        "edge": "#737d8a",
        "text": "#1a212b",
        "quiet": "#535d6b",
        "accent": "#1c4f9c",
        "accent-wash": "#e8effa",
        "right": "#006d69",
        "right-wash": "#e0f2f1",
        "wrong": "#7f0a24",
        "wrong-wash": "#fbe9ec",
        "carry": "#6f2fae",
        "carry-wash": "#f2eafb",
    }
)
DARK: Mapping[str, str] = MappingProxyType(
    {
        "paper": "#12161c",
        "wash": "#1a2029",
        "line": "#333c48",
        "edge": "#848f9d",
        "text": "#e4e8ee",
        "quiet": "#a6b0bd",
        "accent": "#93bbf4",
        "accent-wash": "#1a2a43",
        "right": "#6fdbd5",
        "right-wash": "#0f302f",
        "wrong": "#f57f7c",
        "wrong-wash": "#371619",
        "carry": "#b795f5",
        "carry-wash": "#281f3d",
    }
)
PRINT: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(LIGHT, "#000000"),
        **dict.fromkeys((name for name in LIGHT if name.endswith("wash")), "#ffffff"),
        "paper": "#ffffff",
        "line": "#999999",
        "edge": "#555555",
        "quiet": "#333333",
    }
)
"""Black on white: signs, widths and dashes tell what colours do elsewhere."""


SMALLEST = 0.75
"""How much smaller than drawn what is written in a drawing can still be read: 13 px as 10."""

REM = 16.0
LARGEST_READABLE = 75
"""As wide as a page is at the most, in rem: what cannot be read in that width is not shrunk."""

_LIT = """\
.desk .drawing circle, .desk .drawing rect { stroke-width: var(--stroke, 1.25px); }
.desk .drawing line, .desk .drawing path { stroke-width: var(--stroke, 1px); }
"""
_LIGHT_ON = "--edge: var(--accent); --text: var(--accent); --stroke: 2.5px;"


def stylesheet(*, has_dark: bool = True) -> str:
    """Return the style of drawings on a page: light, dark where that is preferred, and in print.

    Args:
        has_dark: whether the page can be dark.

    >>> ".drawing { --paper: #ffffff;" in stylesheet()
    True
    """
    dark = f"@media (prefers-color-scheme: dark) {{ .drawing {{ {_tokens(DARK)} }} }}\n"
    return (
        f".drawing {{ {_tokens(LIGHT)} }}\n"
        f"{dark if has_dark else ''}"
        f"@media print {{ .drawing {{ {_tokens(PRINT)} }} }}\n"
        f"{_rules()}"
    )


def printed_stylesheet() -> str:
    """Return the style of drawings in print, for readers of SVG that know no variables.

    >>> "var(" in printed_stylesheet()
    False
    """
    rules = _rules()
    for name, colour in PRINT.items():
        rules = rules.replace(f"var(--{name})", colour)
    return rules


def lighting(*, layers: int, quantities: int = 0) -> str:
    r"""Return rules that light the part of a drawing that one is at, without a script.

    A part of a form with the class `at-W1`, in whatever has the class `desk`, lights what has the
    class `W1` in the drawings there, as long as the focus is in it.

    Args:
        layers: up to which layer.
        quantities: up to which quantity of a graph.

    >>> lighting(layers=0).count("focus-within")
    2
    """
    classes = ["L0", *(f"{letter}{n}" for n in range(1, layers + 1) for letter in "WL"), "loss"]
    classes += [f"Q{n}" for n in range(1, quantities + 1)]
    return _LIT + "".join(
        f".desk:has(.at-{name}:focus-within) .drawing .{name} {{ {_LIGHT_ON} }}\n"
        for name in classes
    )


def readable_from(width: float) -> str:
    """Return the class of a drawing that says in how little room it can be read.

    >>> readable_from(400), readable_from(4000)
    ('from-18', 'from-more')
    """
    least = int(width * SMALLEST / REM)
    return f"from-{least}" if least <= LARGEST_READABLE else "from-more"


def fitting() -> str:
    """Return rules that show of a drawing's two forms the one for which there is room.

    The wide form where it can be read, which then stays in view on a desk; else, and in every
    narrow window, the turned one. Neither is made smaller than it can be read, and what is wider
    than its frame scrolls there.

    >>> fitting().splitlines()[1]
    '.figure .from-1 { min-width: 1rem; }'
    """
    sizes = range(1, LARGEST_READABLE + 1)
    least = (f".figure .from-{each} {{ min-width: {each}rem; }}\n" for each in sizes)
    shown = (
        f"@container drawn (min-width: {each}rem) {{"
        f" .figure .wide-form.from-{each} {{ display: block; }}"
        f" .figure .wide-form.from-{each} + .turned-form {{ display: none; }}"
        f" .about:not(.in-view) > .figure:has(> .from-{each}.wide-form) {{ position: sticky; }}"
        " }\n"
        for each in sizes
    )
    return (
        f"@media screen {{\n{''.join(least)}}}\n"
        f"@media screen and (min-width: 40rem) {{\n{''.join(shown)}}}\n"
    )


def _rules() -> str:
    return files("gradgrade.problems.drawing").joinpath("rules.css").read_text("utf-8")


def _tokens(colours: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())
