"""The Python client of a course on a server, for scripts and CI jobs."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from math import isfinite
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qs, urlsplit

from gradgrade.oracle.nested import flatten
from gradgrade.problems import Answers, DocumentError, Exercise, ProblemSet, Verdict
from gradgrade.problems.documents import strict_json
from gradgrade.problems.documents.number import Number
from gradgrade.problems.reading import read_answers
from gradgrade.service.client.connection import Answer, Channel, ClientError, Connection
from gradgrade.service.roster_formats import read_roster

__all__ = ["AnyAnswers", "Client", "ClientError", "GradebookFormat"]

AnyAnswers = Answers | Mapping[str, Any]
"""An answers document, or nested lists or numpy arrays by the names of parts."""

GradebookFormat = Literal["json", "csv", "canvas", "moodle", "xlsx"]

Found = TypeVar("Found")

PAGE = 1000
"""How much of a list is asked for at a time."""

_NEXT = re.compile(r'<([^>]*)>; rel="next"')


class Client:
    """A course on a server.

    What the server has not done is tried again, with pauses, where it cannot be reached or says
    that it is busy; and where an answer is lost, what is safe to repeat and little work. Previews,
    regrades, variants, checks and practice are much: sent again while the server still works on
    them, they would only keep it longer. Records are the server's own, as its JSON has them.

    Args:
        address: where the server is, such as `https://course.example.org`.
        token: of whoever asks.
        retries: how often a request is tried again.
        timeout: the seconds that an answer may take.
        allow_insecure: whether the token may go to another machine without HTTPS.

    Raises:
        ValueError: the address is none, or is not safe; or the token cannot be one.
        ClientError: by every method; the server refused it, or did not answer.
        DocumentError: by methods that take answers; they hold what is no finite number.

    >>> Client("http://127.0.0.1:8000", "gg_token")
    Client('http://127.0.0.1:8000')
    """

    def __init__(
        self,
        address: str,
        token: str,
        *,
        retries: int = 5,
        timeout: float = 30,
        allow_insecure: bool = False,
    ) -> None:
        self._connection: Channel = Connection(
            address, token, retries=retries, timeout=timeout, allow_insecure=allow_insecure
        )

    @classmethod
    def through(cls, channel: Channel) -> Client:
        """Return a client that asks through a channel that is there already."""
        made = cls.__new__(cls)
        made._connection = channel
        return made

    def __repr__(self) -> str:
        """Show the address, and not the token."""
        return f"Client({self._connection.address!r})"

    @property
    def address(self) -> str:
        """Where the course is."""
        return self._connection.address

    def problem_sets(self) -> list[dict[str, Any]]:
        """Return the summaries of all sets that one may see."""
        return self._all("problem-sets")

    def problem_set(self, name: str) -> dict[str, Any]:
        """Return a set: its document for staff, its summary for others."""
        return self._record("GET", "problem-sets", name)

    def exercise(self, problem_set: str, exercise: str, *, student: str | None = None) -> Exercise:
        """Return a student's variant: one's own, or for staff that of the student of this id."""
        query = None if student is None else {"student": student}
        response = self._connection.ask("GET", *_exercise(problem_set, exercise), query=query)
        return _read(response, lambda: Exercise.from_json(response.data))

    def solution(
        self, problem_set: str, exercise: str, *, student: str | None = None
    ) -> dict[str, Any]:
        """Return the solution of a student's variant, which a set may show after the work."""
        query = None if student is None else {"student": student}
        place = (*_exercise(problem_set, exercise), "solution")
        return self._record("GET", *place, query=query)

    def submit(
        self,
        problem_set: str,
        exercise: str,
        answers: AnyAnswers | str | bytes,
        *,
        key: str | None = None,
    ) -> dict[str, Any]:
        """Submit answers, and return the submission with its verdict.

        Answers of a wrong shape are a ClientError that has the `verdict` among its members; where
        nothing is filled in, nothing is sent.

        Args:
            problem_set: the set's name.
            exercise: the exercise's name.
            answers: to one's own variant; or as a text or a file that
                `gradgrade.problems.reading.read_answers` reads, for which the variant is fetched.
            key: what the submission is known by: whoever sends it again under the same key gets
                the same reply, and spends no other attempt. None makes one.
        """
        place = (*_exercise(problem_set, exercise), "submissions")
        headers = {"Idempotency-Key": secrets.token_hex(16) if key is None else key}
        if isinstance(answers, (str, bytes)):
            body = _read_text(answers, self.exercise(problem_set, exercise))
        else:
            body = _written(_sent(Answers.of(answers).filled_in()))
        return self._record("POST", *place, body=body, headers=headers)

    def submission(self, identity: str) -> dict[str, Any]:
        """Return a submission with its answers and its verdict."""
        return self._record("GET", "submissions", identity)

    def variants(
        self, problem_set: str, exercise: str, *, count: int = 10, seed: str = ""
    ) -> list[Exercise]:
        """Return the first variants of a seed, which are no student's."""
        place = (*_exercise(problem_set, exercise), "variants")
        query = {"count": str(count), "seed": seed}
        response = self._connection.ask("GET", *place, query=query, repeats=False)
        return _read(
            response,
            lambda: [*map(Exercise.from_data, strict_json.loads(response.data)["exercises"])],
        )

    def check(
        self, problem_set: str, exercise: str, answers: Sequence[AnyAnswers], *, seed: str = ""
    ) -> list[Verdict]:
        """Return the verdicts on answers to the first variants of a seed; nothing is stored.

        Args:
            problem_set: the set's name.
            exercise: the exercise's name.
            answers: the first to the first variant, and so on.
            seed: of the variants.
        """
        place = (*_exercise(problem_set, exercise), "checks")
        tried = [{"variant": at, "answers": _sent(each)} for at, each in enumerate(answers, 1)]
        body = _written({"seed": seed, "answers": tried})
        response = self._connection.ask("POST", *place, body=body, repeats=False)
        return _read(response, lambda: [*map(Verdict.from_data, _json(response)["verdicts"])])

    def practice(self, problem_set: str, exercise: str, *, seed: str = "") -> Exercise:
        """Return other numbers of an exercise, of a seed: they count for nothing."""
        place = (*_exercise(problem_set, exercise), "practice")
        response = self._connection.ask("GET", *place, query={"seed": seed}, repeats=False)
        return _read(response, lambda: Exercise.from_json(response.data))

    def grade_practice(
        self, problem_set: str, exercise: str, answers: AnyAnswers, *, seed: str = ""
    ) -> Verdict:
        """Return the verdict on answers to the other numbers of a seed; nothing is stored."""
        place = (*_exercise(problem_set, exercise), "practice")
        body = _written({"seed": seed, "answers": _sent(answers)})
        response = self._connection.ask("POST", *place, body=body, repeats=False)
        return _read(response, lambda: Verdict.from_data(_json(response)))

    def publish(self, problem_set: ProblemSet) -> dict[str, Any]:
        """Put a new set."""
        # Sent again, it would be refused because it is there.
        body = problem_set.to_json().encode()
        return self._record("POST", "problem-sets", body=body, repeats=False)

    def replace(
        self, problem_set: ProblemSet, *, only_version: int | None = None
    ) -> dict[str, Any]:
        """Put another version of a set; with `only_version`, if that is the one that stands."""
        headers = {} if only_version is None else {"If-Match": f'"{only_version}"'}
        return self._record(
            *("PUT", "problem-sets", problem_set.name),
            body=problem_set.to_json().encode(),
            headers=headers,
            # Sent again, it would be refused because that version stands no more.
            repeats=only_version is None,
        )

    def put(self, problem_set: ProblemSet) -> dict[str, Any]:
        """Put a set, or another version of it where there is one of this name."""
        try:
            return self.replace(problem_set)
        except ClientError as error:
            if error.status != 404:
                raise
        return self.publish(problem_set)

    def enrol(
        self, problem_set: str, students: Sequence[Mapping[str, str]] | bytes
    ) -> list[dict[str, Any]]:
        """Put students on a roster, and return their tokens.

        Args:
            problem_set: the set's name.
            students: each with `id`, `name` and `email`; or a file as
                `gradgrade.service.roster_formats.read_roster` reads it, all of whose rows hold.
        """
        if isinstance(students, bytes):
            listed = read_roster(students).without_faults()
            students = [{"id": each.id, "name": each.name, "email": each.email} for each in listed]
        # Sent again, it would not tell the tokens again.
        place = ("problem-sets", problem_set, "students")
        body = _written([dict(each) for each in students])
        response = self._connection.ask("POST", *place, body=body, repeats=False)
        return list(_json(response))

    def students(self, problem_set: str) -> list[dict[str, Any]]:
        """Return the students on a roster, and what differs for them."""
        return self._all("problem-sets", problem_set, "students")

    def extend(
        self, problem_set: str, student: str, extension: Mapping[str, Any]
    ) -> dict[str, Any]:
        """State what differs for a student: `due`, `late_until`, `attempts`, or nothing."""
        place = ("problem-sets", problem_set, "students", student, "extension")
        return self._record("PUT", *place, body=_written(dict(extension)))

    def override(
        self,
        problem_set: str,
        student: str,
        exercise: str,
        *,
        points: float | Decimal | str,
        comment: str,
    ) -> dict[str, Any]:
        """State a student's points in an exercise, and why; they count in place of those graded."""
        body = strict_json.dumps({"points": _points(points), "comment": comment}).encode()
        return self._record("PUT", *_override(problem_set, student, exercise), body=body)

    def withdraw_override(self, problem_set: str, student: str, exercise: str) -> None:
        """Withdraw the points that were stated: what is graded counts again."""
        # Sent again, it would be refused because nothing is stated any more.
        place = _override(problem_set, student, exercise)
        self._connection.ask("DELETE", *place, repeats=False)

    def progress(self, problem_set: str) -> dict[str, Any]:
        """Return how far everybody on a roster is in every exercise."""
        return self._record("GET", "problem-sets", problem_set, "progress")

    def statistics(self, problem_set: str) -> dict[str, Any]:
        """Return what everybody reached in a set, and where they went wrong."""
        return self._record("GET", "problem-sets", problem_set, "statistics")

    def gradebook(self, problem_set: str | None = None, *, form: GradebookFormat = "json") -> bytes:
        """Return the gradebook of a set, or of the whole course, as a file of this format."""
        of_set = () if problem_set is None else ("problem-sets", problem_set)
        return self._connection.ask("GET", *of_set, "gradebook", query={"format": form}).data

    def regrade(
        self, problem_set: str, *, dry_run: bool = True, never_lower: bool = False
    ) -> dict[str, Any]:
        """Grade all submissions to a set anew; a dry run only tells what would change."""
        place = ("problem-sets", problem_set, "regrades")
        body = _written({"dry_run": dry_run, "never_lower": never_lower})
        return self._record("POST", *place, body=body, repeats=False)

    def preview(self, problem_set: ProblemSet, *, students: int = 10) -> list[dict[str, Any]]:
        """Return what a set would come to for so many students; nothing is stored."""
        body, query = problem_set.to_json().encode(), {"students": str(students)}
        response = self._connection.ask("POST", "previews", query=query, body=body, repeats=False)
        return list(_json(response))

    def _all(self, *place: str) -> list[dict[str, Any]]:
        """Return a list, of all its pages."""
        found: list[dict[str, Any]] = []
        query: dict[str, str] | None = {"limit": str(PAGE)}
        while query is not None:
            response = self._connection.ask("GET", *place, query=query)
            found += _json(response)
            query = _next_page(response)
        return found

    def _record(self, method: str, *place: str, **rest: Any) -> dict[str, Any]:
        return dict(_json(self._connection.ask(method, *place, **rest)))


