"""What is kept is bounded by its bytes, whatever it is and whoever asks."""

import gc
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from weakref import ref

import pytest

from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
from gradgrade.oracle.bounded_cache import BoundedCache, kept_with_argument, kept_within
from gradgrade.oracle.derivation.costs import cost_of
from gradgrade.oracle.derivation.routes import going_every_route
from gradgrade.oracle.networks.layers import Convolution, Flatten


def filled(*texts: str, most: int = 10) -> BoundedCache:
    cache: BoundedCache[str, str] = BoundedCache(most=most, size=len)
    for text in texts:
        cache.get(text, text.upper)
    return cache


def test_what_was_asked_for_longest_ago_goes_first():
    cache = filled("aaaa", "bbbb")
    cache.get("aaaa", str)
    cache.get("cccc", lambda: "CCCC")
    assert ("aaaa" in cache, "bbbb" in cache, "cccc" in cache) == (True, False, True)
    assert (len(cache), cache.bytes) == (2, 8)


def test_as_many_go_as_one_large_value_needs():
    cache = filled("aa", "bb", "cc", "d" * 9)
    assert (len(cache), cache.bytes) == (1, 9)


def test_the_newest_stays_however_large_it_is():
    cache = filled("aa", "b" * 1000)
    assert (len(cache), cache.bytes) == (1, 1000)
    assert cache.get("b" * 1000, str) == "B" * 1000
    filled_again = cache.get("cc", lambda: "CC")
    assert (filled_again, cache.bytes) == ("CC", 2)


def test_of_many_who_ask_at_once_one_makes_and_all_are_given_the_same():
    made, barrier = [], Barrier(8)
    cache: BoundedCache[str, object] = BoundedCache(most=10, size=lambda _: 1)

    def make() -> object:
        made.append(object())
        return made[-1]

    def ask(_: int) -> object:
        barrier.wait()
        return cache.get("one", make)

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(ask, range(8)))
    assert len(made) == 1
    assert set(map(id, given)) == {id(made[0])}


def test_others_are_made_while_one_takes_long():
    cache: BoundedCache[str, str] = BoundedCache(most=10, size=len)
    done = Event()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(cache.get, "slow", lambda: "slow" if done.wait(10) else "")
        assert cache.get("soon", lambda: "soon") == "soon"
        done.set()
        assert slow.result() == "slow"


def test_what_cannot_be_made_is_not_kept_and_is_tried_again():
    cache: BoundedCache[str, str] = BoundedCache(most=10, size=len)
    with pytest.raises(ZeroDivisionError):
        cache.get("key", lambda: str(1 // 0))
    assert cache.get("key", lambda: "made") == "made"
    assert (len(cache), cache.bytes) == (1, 4)


def test_a_functions_results_are_kept_by_its_arguments():
    @kept_within(100, size=lambda _: 1)
    def joined(first: str, *, second: str = "") -> list[str]:
        return [first, second]

    assert joined("a", second="b") is joined("a", second="b")
    assert joined("a", second="b") is not joined("a")
    assert joined("a") == ["a", ""]


def test_a_functions_results_are_kept_by_what_stands_for_its_arguments():
    @kept_within(100, size=lambda _: 1, key=str.lower)
    def same(text: str) -> list[str]:
        return [text]

    assert same("Word") is same("word")


def test_what_is_kept_with_an_object_goes_with_it():
    class Network:
        """Something that can be forgotten."""

    listed = kept_with_argument(lambda network: {1, 2})
    network = Network()
    found = ref(listed(network))
    assert listed(network) is found()
    del network
    gc.collect()
    assert found() is None


@pytest.mark.parametrize(
    "layers",
    [
        (Dense(units=2, activation="tanh"), Dense(units=1)),
        (Convolution(filters=1, kernel=(2, 2)), Flatten(), Dense(units=1)),
    ],
)
def test_a_derivation_goes_with_all_that_was_worked_out_of_it(layers):
    inputs = 2 if isinstance(layers[0], Dense) else (1, 3, 3)
    derivation = derive(
        Network(inputs=inputs, layers=layers), Loss(name="squared_error"), Optimizer()
    )
    going_every_route(derivation)
    cost_of(derivation)
    assert derivation.results
    seen = ref(derivation)
    derive.cache.clear()
    del derivation
    gc.collect()
    assert seen() is None


def test_a_derivation_weighs_more_with_more_steps_and_with_wider_windows():
    def weight(*layers, inputs=(1, 8, 8)) -> int:
        network = Network(inputs=inputs, layers=(*layers, Flatten(), Dense(units=1)))
        return derive(network, Loss(name="squared_error"), Optimizer()).bytes_kept

    small = Convolution(filters=1, kernel=(2, 2))
    assert weight() < weight(small) < weight(small, small)
    assert weight(small) < weight(Convolution(filters=1, kernel=(4, 4)))
