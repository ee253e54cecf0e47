"""What a process keeps of wrong answers is bounded, however many students there are."""

import gc
import tracemalloc
from pathlib import Path

import pytest

from benchmarks.server_memory import served
from gradgrade.oracle.bounded_cache import BoundedCache
from gradgrade.problems import ProblemSet
from gradgrade.service.app import create_app
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.work.variants import read_exercise
from gradgrade.service.settings import Settings
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.migrate import migrate

ANSWERS = 10
QUARTER_MEBIBYTE = 2**18

MIDDLING = ProblemSet.from_toml(
    """
    schema = "gradgrade/problem-set/1"
    name = "middling"
    [[exercises]]
    name = "one-layer"
    inputs = 24
    layers = [ { type = "dense", units = 24, activation = "tanh" } ]
    loss = { name = "half_squared_error" }
    optimizer = { name = "sgd", learning_rate = 0.1 }
    ask = ["gradients", "updates"]
    """
)
"""1,200 entries: a marker of 68 KB, an explainer of 180."""


@pytest.fixture
def backend(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(read_exercise.cache, "most", QUARTER_MEBIBYTE)
    store = open_store(str(tmp_path / "course.db"))
    migrate(store)
    yield Backend(
        store=store,
        secret=b"a secret of the tests",
        markers=BoundedCache(most=QUARTER_MEBIBYTE),
        explainers=BoundedCache(most=QUARTER_MEBIBYTE),
    )
    store.close()


def test_after_some_wrong_answers_more_of_them_take_no_more_memory(backend):
    client = create_app(backend=backend, settings=Settings()).test_client()
    path = "/api/v1/problem-sets/middling/exercises/one-layer/submissions"
    sizes = []
    tracemalloc.start()
    try:
        for token, body in served(backend, MIDDLING, ANSWERS):
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            reply = client.post(path, data=body, headers=headers)
            assert (reply.status_code, reply.json["score"]) == (201, 0), reply.text
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert len(sizes) == ANSWERS
    # Of five more students, answers, verdicts and variants are in the database alone.
    assert sizes[-1] - sizes[ANSWERS // 2] < QUARTER_MEBIBYTE
    assert backend.markers.bytes <= QUARTER_MEBIBYTE
    # Two are larger than all may be; the last stays for the next answer of the same student.
    assert len(backend.explainers) == 1
