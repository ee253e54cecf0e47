"""Much work: shared by processes or a cluster, killed in the middle, and gone on with."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from gradgrade.service.course.regrades.pieces import PIECE
from gradgrade.service.jobs import JobError, workers
from gradgrade.service.store.integrity import find_faults
from gradgrade.service.store.schema import regrades, variants, verdicts
from tests.service.cli.run import COMMAND, assert_refused, run
from tests.service.course.regrades.regraded import (
    LOOSE,
    NAME,
    SECRET,
    exercise,
    new_classroom,
)

SECONDS = 60
SEVERAL_PIECES = 4 * PIECE
"""So many submissions that a regrade can be stopped between its pieces of work."""

MORE_PIECES = 9 * PIECE
"""So many that two processes have not been given all of them when the second piece is done."""


def handed_in(room, count):
    """So many attempts, all slightly wrong, to a set whose tolerance is loosened then."""
    room.publish(exercise())
    room.enrol("ann", "bob")
    for number in range(count):
        name = ("ann", "bob")[number % 2]
        room.hand_in(name, room.right(name, off=1e-3))
    room.replace(exercise(tolerance=LOOSE))


@pytest.fixture(autouse=True)
def settings(monkeypatch):
    monkeypatch.setenv("GRADGRADE_SECRET", SECRET.decode())
    monkeypatch.setenv("GRADGRADE_COURSE", "course")


def command(room, name, *options):
    """The command, run in this process; where it needs others, it starts them."""
    return run(name, NAME, "--database", room.database, *options)


def begun(room, name, *options, until):
    """The command, in a process of its own, when it has got so far."""
    process = subprocess.Popen(
        [str(COMMAND), name, NAME, "--database", room.database, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + SECONDS
    while not until():
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    return process


def killed(process):
    process.send_signal(signal.SIGKILL)
    assert process.wait(SECONDS) == -signal.SIGKILL


def is_sound(room):
    return find_faults(room.backend.store) == []


# Regrades


def test_a_regrade_that_is_killed_goes_on_when_the_command_is_run_again(room):
    handed_in(room, SEVERAL_PIECES)
    before = room.standing(), room.rows(variants), room.points()

    def graded():
        return room.count(verdicts, verdicts.c.regrade_id.is_not(None))

    killed(begun(room, "regrade", until=graded))
    assert 0 < graded() < SEVERAL_PIECES
    assert (room.standing(), room.rows(variants), room.points()) == before
    done = command(room, "regrade", "--format", "json")
    assert (done.exit_code, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    counts = (report["submissions"], report["higher"])
    assert (report["state"], *counts) == ("applied", SEVERAL_PIECES, SEVERAL_PIECES)
    assert (room.count(verdicts), room.count(regrades)) == (2 * SEVERAL_PIECES, 1)
    assert room.points() == {"ann": 1000, "bob": 1000}
    assert is_sound(room)


def test_the_command_prints_what_changes_and_a_dry_run_changes_nothing(room):
    handed_in(room, 2)
    before = room.everything()
    tried = command(room, "regrade", "--dry-run")
    assert tried.exit_code == 0
    assert tried.stdout.splitlines()[0].split()[:3] == ["submission", "student", "exercise"]
    assert "dry run of version 2: 2 submissions, 2 changed, 2 higher, 0 lower" in tried.stdout
    assert room.everything() == before
    assert command(room, "regrade", "--never-lower").exit_code == 0
    assert room.points() == {"ann": 1000, "bob": 1000}


def test_a_set_that_is_not_there_and_workers_that_cannot_be_are_bad_input(room):
    for name in ("regrade", "pregenerate"):
        assert_refused(command(room, name), "there is no problem set 'week-3'")
        both = ("--workers", "2", "--cluster", "tcp://localhost:1")
        assert_refused(command(room, name, *both), "exclude each other")


@pytest.mark.parametrize("place", ["SQLite"], indirect=True)
def test_a_worker_process_that_is_killed_ends_the_regrade_which_can_go_on(room):
    handed_in(room, MORE_PIECES)
    others = set(multiprocessing.active_children())

    def killing(function, tasks):
        for count, result in enumerate(run(function, tasks)):
            if count == 1:
                # Whatever other tests have left running is not one of these workers.
                worker = next(iter(set(multiprocessing.active_children()) - others))
                os.kill(worker.pid, signal.SIGKILL)
            yield result

    with pytest.raises(JobError, match="a worker was ended"), workers(2) as run:
        room.regrade(killing)
    assert set(room.points().values()) == {500}
    assert 0 < room.count(verdicts, verdicts.c.regrade_id.is_not(None)) < MORE_PIECES
    report = room.regrade()
    assert (report.submissions, room.count(verdicts)) == (MORE_PIECES, 2 * MORE_PIECES)
    assert room.count(regrades) == 1
    assert set(room.points().values()) == {1000}


CLUSTER = """
import threading, time
from distributed import Client, LocalCluster

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, *[w.process.pid for w in cluster.workers.values()],
              flush=True)
        input()
"""


@contextmanager
def cluster(tmp_path):
    """Provide the address of a Dask scheduler and the processes of its workers."""
    # A process of its own: this one turns warnings into errors, and Dask has some.
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTER, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        address, *pids = process.stdout.readline().split()
        yield address, list(map(int, pids))
    finally:
        process.communicate("\n", timeout=SECONDS)


def test_a_cluster_that_loses_a_worker_regrades_everything_once(tmp_path):
    with new_classroom("SQLite", tmp_path) as room, cluster(tmp_path) as (address, processes):
        handed_in(room, SEVERAL_PIECES)

        def graded():
            return room.count(verdicts, verdicts.c.regrade_id.is_not(None))

        process = begun(room, "regrade", "--cluster", address, until=graded)
        os.kill(processes[0], signal.SIGKILL)
        assert process.wait(SECONDS) == 0
        assert (room.count(verdicts), room.count(regrades)) == (2 * SEVERAL_PIECES, 1)
        assert room.points() == {"ann": 1000, "bob": 1000}
        assert is_sound(room)


# Pre-generation


def roster(room, count):
    room.publish(exercise())
    room.enrol(*(f"s{number:03}" for number in range(count)))


def drawn(room):
    """The variants, by what does not depend on when they were made, in the order of students."""
    names = ("exercise", "version", "document", "answer_key", "fingerprint")
    rows = sorted(room.rows(variants), key=lambda row: row["student_id"])
    return [{name: row[name] for name in names} for row in rows]


def test_pregeneration_that_is_killed_and_run_again_comes_to_the_same_variants(room, tmp_path):
    roster(room, 64)
    killed(begun(room, "pregenerate", until=lambda: room.count(variants)))
    there = room.rows(variants)
    assert 0 < len(there) < 64
    done = command(room, "pregenerate", "--workers", "2", "--format", "json")
    assert (done.exit_code, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"made": 64 - len(there), "held": len(there)}
    assert room.rows(variants)[: len(there)] == there
    again = command(room, "pregenerate")
    assert again.stdout == "0 variants made, 64 were there\n"
    with new_classroom("SQLite", tmp_path) as undisturbed:
        roster(undisturbed, 64)
        assert command(undisturbed, "pregenerate").exit_code == 0
        assert drawn(room) == drawn(undisturbed)
    # They are what the students are given.
    assert room.variant("s000").to_json() == there[0]["document"]
