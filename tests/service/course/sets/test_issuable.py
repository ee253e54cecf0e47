"""Sets are tried out before they are published, by a process that may take so much and no more."""

import pytest
from sqlalchemy import select

from benchmarks.server_memory import LARGEST
from gradgrade.problems import DocumentError, ExerciseError
from gradgrade.problems.gates import probing
from gradgrade.problems.gates.probing import rules_of
from gradgrade.service.contained import Process
from gradgrade.service.course.sets.issuable import check_contained, check_issuable
from gradgrade.service.course.sets.preview import preview_contained, preview_set
from gradgrade.service.store.schema import rules
from tests.service.course.regrades.regraded import exercise, new_classroom, week
from tests.strategies import dense


@pytest.fixture(scope="module")
def process():
    return Process(seconds=300)


def test_what_another_process_finds_is_what_this_one_does(process):
    sets = week(exercise("one"), exercise("other", ask=["dW2"]))
    assert check_contained(process, sets) == check_issuable(sets)
    assert preview_contained(process, sets, students=2) == preview_set(sets, students=2)


def test_where_no_exercise_changed_nothing_is_begun():
    def never(*_arguments, **_named):
        raise AssertionError("there is nothing to try")

    stands = week(exercise("one"), exercise("other", ask=["dW2"]))
    later = week(exercise("one"), due="2031-12-01T00:00:00Z")
    assert check_contained(never, later, standing=stands) == {}


def test_why_none_can_be_issued_is_told_from_there(process):
    nothing = {"low": 0, "high": 0, "step": 1}
    hopeless = week(exercise("hopeless", draw={"inputs": nothing, "weights": nothing}))
    with pytest.raises(ExerciseError, match="'hopeless' cannot be issued"):
        check_contained(process, hopeless)


@pytest.mark.parametrize("does", [check_contained, preview_contained])
def test_what_takes_too_much_of_the_processor_is_refused_and_says_what_to_do(does):
    stated = {"students": 1} if does is preview_contained else {}
    with pytest.raises(DocumentError) as caught:
        does(Process(seconds=1, stays=False), LARGEST, **stated)
    assert str(caught.value).startswith("exercises: to ")
    assert "more than 1 s of processor time: make them smaller" in str(caught.value)


def test_whoever_draws_after_publishing_finds_no_rules_anew(tmp_path, monkeypatch):
    with new_classroom("SQLite", tmp_path) as room:
        room.publish(exercise("one", inputs=1, layers=[dense(1)], ask=["dW1"]))
        with room.backend.store.reading() as connection:
            assert len(connection.execute(select(rules)).all()) == 1
        room.enrol("ann")
        rules_of.cache.clear()
        monkeypatch.setattr(probing, "find_rules", _never)
        assert room.variant("ann", "one").given
        rules_of.cache.clear()


def _never(template):
    raise AssertionError("the rules were found when the set was published")
