"""Variants from a server, which grades what a program answers; no right answer comes here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from gradgrade.oracle.nested import flatten
from gradgrade.problems.documents.verdict import PartVerdict, Verdict
from gradgrade.problems.marking.marks import FEEDBACK, OUTCOMES
from gradgrade.service.client.client import Client
from gradgrade.service.code_grading.checking.source import Variants

NOT_SEARCHED = (
    "The smallest network on which it fails is not looked for: "
    "the right answers are on the server alone."
)


@dataclass(frozen=True, kw_only=True)
class FromServer:
    """Variants of a seed that a course's server draws, for a token of the role `ci`.

    Args:
        client: asks the server.
        problem_set: the set's name.
        names: the names of the exercises that are graded.
        count: how many variants of each.
        seed: what the variants depend on, beside the server's secret.
        folder: where the course's own files lie.
    """

    client: Client
    problem_set: str
    names: Sequence[str]
    count: int
    seed: str
    folder: Path = Path()
    knows_answers: bool = False

    def solution(self, name: str) -> None:
        """Return None: no right answer comes here."""

    def variants(self, name: str) -> Variants:
        """Return the variants of an exercise; one request fetches all, and one grades all.

        Raises:
            ClientError: the server refuses it, or does not answer.
        """

        def grade(answers: Sequence[Mapping[str, Any]]) -> Sequence[Verdict]:
            sent = [_finite(each) for each in answers]
            verdicts = self.client.check(self.problem_set, name, sent, seed=self.seed)
            return [
                _without(verdict, each.keys() - rest.keys())
                for verdict, each, rest in zip(verdicts, answers, sent, strict=True)
            ]

        exercises = self.client.variants(self.problem_set, name, count=self.count, seed=self.seed)
        return Variants(exercises=exercises, grade=grade)


def _finite(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers that JSON can hold."""
    return {name: value for name, value in answers.items() if all(map(isfinite, flatten(value)))}


def _without(verdict: Verdict, names: set[str]) -> Verdict:
    """Return a verdict on answers with these parts too, in which not all entries are finite.

    The server found them missing, and where it tells of parts, they are invalid; which wrong part
    came first is then not known.
    """
    if not names:
        return verdict
    parts = [_not_finite(part) if part.name in names else part for part in verdict.parts]
    return verdict.model_copy(update={"first_error": None, "parts": parts})


def _not_finite(part: PartVerdict) -> PartVerdict:
    update = {"note": "not_finite", "outcome": OUTCOMES["not_finite"]}
    return part.model_copy(update=update | {"feedback": FEEDBACK["not_finite"]})
