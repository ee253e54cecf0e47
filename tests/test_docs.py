"""The documentation says what the code says."""

import pkgutil
import re
import runpy

from gradgrade.oracle.primitives.table import BY_SYNTAX, PRIMITIVES
from tests import ROOT

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_page_of_formulas_is_what_the_tables_make():
    page = runpy.run_path(str(ROOT / "docs" / "make_layers.py"))["page"]()
    assert (ROOT / "docs" / "layers.md").read_text("utf-8") == page


def test_the_page_of_primitives_is_what_their_table_makes():
    page = runpy.run_path(str(ROOT / "docs" / "make_primitives.py"))["page"]()
    assert (ROOT / "docs" / "primitives.md").read_text("utf-8") == page


def test_every_primitive_is_on_its_page_once():
    page = runpy.run_path(str(ROOT / "docs" / "make_primitives.py"))
    shown = [each.name for _, family in page["FAMILIES"] for each in family]
    assert sorted(shown) == sorted(
        each.name for each in (*PRIMITIVES.values(), *BY_SYNTAX.values())
    )


def test_the_drawings_of_the_pages_are_what_is_drawn():
    for name, drawing in runpy.run_path(str(ROOT / "docs" / "make_drawings.py"))[
        "drawings"
    ]().items():
        assert (ROOT / "docs" / name).read_text("utf-8") == drawing


def test_every_link_between_pages_leads_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_file_that_a_page_names_exists():
    for page in PAGES:
        for name in re.findall(r"`((?:oracle|problems|service|tests)/[\w/.]+)`", page.read_text()):
            assert (ROOT / name).exists(), f"{page.name}: {name}"


def test_contributing_names_every_module_in_its_room():
    rows = re.findall(r"^\| `([\w/]+/)` \|([^|]*)\|$", CONTRIBUTING, re.MULTILINE)
    named = {f"{room}{name}" for room, row in rows for name in re.findall(r"`([a-z_]\w*)`", row)}
    assert named == {
        str(each.relative_to(ROOT).with_suffix(""))
        for house in ("oracle", "problems", "service")
        for each in (ROOT / house).rglob("*.py")
        # A migration is named after its number, and a room's __init__ after its room.
        if each.stem[0].isalpha()
    }


def test_the_index_has_every_page_and_says_what_for():
    index = (ROOT / "docs" / "index.md").read_text("utf-8")
    rows = re.findall(r"^\| \[.+\]\((.+)\) \| .+ \|$", index, re.MULTILINE)
    shown = {(ROOT / "docs" / each).resolve() for each in (*rows, "../README.md", "index.md")}
    assert shown == {*PAGES, ROOT / "CHANGELOG.md"}


def test_the_glossary_gives_every_word_one_meaning_and_a_place_that_is_there():
    page = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| `([\w.]+)` \|$", page, re.MULTILINE)
    assert len(rows) == page.count("\n| ") - 3, "a row has another form"
    for _, place in rows:
        assert pkgutil.resolve_name(place) is not None
    words = [word for row, _ in rows for word in row.split(", ")]
    assert len(words) == len(set(words))
