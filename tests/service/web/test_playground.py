"""The playground shows what the oracle says of the numbers that one chooses, and of nobody's."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from gradgrade.oracle.nested import flatten
from gradgrade.problems import Exercise, ProblemSet, solve
from gradgrade.service.app import create_app
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.people.courses import open_course
from gradgrade.service.course.people.roster import Student, enrol
from gradgrade.service.course.sets.problem_sets import publish
from gradgrade.service.course.work.variants import fetch
from gradgrade.service.settings import Settings
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.migrate import migrate
from gradgrade.service.web.visitor.playground_page import LONGEST_TYPED
from gradgrade.service.web.visitor.playing import (
    DECIMALS,
    MOST,
    NETWORKS,
    RATE,
    choose,
    fields_of,
    play,
    started,
)
from tests.service.course_api.classroom import exercise, problem_set

NOW = datetime(2031, 12, 1, tzinfo=UTC)
NUMERAL = re.compile(r"[+−]?\d+\.\d{4}")
SLACK = Decimal("1e-11")
"""Beyond half a unit of the last digit: as far as doubles may be off where that is a tie."""


@pytest.fixture(scope="module")
def anybody():
    return create_app().test_client()


def numbers(low, high):
    """Numerals as they are typed, with as many decimals as are taken."""
    points = st.integers(low * 10**DECIMALS, high * 10**DECIMALS)
    return st.one_of(points, st.sampled_from([0, 10**DECIMALS // 2, 10**DECIMALS])).map(
        lambda point: str(Decimal(point) / 10**DECIMALS)
    )


@st.composite
def plays(draw):
    network = draw(st.sampled_from(list(NETWORKS)))
    typed = {
        name: draw(numbers(0, 2) if name == RATE else numbers(-MOST, MOST))
        for name in fields_of(started(network))
    }
    return network, typed


def shown(anybody, network, **typed):
    return anybody.get("/playground", query_string={"network": network, **typed})


def check(numerals, solution):
    """Every numeral is the 50 digits, rounded."""
    half = Decimal(1).scaleb(-DECIMALS) / 2 + SLACK
    for name, solved in solution.items():
        pairs = zip(flatten(numerals[name]), flatten(solved.value), strict=True)
        for numeral, expected in pairs:
            assert abs(Decimal(numeral) - Decimal(expected)) <= half, name


@given(asked=plays())
def test_what_is_shown_is_what_the_oracle_proves_to_50_digits(asked):
    network, typed = asked
    chosen = choose(network, typed)
    assert chosen.faults == {}
    check(play(chosen.exercise).numerals, solve(chosen.exercise))


def test_the_check_rejects_a_numeral_that_is_off_by_its_last_digit():
    chosen = choose("one-neuron", {})
    numerals = dict(play(chosen.exercise).numerals)
    numerals["loss"] = str(Decimal(numerals["loss"]) + Decimal("0.0001"))
    with pytest.raises(AssertionError):
        check(numerals, solve(chosen.exercise))


@pytest.mark.parametrize("network", NETWORKS)
def test_the_drawing_and_the_steps_have_every_number(anybody, network):
    page = shown(anybody, network).text
    played = play(started(network))
    drawings = re.findall(r"<svg class=\"drawing.*?</svg>|<svg.*?</svg>", page, re.DOTALL)
    assert len(drawings) == 2
    wanted = [
        each.lstrip("-")
        for name, array in played.numerals.items()
        if re.fullmatch(r"(a|delta|dW)\d", name)
        for each in flatten(array)
    ]
    for drawing in drawings:
        found = [each.lstrip("+−") for each in NUMERAL.findall(drawing)]
        assert sorted(found) == sorted(wanted)
    for array in played.numerals.values():
        for each in flatten(array):
            assert f"<mn>{each.replace('-', '−')}</mn>" in page
    assert f'id="loss">{played.loss}<' in page
    assert f'id="loss-after">{played.loss_after}<' in page


def test_a_part_is_shown_with_its_formula_and_the_numbers_in_it(anybody):
    page = shown(anybody, "one-neuron", part="dW1", **{"x-0": "0.5"}).text
    section = page.partition('aria-labelledby="formula"')[2].partition("</section>")[0]
    assert "How dW1 comes about" in section
    assert section.count("<mo>=</mo>") == 3
    assert "<mn>0.5</mn>" in section
    assert '<option value="dW1" selected>' in page
    assert 'aria-labelledby="formula"' not in shown(anybody, "one-neuron", part="none").text


def test_a_step_leads_to_the_numbers_after_it_and_there_the_loss_is_what_was_foretold(anybody):
    page = shown(anybody, "two-neurons", part="loss")
    led = shown(anybody, "two-neurons", part="loss", step="1")
    assert led.status_code == 303
    asked = dict(parse_qsl(urlsplit(led.location).query))
    assert asked["part"] == "loss"
    before, foretold = (
        re.search(rf'id="{name}">([^<]*)<', page.text)[1] for name in ("loss", "loss-after")
    )
    after = anybody.get(led.location).text
    assert f'id="loss">{foretold}<' in after
    assert float(foretold) < float(before)
    assert f'name="W1-0" value="{asked["W1-0"]}"' in after
    assert f'name="x-0" value="{fields_of(started("two-neurons"))["x-0"]}"' in after


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("5.1", "5.1 is out of range: from -5 to 5 is taken"),
        ("-1e300", "is out of range"),
        ("0.12345", "0.12345 has too many decimals: 4 are taken"),
        ("<b>one</b>", "this is not a number"),
        ("NaN", "this is not a number"),
        ("1/3", "1/3"),
        ("9" * 300, "a number has no more than"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_its_name_and_kept(anybody, text, why):
    reply = shown(anybody, "two-neurons", **{"W2-0": text})
    assert reply.status_code == 200
    page = reply.text
    note = page.partition('role="alert"')[2].partition("</div>")[0]
    assert '<a href="#W2-0">W2, h → o</a>' in note
    assert why in note
    assert "<b>one" not in page
    assert "<svg" not in page
    assert page.count('aria-invalid="true"') == 1


def test_what_is_typed_as_people_write_is_taken(anybody):
    plain = shown(anybody, "two-neurons", **{"W2-0": "-0.5"}).text
    typed = shown(anybody, "two-neurons", **{"W2-0": " −0,5 "}).text
    assert NUMERAL.findall(typed) == NUMERAL.findall(plain)


def test_other_addresses_are_refused_as_pages(anybody):
    reply = shown(anybody, "one-neuron", **{"W1-0": "1" * (LONGEST_TYPED + 1)})
    assert (reply.status_code, reply.mimetype) == (414, "text/html")


@pytest.mark.parametrize("name", ["none", "<b>none", "seeds/sigmoid-batch"])
def test_in_the_place_of_a_network_that_there_is_not_the_first_is_shown_and_all_are_named(
    anybody, name
):
    reply = shown(anybody, name, step="1", part="loss", **{"W1-0": "4.9", "x-0": "none"})
    assert (reply.status_code, reply.mimetype) == (404, "text/html")
    page = reply.text
    assert f"There is no network “{escape(name)}” to play with." in page
    assert all(f'href="/playground?network={each}"' in page for each in NETWORKS)
    first = next(iter(NETWORKS))
    assert f'name="network" value="{first}"' in page
    assert f'id="loss">{play(started(first)).loss}<' in page


def test_a_course_may_be_without_it(course):
    _, _, _, backend = course
    for wanted in (True, False):
        client = create_app(backend=backend, settings=Settings(playground=wanted)).test_client()
        assert client.get("/playground").status_code == (200 if wanted else 404)
        assert ('href="/playground' in client.get("/").text) == wanted


def test_it_is_counted_by_what_it_costs():
    client = create_app(settings=Settings(grading_rate="400/hour")).test_client()
    statuses = [shown(client, "one-neuron").status_code for _ in range(4)]
    assert statuses == [200, 200, 429, 429]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course in which somebody holds a variant of a network that one can play with."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('course')}/course.db")
    migrate(store)
    times = [NOW]
    backend = Backend(store=store, secret=b"a secret of the tests", clock=lambda: times[0])
    with store.writing() as connection:
        actor = open_course(connection, "course", now=NOW)
    dense = [{"type": "dense", "units": units, "activation": "sigmoid"} for units in (2, 1)]
    held = problem_set(
        exercises=[exercise("network", layers=dense)], due=(NOW + timedelta(days=7)).isoformat()
    )
    publish(backend, actor, ProblemSet.from_data(held))
    enrol(backend, actor, "week-1", [Student(id="s001")])
    document = fetch(backend, actor, "week-1", "network", "s001")
    client = create_app(backend=backend).test_client()
    yield client, Exercise.from_json(document), times, backend
    store.close()


def test_numbers_that_somebody_holds_are_worked_out_for_nobody_until_their_set_is_closed(course):
    client, held, times, _ = course
    typed = {
        f"{name}-{index}": entry.text
        for name, array in held.given.items()
        for index, entry in enumerate(flatten(array))
    }
    for network in ("sigmoid-batch", "two-steps"):
        for more in ({}, {"step": "1"}, {"part": "dW2"}, {"rate": "0.3"}):
            reply = shown(client, network, **typed, **more)
            assert (reply.status_code, reply.mimetype) == (409, "text/html")
            assert "hand its answers in, or change the numbers" in reply.text
            assert NUMERAL.findall(reply.text) == []
    # The same numbers in other places are held too, and others are not.
    swapped = typed | {"x-0": typed["x-1"], "x-1": typed["x-0"]}
    assert shown(client, "sigmoid-batch", **swapped).status_code == 409
    assert shown(client, "sigmoid-batch", **typed | {"y-0": "4.9"}).status_code == 200
    times[0] = NOW + timedelta(days=8)
    assert shown(client, "sigmoid-batch", **typed).status_code == 200
    times[0] = NOW
