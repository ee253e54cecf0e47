"""What an audit has found, before any format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from gradgrade.problems.audits.pasted import Pasted

Kind = Literal["never_called", "not_told", "told_and_accepted", "by_chance"]

KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        "never_called": "never called",
        "not_told": "not told by the inputs",
        "told_and_accepted": "told and accepted",
        "by_chance": "caught by chance",
    }
)
"""How a mistake passes, as people read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivor:
    """A mistake that the tests let pass.

    Args:
        code: of the mistake, a stable word.
        title: what it is.
        family: `misconception`, `answer` or `state`.
        kind: how it passes.
        called: the functions and methods that make it.
        answers: what it changes.
        reason: why the inputs do not tell it, a stable word; "" of other kinds.
        said: why it passes, in words.
        remedy: what to do, in a line.
        bands: how far off it is at most, in bands; None where that says nothing.
        test: the name of the test that tells it; "" where none was found.
    """

    code: str
    title: str
    family: str
    kind: Kind
    called: tuple[str, ...]
    answers: tuple[str, ...]
    reason: str
    said: str
    remedy: str
    bands: float | None
    test: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Right code that the tests refuse.

    Args:
        code: of the variant, a stable word.
        title: what it is.
        is_counted: whether that is a weakness; else the exercise asks for no such code.
        share: how far its answers are from those of the right module, of the largest entry.
        band: how far honest code may be, of the largest entry.
        tests: which refuse it, where that is known.
        remedy: what to do, in a line.
    """

    code: str
    title: str
    is_counted: bool
    share: float
    band: float
    tests: tuple[str, ...]
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncovered:
    """Calls that the exercise says nothing of; the module's own code has answered them.

    Args:
        called: the function or method.
        reason: why.
        times: how many in one run.
    """

    called: str
    reason: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What an audit has found.

    Args:
        exercise, module: what was audited.
        tests: how many there are; None where that is not known.
        left_out: tests that fail beside the right module.
        calls: how many calls of one run were covered.
        never_called: what the script uses, and the tests never call.
        uncovered: calls that were not covered.
        is_seeded: whether the tests have the same inputs in every run.
        mistakes: how many there are.
        honest: how many right variants there are.
        survivors: the mistakes that pass.
        refused: the right variants that do not.
        pasted: the tests that tell the survivors.
        seconds: how long it took.
    """

    exercise: str
    module: str
    tests: int | None
    left_out: tuple[str, ...]
    calls: int
    never_called: tuple[str, ...]
    uncovered: tuple[Uncovered, ...]
    is_seeded: bool
    mistakes: int
    honest: int
    survivors: tuple[Survivor, ...]
    refused: tuple[Refused, ...]
    pasted: Sequence[Pasted]
    seconds: float

    @property
    def is_sound(self) -> bool:
        """Whether no mistake passes, and nothing right is refused."""
        return not self.survivors and not any(each.is_counted for each in self.refused)
