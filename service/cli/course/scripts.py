"""The scripts of a set proved on this machine, before it is published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gradgrade.service.cli.errors import BadInput

if TYPE_CHECKING:
    from gradgrade.problems import ProblemSet
    from gradgrade.service.code_grading.checking.script_proof import ScriptProof


def prove_scripts(problem_set: ProblemSet, folder: Path) -> ScriptProof:
    """Return what is found of all scripts of a set; see `prove_script`.

    Args:
        problem_set: the set.
        folder: where its files lie.

    Raises:
        BadInput: a file that it names cannot be read.
    """
    from gradgrade.service.code_grading.checking.script_proof import ScriptProof, prove_script
    from gradgrade.service.code_grading.errors import CodeGradingError, SandboxUnavailable

    faults: list[str] = []
    warnings: list[str] = []
    for name in (each.name for each in problem_set.exercises if each.code is not None):
        try:
            proof = prove_script(problem_set, name, folder)
        except SandboxUnavailable as error:
            warnings.append(f"exercise {name!r}: its script was not tried: {error}")
        except CodeGradingError as error:
            raise BadInput(f"exercise {name!r}: {error}") from None
        else:
            faults += proof.faults
            warnings += proof.warnings
    return ScriptProof(faults=faults, warnings=warnings)
