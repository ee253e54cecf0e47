"""Promise 10: what was acknowledged is kept once and whole, however often a server is killed."""

import random
import time
from dataclasses import replace

import pytest

from tests.promises.serving import database, gunicorn
from tests.promises.sizes import size
from tests.promises.submitting import Kept, faults, handing_in, kept_in, publish
from tests.service.cli.run import run_process
from tests.service.store.databases import KINDS

SECONDS = 60
LONGEST_SECONDS = 0.15
"""Between the first acknowledgement after a kill and the next kill, at most."""

ALL_OF = 0.05
"""How often everything is killed and started anew, rather than all processes that answer."""


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_acknowledged_is_lost_torn_or_counted_twice(kind, tmp_path, tell):
    kills, chance = size(3, 1000), random.Random(20_261_122)
    with (
        database(kind, tmp_path) as used,
        gunicorn(tmp_path, "--preload", database=used.address) as server,
    ):
        room = used.room(server)
        publish(room)
        with handing_in(room, count=3, each=2) as clients:
            for number in range(kills):
                _wait_for_the_next(clients)
                time.sleep(chance.uniform(0, LONGEST_SECONDS))
                if number == kills // 2 or chance.random() < ALL_OF:
                    server.kill()
                    server.start()
                else:
                    server.kill_workers()
        told = [each for client in clients for each in client.acknowledged]
        retries = sum(client.retries for client in clients)
        found = sum(client.found_kept for client in clients)
        assert [client.refused for client in clients] == [[]] * len(clients)
        assert retries > 0
        assert faults(told, kept_in(used.store)) == []
        checked = run_process("database", "check", "--database", used.address)
        assert (checked.returncode, checked.stderr) == (0, "")
    assert "Traceback" not in server.log.read_text()
    tell(
        f"{kills} kills, {len(told)} acknowledged, none lost, torn or counted twice; "
        f"{retries} sent again, of which {found} had been kept without acknowledgement"
    )


def _wait_for_the_next(clients):
    """Wait until the server has acknowledged something since now."""
    before, deadline = _count(clients), time.monotonic() + SECONDS
    while _count(clients) == before:
        assert not [client.refused for client in clients if client.refused]
        assert time.monotonic() < deadline
        time.sleep(0.005)


def _count(clients):
    return sum(len(client.acknowledged) for client in clients)


KEPT = Kept(
    **{"submission": "a", "student": "s1", "key": "k1", "body": b"{}", "attempt": 1},
    **{"receipt": "r", "verdict": "{}"},
)
OTHER = replace(KEPT, submission="b", key="k2", attempt=2)


@pytest.mark.parametrize(
    ("kept", "fault"),
    [
        ([KEPT], "k2 was acknowledged and is lost"),
        ([KEPT, replace(OTHER, body=b"{")], "k2 is not as it was acknowledged"),
        ([KEPT, replace(OTHER, verdict="[]")], "k2 is not as it was acknowledged"),
        ([KEPT, replace(OTHER, key=None)], "k2 is not as it was acknowledged"),
        ([KEPT, OTHER, replace(OTHER, submission="c", attempt=3)], "k2 is there 2 times"),
        ([KEPT, OTHER, replace(OTHER, submission="c", key="k3", attempt=3)], "k3 is nobody's"),
        ([KEPT, replace(OTHER, attempt=3)], "s1 has 2 attempts up to 3"),
    ],
)
def test_a_database_that_lost_something_would_be_found_out(kept, fault):
    assert fault in faults([KEPT, OTHER], kept)
    assert faults([KEPT, OTHER], [OTHER, KEPT]) == []
