"""What is built has every file that git tracks, once, under one name."""

import subprocess
import zipfile
from email import message_from_bytes
from pathlib import Path

from tests import ROOT

from .conftest import Built

PROJECT = "https://github.com/gradgrade/gradgrade"
HOUSES = ("oracle", "problems", "service")


def contents(wheel: Path) -> dict[str, bytes]:
    """The files of a wheel, those that describe it apart."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
        assert len(names) == len(set(names))
        return {name: archive.read(name) for name in names}


def tracked() -> dict[str, bytes]:
    """The files that git tracks, or would, under the names that they are installed by."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(
        [*listing, "--", *HOUSES, "src/gradgrade", "docs", ":!docs/*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    paths = [ROOT / name for name in listed if name]
    files = [path for path in paths if path.exists() and not path.is_symlink()]
    source = ROOT / "src"
    return {
        path.relative_to(source).as_posix()
        if path.is_relative_to(source)
        else f"gradgrade/{path.relative_to(ROOT).as_posix()}": path.read_bytes()
        for path in files
    }


def test_a_wheel_has_what_git_tracks_and_nothing_besides(built: Built) -> None:
    files, wanted = contents(built.wheel), tracked()
    assert sorted(files) == sorted(wanted)
    assert {name for name in files if files[name] != wanted[name]} == set()


def test_the_source_distribution_gives_the_same_wheel(built: Built) -> None:
    assert contents(built.from_sdist) == contents(built.wheel)


def test_one_name_is_installed(built: Built) -> None:
    assert {name.partition("/")[0] for name in contents(built.wheel)} == {"gradgrade"}


def test_a_wheel_says_that_it_is_typed_and_brings_what_is_no_code(built: Built) -> None:
    package, files = "gradgrade", contents(built.wheel)
    assert f"{package}/py.typed" in files
    assert {Path(name).suffix for name in files} >= {".toml", ".html", ".css", ".mako", ".txt"}


def test_a_wheel_says_where_the_project_is(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        (name,) = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
        urls = message_from_bytes(archive.read(name)).get_all("Project-URL", [])
    addresses = dict(each.split(", ") for each in urls)
    assert set(addresses) == {"Homepage", "Documentation", "Source", "Changelog", "Issues"}
    assert {url[: len(PROJECT)] for url in addresses.values()} == {PROJECT}
