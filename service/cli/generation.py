"""Generating for a roster: who has a variant already, who makes the others, and what is written."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from gradgrade.service.cli.output import progress
from gradgrade.service.cli.writing import PRIVATE, write

if TYPE_CHECKING:
    from gradgrade.problems import ProblemSet
    from gradgrade.problems.documents.solution import Check
    from gradgrade.problems.gates.rules import Rules
    from gradgrade.problems.variants.report import Outcome, Report
    from gradgrade.problems.variants.rosters import Chunk, Made
    from gradgrade.service.jobs import Run

CHUNK = 1024
"""So many students of an exercise make one piece of work at the most: a second's, or so."""

LEAST_CHUNK = 256
"""So many at the least: of fewer each takes longer, since the gates walk them all at once."""

ENTRIES_OF_CHUNK = 2**16
"""Where variants have so many numbers together, more of them would save nothing."""


@dataclass(frozen=True)
class Written:
    """A variant and its two files."""

    student: str
    exercise: str
    id: str
    file: str
    solution: str


@dataclass(frozen=True)
class Generation:
    """The variants of a set for some students.

    Args:
        problem_set: the set.
        students: the roster, in order.
        secret: what keeps variants from being foretold.
        directory: where the files go.
        course: the course on a server; empty offline.
        check: how the solutions are checked; see `gradgrade.problems.generate.issue`.
        workers: how many share the work; None where that is not known.
        outcomes: by exercise, how each variant that was made was found.
        seen: by exercise, the fingerprints of the variants of the students so far.
        rules: by exercise, what its draws are gated by, found when the work begins.
    """

    problem_set: ProblemSet
    students: Sequence[str]
    secret: bytes = field(repr=False)
    directory: Path
    course: str = ""
    check: Check = "full"
    workers: int | None = 1
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    seen: dict[str, set[bytes]] = field(default_factory=dict)
    rules: dict[str, Rules] = field(default_factory=dict)

    def check_set(self) -> None:
        """Refuse a set whose definitions do not hold together, before anybody starts to work.

        Raises:
            DocumentError: one does not.
        """
        from gradgrade.problems.templates.template import compile_templates

        compile_templates(self.problem_set)

    def run(self, run: Run) -> list[Written]:
        """Make and write what is not there yet.

        Raises:
            ExerciseError: a variant cannot be issued; if it is a first student's, nothing has been
                written.
        """
        from gradgrade.problems.variants.rosters import make
        from gradgrade.problems.variants.set_rules import find_set_rules

        names = [each.name for each in self.problem_set.exercises]
        self.rules.update(find_set_rules(self.problem_set, names, run=run))
        pieces = list(self._pieces())
        made = zip(pieces, run(make, map(self._missing, pieces)), strict=True)
        # The first student's variants show whether all exercises can be issued.
        first = list(islice(made, len(self.problem_set.exercises)))
        self.directory.mkdir(parents=True, exist_ok=True)
        total = len(self.students) * len(self.problem_set.exercises)
        written = list(progress(self._written(chain(first, made)), "Generating", total))
        places = {each.name: place for place, each in enumerate(self.problem_set.exercises)}
        return sorted(written, key=lambda each: places[each.exercise])

    def reports(self) -> list[Report]:
        """Return what it came to, exercise by exercise; files that were there do not count."""
        from gradgrade.problems.templates.template import compile_template
        from gradgrade.problems.variants.report import summarize

        return [
            summarize(
                compile_template(self.problem_set, each.name),
                self.outcomes.get(each.name, ()),
                self.rules[each.name],
                check=self.check,
            )
            for each in self.problem_set.exercises
        ]

    def _pieces(self) -> Iterator[Chunk]:
        from gradgrade.problems.templates.template import compile_template
        from gradgrade.problems.variants.rosters import chunks

        for exercise in self.problem_set.exercises:
            yield self._chunk(exercise.name, self.students[:1])
        for exercise in self.problem_set.exercises:
            entries = compile_template(self.problem_set, exercise.name).size
            size = size_of_pieces(entries, len(self.students), self.workers)
            for students in chunks(self.students[1:], size):
                yield self._chunk(exercise.name, students)

    def _chunk(self, exercise: str, students: Sequence[str]) -> Chunk:
        from gradgrade.problems.variants.rosters import Chunk

        return Chunk(
            problem_set=self.problem_set,
            exercise=exercise,
            students=tuple(students),
            rules=self.rules[exercise],
            secret=self.secret,
            course=self.course,
            check=self.check,
        )

    def _missing(self, piece: Chunk) -> Chunk:
        """Return the students of a piece whose files are not there yet."""
        ids = piece.ids()
        wanted = [each for each in piece.students if self._fingerprint_there(ids[each]) is None]
        return self._chunk(piece.exercise, wanted)

    def _written(self, made: Iterable[tuple[Chunk, tuple[Made, ...]]]) -> Iterator[Written]:
        for piece, variants in made:
            by_student = {each.student: each for each in variants}
            for student, identity in piece.ids().items():
                made_now = by_student.get(student)
                yield self._settled(piece.exercise, student, identity, made_now)

    def _settled(self, exercise: str, student: str, identity: str, variant: Made | None) -> Written:
        """Write a variant that was made; one that was not is there already."""
        file, solution = self._paths(identity)
        if variant is None:
            fingerprint = self._fingerprint_there(identity)
        else:
            variant = self._unlike_others(exercise, variant)
            fingerprint = variant.fingerprint
            self.outcomes.setdefault(exercise, []).append((variant.rejected, variant.accuracy))
            write(solution, variant.solution, mode=PRIVATE)
            write(file, variant.exercise)
        if fingerprint is not None:
            self.seen.setdefault(exercise, set()).add(fingerprint)
        return Written(student, exercise, identity, str(file), str(solution))

    def _unlike_others(self, exercise: str, variant: Made) -> Made:
        """Return the variant, or another draw where an earlier student has the same numbers."""
        from gradgrade.problems.variants.rosters import make

        seen = self.seen.get(exercise, set())
        if variant.fingerprint not in seen:
            return variant
        (other,) = make(self._chunk(exercise, [variant.student]), avoiding=seen)
        return other

    def _fingerprint_there(self, identity: str) -> bytes | None:
        """Return the fingerprint of a variant whose files are there, whole and private.

        And checked as is asked for: else they are written again.
        """
        from gradgrade.problems import DocumentError
        from gradgrade.problems.documents.strict_json import loads
        from gradgrade.problems.generate import fingerprint_of

        file, solution = self._paths(identity)
        try:
            if stat.S_IMODE(solution.stat().st_mode) != PRIVATE:
                return None
            data, solved = loads(file.read_bytes()), loads(solution.read_bytes())
        except (FileNotFoundError, DocumentError):
            return None
        if not isinstance(data, dict) or data.get("id") != identity:
            return None
        if not isinstance(solved, dict) or solved.get("check", "full") != self.check:
            return None
        return fingerprint_of(data.get("given"))

    def _paths(self, identity: str) -> tuple[Path, Path]:
        return (
            self.directory / f"{identity}.exercise.json",
            self.directory / f"{identity}.solution.json",
        )


def size_of_pieces(entries: int, students: int, workers: int | None) -> int:
    """Return how many students of an exercise make one piece of work.

    Args:
        entries: how many numbers a variant has, given and derived.
        students: how many there are.
        workers: how many share the work; None where that is not known.

    >>> size_of_pieces(61, 10_000, 1), size_of_pieces(61, 1_000, 2)
    (1024, 500)
    """
    each = ceil(students / workers) if workers else LEAST_CHUNK
    return max(LEAST_CHUNK, min(CHUNK, ENTRIES_OF_CHUNK // entries, each))
