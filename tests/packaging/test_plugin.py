"""The pytest plugin beside others' code: in a repository with packages called as our rooms are."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT

COURSE = ROOT / "examples" / "course"
PYTEST = str(Path(sys.executable).parent / "pytest")
WAYS_IN = {"pytest": (PYTEST,), "python -m pytest": (sys.executable, "-m", "pytest")}

OWN_TEST = f"""
import sys
from {"service"}.rooms import Room
from {"problems"} import PROBLEMS

def test_own_packages_are_these():
    assert (Room.number, PROBLEMS) == (101, ["leaking tap"])

def test_what_is_loaded_of_gradgrade():
    loaded = [name for name in sys.modules if name.partition(".")[0] == "gradgrade"]
    with open("loaded", "w") as file:
        file.write(" ".join(loaded))
"""


@pytest.fixture(params=WAYS_IN)
def way_in(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return WAYS_IN[request.param]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Somebody's repository, with packages of their own called `service`, `problems`, `oracle`."""
    for name in ("service", "problems", "oracle"):
        (tmp_path / name).mkdir()
    (tmp_path / "service" / "__init__.py").touch()
    (tmp_path / "service" / "rooms.py").write_text("class Room:\n    number = 101\n")
    (tmp_path / "problems" / "__init__.py").write_text('PROBLEMS = ["leaking tap"]\n')
    (tmp_path / "oracle" / "__init__.py").write_text('raise RuntimeError("nobody asked")\n')
    (tmp_path / "conftest.py").touch()  # puts the repository on the path, however pytest starts
    (tmp_path / "test_own.py").write_text(OWN_TEST)
    return tmp_path


def ran(repository: Path, way_in: tuple[str, ...], *options: str) -> str:
    """What pytest says of a repository, whose tests all pass."""
    apart = ("-q", "-p", "no:schemathesis", "-p", "no:cacheprovider")
    done = subprocess.run(
        [*way_in, *apart, *options], cwd=repository, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def loaded(repository: Path) -> set[str]:
    """The modules of ours that were loaded when the repository's own tests ran."""
    return set((repository / "loaded").read_text().split())


def test_where_it_is_not_asked_for_two_modules_are_loaded(
    repository: Path, way_in: tuple[str, ...]
) -> None:
    assert "2 passed" in ran(repository, way_in)
    assert loaded(repository) == {"gradgrade", "gradgrade.pytest_plugin"}


def test_where_it_is_turned_off_none_is(repository: Path, way_in: tuple[str, ...]) -> None:
    assert "2 passed" in ran(repository, way_in, "-p", "no:gradgrade")
    assert loaded(repository) == set()


def test_it_grades_beside_packages_that_are_called_as_our_rooms(
    repository: Path, way_in: tuple[str, ...]
) -> None:
    for name in ("week-3.toml", "solution.py"):
        shutil.copy(COURSE / name, repository)
    graded = ("--gradgrade", "week-3.toml", "--gradgrade-file", "solution.py")
    quick = ("--gradgrade-variants", "1", "--gradgrade-unsafe")
    assert "3 passed" in ran(repository, way_in, *graded, *quick)
    assert "gradgrade.oracle" in loaded(repository)


def test_a_file_that_is_not_there_is_told_in_one_line_before_any_test_runs(
    repository: Path,
) -> None:
    shutil.copy(COURSE / "week-3.toml", repository)
    asked = ("--gradgrade", "week-3.toml", "--gradgrade-file", "nobody.py")
    done = subprocess.run(
        [PYTEST, "-q", "-p", "no:schemathesis", *asked],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert done.stderr.strip() == (
        f"ERROR: --gradgrade-file: {repository / 'nobody.py'}: no such file or folder; "
        "write where what is graded lies"
    )
    assert not (repository / "loaded").exists()
