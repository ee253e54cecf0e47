"""What a set's exercises are drawn by is found once and kept beside the set."""

import pytest
from sqlalchemy import update

from gradgrade.problems.gates import probing
from gradgrade.problems.gates.probing import find_rules, rules_of
from gradgrade.problems.gates.rules import read_rules
from gradgrade.problems.templates.template import compile_template
from gradgrade.service.course.sets.problem_sets import find, remove
from gradgrade.service.course.work.pregeneration import pregenerate
from gradgrade.service.store.schema import rules
from tests.examples import examples
from tests.service import remembered
from tests.service.course.regrades.regraded import NAME, exercise, week
from tests.strategies import dense


@pytest.fixture
def finds(monkeypatch):
    """The structures whose rules were found, as a process that has kept none finds them."""
    found = []

    def counting(template):
        found.append(template.structure)
        return find_rules(template)

    monkeypatch.setattr(probing, "find_rules", counting)
    monkeypatch.setattr(remembered, "DONE", {})
    rules_of.cache.clear()
    yield found
    rules_of.cache.clear()


def small(name, **fields):
    return exercise(name, inputs=1, layers=[dense(1)], ask=["dW1"], **fields)


@pytest.mark.parametrize("room", ["SQLite"], indirect=True)
def test_two_hundred_exercises_in_turn_keep_their_rules(room, finds):
    number = examples(200)
    rates = [{"name": "sgd", "learning_rate": each} for each in range(1, number + 1)]
    exercises = [small(f"e-{at}", optimizer=rate) for at, rate in enumerate(rates)]
    room.publish(*exercises)
    room.enrol("ann", "bob")
    given = [room.variant("ann", each["name"]).given for each in exercises]
    assert len(finds) == room.count(rules) == number
    # Another process, which has kept nothing.
    rules_of.cache.clear()
    for each, first in zip(exercises, given, strict=True):
        assert room.variant("bob", each["name"]).given != first
    assert len(finds) == number


def test_exercises_of_one_structure_have_one_row_whatever_they_are_called(room, finds):
    room.publish(small("one"), small("other", points=3, title="The same"))
    room.enrol("ann")
    for name in ("one", "other"):
        room.variant("ann", name)
    assert (len(finds), room.count(rules)) == (1, 1)


def test_an_edit_that_leaves_an_exercise_as_it_is_leaves_its_rules(room, finds):
    room.publish(small("one"))
    room.enrol("ann", "bob")
    room.variant("ann", "one")
    kept = room.rows(rules)
    room.replace(small("one", points=2), title="Another week", attempts=3)
    # Another process, which has not tried the new version.
    rules_of.cache.clear()
    room.variant("bob", "one")
    assert (len(finds), room.rows(rules)) == (1, kept)
    room.replace(small("one", tolerance="auto"))
    room.enrol("cid")
    room.variant("cid", "one")
    assert (len(finds), room.count(rules)) == (2, 2)


def test_what_is_kept_is_what_is_drawn_by(room):
    room.publish(small("one"))
    room.enrol("ann")
    room.variant("ann", "one")
    (row,) = room.rows(rules)
    template = compile_template(week(small("one")), "one")
    assert row["structure"] == template.structure
    assert read_rules(row["document"]) == find_rules(template)


def test_rules_of_another_version_are_found_anew_and_replaced(room, finds):
    room.publish(small("one"))
    room.enrol("ann", "bob")
    first = room.variant("ann", "one")
    kept = room.rows(rules)
    with room.backend.store.writing() as connection:
        connection.execute(update(rules).values(document='{"rules": "0", "earlier": []}'))
    rules_of.cache.clear()
    assert room.variant("bob", "one").given != first.given
    assert (len(finds), room.rows(rules)) == (2, kept)


def test_whoever_draws_ahead_finds_each_structure_once(room, finds):
    room.publish(small("one"), small("two", points=2), small("three", tolerance="auto"))
    room.enrol("ann", "bob")
    done = pregenerate(room.backend, room.staff, NAME, map)
    assert (done.made, len(finds), room.count(rules)) == (6, 2, 2)
    assert pregenerate(room.backend, room.staff, NAME, map).made == 0
    assert len(finds) == 2


def test_a_set_that_is_removed_takes_its_rules_with_it(room):
    room.publish(small("one"))
    room.enrol("ann")
    room.variant("ann", "one")
    remove(room.backend, room.staff, NAME)
    assert room.count(rules) == 0
    with room.backend.store.reading() as connection, pytest.raises(ValueError, match="no problem"):
        find(connection, room.staff, NAME)
