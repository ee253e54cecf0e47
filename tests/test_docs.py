"""The documentation says what the code says."""

import re
import runpy

from tests import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_page_of_formulas_is_what_the_tables_make():
    page = runpy.run_path(str(ROOT / "docs" / "make_layers.py"))["page"]()
    assert (ROOT / "docs" / "layers.md").read_text("utf-8") == page


def test_every_link_between_pages_leads_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_file_that_a_page_names_exists():
    for page in PAGES:
        for name in re.findall(r"`((?:oracle|problems|service|tests)/[\w/.]+)`", page.read_text()):
            assert (ROOT / name).exists(), f"{page.name}: {name}"