def _exercise(problem_set: str, exercise: str) -> tuple[str, ...]:
    return "problem-sets", problem_set, "exercises", exercise


def _override(problem_set: str, student: str, exercise: str) -> tuple[str, ...]:
    return "problem-sets", problem_set, "students", student, "exercises", exercise, "override"


def _points(points: float | Decimal | str) -> Number:
    return Number(points) if isinstance(points, str) else Number.of(points)


def _sent(answers: AnyAnswers) -> dict[str, Any]:
    """Return answers as the data of their document; which exercise's they are, where it is said."""
    document = Answers.of(answers)
    for name, value in document.answers.items():
        if value is not None and not all(map(isfinite, flatten(value))):
            raise DocumentError(f"answers: {name}: an entry is not a finite number")
    stated = {} if document.exercise is None else {"exercise": document.exercise}
    return {**stated, "answers": document.answers}


def _read_text(text: str | bytes, exercise: Exercise) -> bytes:
    """Return what a text says as the body that the API takes, its numbers as they were written."""
    reading = read_answers(text, exercise).filled_in()
    stated = reading.answers.exercise or exercise.id
    return strict_json.dumps({"exercise": stated, "answers": reading.numerals}).encode()


def _written(data: Any) -> bytes:
    return json.dumps(data, allow_nan=False).encode()


def _json(response: Answer) -> Any:
    return _read(response, lambda: json.loads(response.data))


def _read(response: Answer, reading: Callable[[], Found]) -> Found:
    try:
        return reading()
    except (ValueError, LookupError, TypeError, RecursionError):
        raise ClientError("the server's answer cannot be read", status=response.status) from None


def _next_page(response: Answer) -> dict[str, str] | None:
    """Return the query of the page that follows; the rest of its address is known."""
    link = _NEXT.search(response.headers.get("Link", ""))
    if link is None:
        return None
    query = parse_qs(urlsplit(link[1]).query)
    return {name: values[0] for name, values in query.items() if name in ("cursor", "limit")}
