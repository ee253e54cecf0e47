"""The engines that are compared do the same work."""

from benchmarks.engines import AGREEMENT, BARE, CERTIFIED, MATRIX, WALK, disagreement, engines
from benchmarks.growth import Curve
from benchmarks.laws import Law, page
from benchmarks.many import CHECKED_FAST, checked_fast
from benchmarks.networks import Case
from benchmarks.oracle import compare
from benchmarks.report import RATIOS, Measured
from benchmarks.timing import Timings, measure


def results(*, batch):
    case = Case((2, 2, 2), batch)
    built = [build(case, 30) for build in (*engines(), checked_fast)]
    return {engine.name: engine.read(engine.run()) for engine in built}


def test_all_engines_find_the_same_numbers():
    for batch in (1, 3):
        first, *others = results(batch=batch).values()
        assert set(first) == {
            *("loss", "dx", "dW1", "db1", "dW2", "db2"),
            *("W1_new", "b1_new", "W2_new", "b2_new"),
        }
        for found in others:
            assert disagreement(found, first) <= AGREEMENT


def test_a_wrong_number_is_noticed():
    found = results(batch=1)["numpy float64"]
    wrong = {**found, "dx": [found["dx"][0] * (1 + 1e-9), *found["dx"][1:]]}
    assert disagreement(wrong, found) > AGREEMENT


def test_a_ratio_is_of_pairs_and_the_first_repetition_warms_up():
    timings = Timings({"a": {0: 9.0, 1: 2.0, 2: 8.0, 3: 6.0}, "b": {0: 1.0, 1: 1.0, 2: 2.0, 3: 2}})
    assert timings.ratio("a", "b") == 3
    assert timings.best("a") == 2


def test_what_is_too_slow_to_repeat_counts_with_its_one_run():
    timings = Timings({"slow": {0: 30.0}, "fast": {0: 3.0, 1: 2.0}})
    assert timings.ratio("slow", "fast") == 10
    assert timings.repetitions("slow") == 1


def test_a_law_tells_its_exponent_and_each_step_beside_that_of_the_amount():
    curve = Curve("samples", (1, 2, 4, 8), (0.001, 0.003, 0.006, 0.012))
    written = list(page([Law("samples", "2-2-2", curve)]))
    assert "| samples | 2-2-2 | 1 | 8 | 1 to 12 | 1.00 |" in written
    assert "| 2 | 3 | 3.00 | 2.00 |" in written


def test_more_iterations_are_more_of_the_same_steps():
    one, three = (Case((2, 2, 2), 1, count).derivation for count in (1, 3))
    assert len(three.steps) > 2.5 * len(one.steps)


def test_what_is_measured_is_also_returned():
    timings, returned = measure({"one": lambda: 1, "two": lambda: 2}, budget=0)
    assert returned == {"one": 1, "two": 2}
    assert timings.repetitions("one") == timings.repetitions("two") == 3


def test_a_ratio_is_of_the_runs_beside_each_other_and_a_time_the_shortest_of_all():
    beside_walk = Timings({MATRIX: {0: 9.0, 1: 4.0, 2: 4.0}, WALK: {0: 2.0, 1: 1.0, 2: 1.0}})
    beside_bare = Timings({MATRIX: {0: 9.0, 1: 3.0, 2: 3.0}, BARE: {0: 2.0, 1: 0.5, 2: 0.5}})
    pairs = {(MATRIX, WALK): beside_walk, (MATRIX, BARE): beside_bare}
    measured = Measured(Case((2, 2, 2), 1), 30, pairs, 0.0)
    assert measured.ratio((MATRIX, WALK)) == 4
    assert measured.ratio((MATRIX, BARE)) == 6
    assert measured.best(MATRIX) == 3
    assert measured.engines == (MATRIX, WALK, BARE)


def test_the_two_of_every_ratio_are_compared_and_agree():
    measured = compare(Case((2, 2, 2), 1), 30, budget=0)
    there = set(measured.engines)
    assert there >= {MATRIX, CERTIFIED, CHECKED_FAST, WALK, BARE}
    assert set(measured.timings) == {pair for pair in RATIOS if set(pair) <= there}
    assert all(measured.is_repeated(engine) for engine in there)
    assert measured.disagreement <= AGREEMENT
