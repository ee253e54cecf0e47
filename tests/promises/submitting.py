"""Students who hand in without end, and whether all that they were told was kept is there."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException

from sqlalchemy import select

from gradgrade.service.store.engine import Store
from gradgrade.service.store.schema import students, submissions, verdicts
from tests.service.course_api.classroom import EXERCISES, Classroom, Student, exercise
from tests.service.course_api.live import Reply

AGAIN_SECONDS = 0.02
LOST = (OSError, HTTPException)
"""What becomes of a request whose server is gone."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A submission, as its student was told of it or as the database has it."""

    submission: str
    student: str
    key: str
    body: bytes
    attempt: int
    receipt: str
    verdict: str


@dataclass
class Client:
    """Somebody who hands in with keys, one after another, each until it is acknowledged.

    Args:
        student: whose token it is.
        name: what the keys begin with.
    """

    student: Student
    name: str
    acknowledged: list[Kept] = field(default_factory=list)
    refused: list[Reply] = field(default_factory=list)
    retries: int = 0
    found_kept: int = 0
    is_done: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.is_done.is_set():
            number = len(self.acknowledged)
            body = json.dumps({"answers": {"loss": number, "dW1": [[0.5, 1], [1, number]]}})
            self._hand_in(f"{self.name}-{number}", body.encode())

    def _hand_in(self, key: str, body: bytes) -> None:
        while True:
            began = datetime.now(UTC)
            try:
                reply = self.student.submit(body, Idempotency_Key=key)
            except LOST:
                self.retries += 1
            else:
                if reply.status != 503:
                    break
            time.sleep(AGAIN_SECONDS)
        if reply.status != 201:
            self.refused.append(reply)
            self.is_done.set()
            return
        told = reply.json
        # An earlier request had been kept, and its acknowledgement was lost.
        self.found_kept += datetime.fromisoformat(told["received_at"]) < began
        self.acknowledged.append(_told(self.student.id, key, body, told))


def _told(student: str, key: str, body: bytes, told: dict) -> Kept:
    return Kept(
        student=student,
        key=key,
        body=body,
        verdict=json.dumps(told["verdict"], sort_keys=True),
        **{name: told[name] for name in ("submission", "attempt", "receipt")},
    )


def kept_in(store: Store) -> list[Kept]:
    """Every submission in a database, with its key and its verdict, once for each of these."""
    wanted = (
        select(
            submissions.c.public_id.label("submission"),
            students.c.student,
            submissions.c.key,
            submissions.c.body,
            submissions.c.attempt,
            submissions.c.receipt,
            verdicts.c.document.label("verdict"),
        )
        .join(students, students.c.id == submissions.c.student_id)
        .outerjoin(verdicts, verdicts.c.submission_id == submissions.c.id)
    )
    with store.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    return [
        Kept(**{**row, "verdict": json.dumps(json.loads(row["verdict"] or "{}"), sort_keys=True)})
        for row in rows
    ]


def faults(told: list[Kept], kept: list[Kept]) -> list[str]:
    """What is wrong with a database, by what its students were told of it."""
    by_submission = {each.submission: each for each in kept}
    lost = [each for each in told if each.submission not in by_submission]
    torn = [each for each in told if by_submission.get(each.submission, each) != each]
    times = Counter((each.student, each.key) for each in kept)
    acknowledged = {each.submission for each in told}
    return [
        *(f"{each.key} was acknowledged and is lost" for each in lost),
        *(f"{each.key} is not as it was acknowledged" for each in torn),
        *(f"{key} is there {count} times" for (_, key), count in times.items() if count > 1),
        *(f"{each.key} is nobody's" for each in kept if each.submission not in acknowledged),
        *_miscounted(kept),
    ]


def _miscounted(kept: list[Kept]) -> list[str]:
    attempts: dict[str, list[int]] = {}
    for each in kept:
        attempts.setdefault(each.student, []).append(each.attempt)
    return [
        f"{student} has {len(numbers)} attempts up to {max(numbers)}"
        for student, numbers in attempts.items()
        if sorted(numbers) != list(range(1, len(numbers) + 1))
    ]


@contextmanager
def handing_in(room: Classroom, *, count: int, each: int = 1) -> Iterator[list[Client]]:
    """Have students hand in at once until the block ends and all are acknowledged.

    Args:
        room: where a set is published.
        count: how many students there are.
        each: how many clients every student has.
    """
    enrolled = room.enrol(*(f"s{number}" for number in range(count)))
    for student in enrolled:
        student.exercise()
    clients = [
        Client(student, f"{student.id}-{number}") for student in enrolled for number in range(each)
    ]
    with ThreadPoolExecutor(len(clients)) as pool:
        running = [pool.submit(client.run) for client in clients]
        try:
            yield clients
        finally:
            for client in clients:
                client.is_done.set()
    for each_run in running:
        each_run.result()


def publish(room: Classroom, **fields) -> None:
    """Publish a set of one exercise, whose verdicts are told whole."""
    room.publish(exercises=[exercise(EXERCISES[0])], feedback="diagnosis", **fields)
