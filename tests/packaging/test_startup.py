"""What starts often starts at once: the package, the command's help and completion."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

import gradgrade
from gradgrade import problems

HEAVY = (
    *("numpy", "flint", "mpmath", "pydantic", "flask", "sqlalchemy"),
    *("gradgrade.oracle", "gradgrade.problems", "gradgrade.service.settings"),
)
TABLES = "rich.table"
"""What prints options in boxes: the help needs it, the version does not."""


def imported_by(program: str) -> set[str]:
    """The modules that a program has imported at its end; what it prints before does not count."""
    program = f"{program}\nimport sys\nprint('\\n\\n', *sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_what_is_heavy_is_called_so() -> None:
    assert [name for name in (*HEAVY, TABLES) if find_spec(name) is None] == []


def test_the_package_itself_imports_nothing_more() -> None:
    imported = imported_by("import gradgrade\ndir(gradgrade)\nhasattr(gradgrade, 'nothing')")
    assert {name for name in imported if name.startswith("gradgrade")} == {"gradgrade"}
    assert not imported & set(HEAVY)


def test_a_public_name_brings_what_it_needs() -> None:
    computing = set(HEAVY) - {"flask", "sqlalchemy", "gradgrade.service.settings"}
    assert computing <= imported_by("from gradgrade import solve")


def test_the_public_names_are_those_of_the_exercises() -> None:
    assert gradgrade.__all__ == problems.__all__
    assert set(gradgrade.__all__) <= set(dir(gradgrade))
    for name in problems.__all__:
        assert getattr(gradgrade, name) is getattr(problems, name)


def test_what_is_not_public_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="module 'gradgrade' has no attribute 'grdae'"):
        _ = gradgrade.grdae


@pytest.mark.parametrize(
    ("arguments", "heavy"), [(["--help"], HEAVY), (["--version"], (*HEAVY, TABLES))], ids=str
)
def test_help_and_version_import_nothing_that_computes(
    arguments: list[str], heavy: tuple[str, ...]
) -> None:
    imported = imported_by(
        "import sys\nfrom gradgrade.service.cli import main\n"
        f"sys.argv = ['gradgrade', *{arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code"
    )
    assert "click" in imported
    assert not imported & set(heavy)


def test_what_the_pytest_plugin_is_told_is_looked_at_before_anything_that_computes() -> None:
    imported = imported_by("import gradgrade.service.pytest_options")
    assert "gradgrade.service.pytest_options" in imported
    assert not imported & set(HEAVY)
