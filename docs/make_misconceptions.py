"""Write `misconceptions.md` from the catalogue itself: `python docs/make_misconceptions.py`."""

from itertools import groupby
from pathlib import Path

from gradgrade.problems.misconceptions import APPROXIMATIONS, MISCONCEPTIONS, Misconception

HEADER = """\
# Misconceptions

The wrong rules that grading knows, each of which it can work through in any exercise where it has a
meaning; written from the catalogue by `python docs/make_misconceptions.py`. The explanation is what
the student reads; the last column says what to change in an exercise in which the mistake would
not show. Sources are the seeds, which are the five introductions whose worked examples are in the
catalogue set `seeds`, papers, or the field at large. What only comes near to the right answers, as
differences of the loss do, stands last. No gate asks whether a variant shows that, nor what has a
star: it is looked for in wrong answers alone.
"""


def page() -> str:
    """Return the page."""
    families = groupby((*MISCONCEPTIONS, *APPROXIMATIONS), key=lambda each: each.family)
    return "\n".join([HEADER, *(line for name, own in families for line in _family(name, [*own]))])


def _family(name: str, own: list[Misconception]) -> list[str]:
    lines = [f"## {name.capitalize()}", ""]
    lines += ["| code | title | explanation | source | to expose it |", "|---|---|---|---|---|"]
    return [*lines, *map(_row, own), ""]


def _row(of: Misconception) -> str:
    code = f"`{of.code}`" if of.is_gated else f"`{of.code}` *"
    return f"| {code} | {of.title} | {of.explanation} | {of.source} | {of.exposure} |"


if __name__ == "__main__":
    Path(__file__).with_name("misconceptions.md").write_text(page(), encoding="utf-8")
