"""Names of ours in any text, code, documents and programs within strings, lead to what is there."""

import importlib
import re
import subprocess
from functools import cache

import pytest

from tests import ROOT

HOUSES = "oracle|problems|service"
# A program within a string may begin its lines with \\n, of which the n joins the next word.
START = r"(?:\b|\\n)"
NAME = re.compile(rf"{START}(gradgrade\.(?:{HOUSES}|client|pytest_plugin)(?:\.[A-Za-z_]\w*)*)")
FEW = r"\w+(?: as \w+)?(?:, \w+(?: as \w+)?)*"
TAKEN = re.compile(rf"{START}from (gradgrade[\w.]*) import (?:\(([^)]*)\)|({FEW}))")
BARE = re.compile(
    rf"{START}from +(?:{HOUSES})(?:\.\w+)* +import\b"
    rf"|(?<!from gradgrade ){START}import +(?:{HOUSES})\b"
    rf"|[\"'`](?:{HOUSES})\.[a-z_]+\b(?!\()"
    rf"|-m +(?:{HOUSES})\b"
)
NO_TEXT = (".svg", ".json", ".lock", ".png")


def texts() -> dict[str, str]:
    """What git tracks, or would, and people write."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8", "surrogateescape")
        for path in paths
        if path.is_file() and not path.is_symlink() and path.suffix not in NO_TEXT
    }


def names_in(text: str) -> set[str]:
    """The dotted names in a text, those that it imports from a module among them."""
    taken = {
        f"{module}.{name}"
        for module, several, few in TAKEN.findall(text)
        for name in re.findall(r"(\w+)(?: as \w+)?", several or few)
    }
    return taken | set(NAME.findall(text))


@cache
def leads_somewhere(name: str) -> bool:
    """Whether a dotted name is that of a module, or of something in one."""
    module, _, rest = name.rpartition(".")
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        return bool(module) and leads_somewhere(module) and hasattr(found(module), rest)
    return True


def found(name: str) -> object:
    """What a name leads to."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        module, _, rest = name.rpartition(".")
        return getattr(found(module), rest, None)


def lost(text: str) -> list[str]:
    """The names in a text that lead nowhere."""
    return sorted(name for name in names_in(text) if not leads_somewhere(name))


def test_every_name_in_any_text_leads_to_what_is_there() -> None:
    found = {path: lost(text) for path, text in texts().items()}
    assert {path: names for path, names in found.items() if names} == {}


def test_no_text_speaks_of_the_houses_as_packages_of_their_own() -> None:
    found = {path: BARE.findall(text) for path, text in texts().items()}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "text",
    [
        "from {} import generate",
        "import sys\\nfrom {}.oracle.nested import shape_of",
        "import {}.service.jobs",
        'setattr("{}.settings.load", None)',
        "files('{}.web')",
        "python -m {}.demo",
        "see `{}.generate`",
    ],
)
def test_a_house_named_without_its_package_is_found(text: str) -> None:
    """The name itself is put in here: this file is among the texts."""
    assert BARE.search(text.format("service"))
    assert not BARE.search(text.format("gradgrade.service"))


@pytest.mark.parametrize("rest", [".service.nowhere", ".oracle.nested.nothing"])
def test_a_name_that_leads_nowhere_is_found(rest: str) -> None:
    name = f"gradgrade{rest}"
    assert lost(f"see `{name}`") == [name]
    module, _, last = name.rpartition(".")
    assert name in lost(f"from {module} import {last}")
    assert name in lost(f"from {module} import (\n    first,\n    {last} as other,\n)")
