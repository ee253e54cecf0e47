"""Work in the background: step by step in one thread, which ends with it and with the process."""

import subprocess
import sys
from collections.abc import Iterator
from threading import Event, current_thread
from threading import enumerate as threads

from gradgrade.service.background import MOST_WAITING, Background

SECONDS = 60

ENDLESS = """
from gradgrade.service.background import Background
from itertools import count
from threading import Event

begun = Event()
Background().ask(lambda: (begun.set() for _ in count()))
begun.wait()
print("the process ends")
"""

RESTING = """
from gradgrade.service import background
from itertools import count
from threading import Event

resting = Event()
# A step that takes as long as nobody waits for, and so does the rest after it.
background.thread_time = count(0, 10_000).__next__

def work():
    resting.set()
    yield

background.Background().ask(work)
resting.wait()
print("the process ends")
"""


def test_all_work_is_done_in_one_thread_in_its_order():
    background, done, asked = Background(), [], Event()

    def work(number: int) -> Iterator[None]:
        # Else the first may be done, and its thread gone, before the second is asked for.
        assert asked.wait(SECONDS)
        for step in range(2):
            done.append((number, step, current_thread()))
            yield

    for number in range(3):
        assert background.ask(lambda number=number: work(number))
    asked.set()
    background.wait()
    assert [each[:2] for each in done] == [(number, step) for number in range(3) for step in (0, 1)]
    assert len({thread for *_, thread in done}) == 1


def test_the_thread_is_gone_once_there_is_no_work_and_comes_again_with_it():
    background, done = Background(), []
    for number in range(2):
        background.ask(lambda number=number: map(done.append, [number]))
        background.wait()
        assert not [each for each in threads() if each.name == "background"]
    assert done == [0, 1]


def test_what_it_raises_is_logged_and_the_next_is_done(caplog):
    background, done = Background(), []

    def failing() -> Iterator[None]:
        yield
        raise ValueError("so it is")

    background.ask(failing)
    background.ask(lambda: map(done.append, "x"))
    background.wait()
    assert done == ["x"]
    (record,) = caplog.records
    assert (record.levelname, str(record.exc_info[1])) == ("ERROR", "so it is")


def test_work_is_dropped_where_too_much_waits():
    background, begun, goes_on = Background(), Event(), Event()

    def blocked() -> Iterator[None]:
        begun.set()
        goes_on.wait(SECONDS)
        yield

    assert background.ask(blocked)
    assert begun.wait(SECONDS)
    taken = [background.ask(lambda: iter(())) for _ in range(MOST_WAITING + 2)]
    goes_on.set()
    background.wait()
    assert taken == [True] * MOST_WAITING + [False] * 2


def test_a_process_that_ends_waits_for_no_more_than_a_step():
    done = subprocess.run(
        [sys.executable, "-c", ENDLESS],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "the process ends\n", "")


def test_a_process_that_ends_does_not_wait_for_the_rest_after_a_step():
    done = subprocess.run(
        [sys.executable, "-c", RESTING],
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "the process ends\n", "")
