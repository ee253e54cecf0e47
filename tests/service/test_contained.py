"""Work for strangers has a process of its own, so much of the processor, and no more."""

import os
import time
from contextlib import suppress
from math import sqrt

import pytest

from gradgrade.problems import DocumentError, Exercise
from gradgrade.service.contained import NICENESS, Exhausted, Process, here

LEAST_PRIORITY = 19


@pytest.fixture(scope="module")
def process():
    return Process(seconds=1)


def spin():
    while True:
        sqrt(2)


def test_it_is_done_elsewhere_and_comes_back(process):
    assert process(os.getpid) != os.getpid()
    assert process(os.getpid) == process(os.getpid)
    assert process(divmod, 7, 2) == here(divmod, 7, 2) == (3, 1)
    assert process(os.nice, 0) == min(os.nice(0) + NICENESS, LEAST_PRIORITY)


@pytest.mark.parametrize("contained", [here, None])
def test_what_is_raised_there_is_raised_here(process, contained):
    work = contained or process
    with pytest.raises(DocumentError, match="exercise: "):
        work(Exercise.from_json, "{}")


def test_what_takes_too_much_of_the_processor_is_ended_and_the_next_is_done(process):
    before, began = process(os.getpid), time.process_time()
    with pytest.raises(Exhausted, match="more than 1 s of processor time"):
        process(spin)
    assert time.process_time() - began < 1
    after = process(os.getpid)
    assert after not in (before, os.getpid())
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


def test_the_limit_is_a_pieces_own(process):
    for _ in range(3):
        assert process(_work, 0.4)


def _work(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        sqrt(2)
    return True


def test_a_process_that_was_killed_is_begun_anew(process):
    killed = process(os.getpid)
    os.kill(killed, 9)
    # Whether its death is seen before the next piece, or by the next piece, is a matter of time.
    with suppress(Exhausted):
        process(os.getpid)
    assert process(os.getpid) != killed
    assert process(divmod, 7, 2) == (3, 1)


def test_a_process_that_does_not_stay_is_begun_anew_for_each_piece():
    process = Process(seconds=5, stays=False)
    first, second = process(os.getpid), process(os.getpid)
    assert first != second
    for each in (first, second):
        with pytest.raises(ProcessLookupError):
            os.kill(each, 0)
