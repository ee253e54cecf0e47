"""What a submission costs does not grow with how many are stored: every statement has an index."""

import json
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import event, text

from gradgrade.problems import Answers, Exercise, catalogue
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.people import roster
from gradgrade.service.course.people.authentication import authenticate
from gradgrade.service.course.people.courses import open_course
from gradgrade.service.course.sets import problem_sets
from gradgrade.service.course.work import variants
from gradgrade.service.course.work.intake import Received
from gradgrade.service.course.work.submissions import submit
from gradgrade.service.store.engine import open_store
from tests.service.store.databases import KINDS, make_tables, new_database
from tests.solved import right_answers

SET, EXERCISE, STUDENT = "first-steps", "one-neuron", "s001"


@pytest.fixture(scope="module", params=KINDS)
def backend(request, tmp_path_factory):
    with new_database(request.param, tmp_path_factory.mktemp("course")) as address:
        store = open_store(address)
        make_tables(store)
        yield Backend(store=store, secret=b"a secret of the tests")
        store.close()


@pytest.fixture(scope="module")
def token(backend):
    with backend.store.writing() as connection:
        staff = open_course(connection, "course", now=backend.clock())
    problem_sets.publish(backend, staff, catalogue.load(SET))
    (admitted,) = roster.enrol(backend, staff, SET, [roster.Student(id=STUDENT)])
    variants.fetch(backend, staff, SET, EXERCISE, STUDENT)
    return admitted.token


def statements_of(backend, act):
    """The statements that the driver is given, their parameters filled in."""
    seen = []

    class Noting(psycopg.ClientCursor):
        def execute(self, query, params=None, **options):
            seen.append(self.mogrify(query, params or ()))
            return super().execute(query, params, **options)

    def listen(connection, *_):
        if backend.store.is_sqlite:
            connection.set_trace_callback(seen.append)
        else:
            connection.cursor_factory = Noting

    event.listen(backend.store.engine, "checkout", listen)
    try:
        act()
    finally:
        event.remove(backend.store.engine, "checkout", listen)
        # The connections that were listened to.
        backend.store.close()
    return [each for each in seen if each.split()[0] in ("SELECT", "INSERT", "UPDATE")]


def scans(backend, statement):
    """The lines of a statement's plan in which a table is read from one end to the other."""
    connection = backend.store.engine.raw_connection()
    try:
        cursor = connection.cursor()
        if backend.store.is_sqlite:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            return [row[3] for row in cursor.fetchall() if row[3].startswith("SCAN")]
        # A small table is read whole unless that is forbidden; with an index it need not be.
        cursor.execute("SET enable_seqscan = off")
        cursor.execute(f"EXPLAIN {statement}")
        return [row[0] for row in cursor.fetchall() if "Seq Scan" in row[0]]
    finally:
        connection.rollback()
        connection.close()


def hand_in(backend, token):
    actor = authenticate(backend, token)
    exercise = Exercise.from_json(variants.fetch(backend, actor, SET, EXERCISE, None))
    right = right_answers(exercise)
    received = Received(
        problem_set=SET,
        exercise=EXERCISE,
        body=json.dumps({"answers": right}).encode(),
        answers=Answers.of(right),
        key="a key",
        received_at=datetime.now(UTC),
    )
    assert submit(backend, actor, received).is_valid


def test_every_statement_of_a_submission_reads_by_an_index(backend, token):
    found = statements_of(backend, lambda: hand_in(backend, token))
    assert len(found) >= 5
    assert [scans(backend, each) for each in found] == [[]] * len(found)


def test_a_statement_without_an_index_is_noticed(backend, token):
    without = text("SELECT id FROM submissions WHERE receipt = 'x'")

    def look():
        with backend.store.reading() as connection:
            connection.execute(without)

    (statement,) = statements_of(backend, look)
    assert scans(backend, statement)
