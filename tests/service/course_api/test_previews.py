import pytest

from gradgrade.problems import ProblemSet
from gradgrade.service.bounds import MOST_COST
from gradgrade.service.course.sets.preview import preview_set
from gradgrade.service.store.schema import metadata
from tests.service.course_api.classroom import DENSE, exercise, problem_set

# Nothing here depends on the kind of the database.
on_sqlite = pytest.mark.parametrize("server", ["SQLite"], indirect=True)


def test_a_preview_tells_what_an_exercise_would_be_and_keeps_nothing(classroom):
    def rows():
        with classroom.live.store.reading() as connection:
            return {
                table.name: len(connection.execute(table.select()).all())
                for table in metadata.sorted_tables
            }

    before = rows()
    reply = classroom.instructor.post("/previews?students=3", problem_set())
    assert reply.status == 200
    first, second = reply.json
    assert set(first) == {
        *("exercise", "points", "parts", "variants", "attempts", "acceptance", "reasons"),
        *("findings", "lost_largest", "lost_median", "variety", "refusal"),
        *("widest_bands", "forward_share", "warnings", "is_tried"),
    }
    assert (first["exercise"], first["points"], first["variants"]) == ("one-layer", 10, 3)
    assert first["attempts"] == 3 + sum(first["reasons"].values())
    assert first["acceptance"] == 3 / first["attempts"]
    assert 0 < first["lost_median"] <= first["lost_largest"] < 1e-10
    assert (first["refusal"], first["variety"]) == (None, None)
    assert [(part["name"], part["shape"], part["points"]) for part in first["parts"]] == [
        ("loss", [], 3.34),
        ("delta1", [2, 1], 3.33),
        ("dW1", [2, 2], 3.33),
    ]
    assert first["parts"][0]["tolerance"] == "auto"
    assert second["points"] == 4
    assert rows() == before


@on_sqlite
def test_parts_are_told_as_the_exercise_shows_them(published):
    made = published.instructor.post("/previews?students=1", problem_set()).json[0]
    own = published.instructor.get("/problem-sets/week-1/exercises/one-layer?student=s001").json
    assert made["parts"] == own["ask"]


@on_sqlite
def test_an_exercise_that_cannot_be_issued_is_told_beside_the_others(classroom):
    hopeless = exercise(
        "hopeless",
        given={"W1": [[0, 0], [0, 0]], "b1": [0, 0]},
        draw={
            "inputs": {"low": 0, "high": 0, "step": 1},
            "targets": {"low": 0, "high": 0, "step": 1},
        },
    )
    document = problem_set(exercises=[hopeless, exercise("sound")])
    first, second = classroom.instructor.post("/previews?students=2", document).json
    assert (first["variants"], first["acceptance"], first["lost_largest"]) == (0, None, None)
    assert first["refusal"]
    assert "\n" not in first["refusal"]
    assert len(first["parts"]) == 3
    assert (first["widest_bands"], first["warnings"]) == ({}, [])
    assert first["forward_share"] == second["forward_share"] == pytest.approx(0.334)
    assert (second["variants"], second["refusal"]) == (2, None)


def test_an_exercise_that_is_too_large_is_refused_before_it_is_drawn():
    wide = {**DENSE, "units": 400}
    large = exercise("large", inputs=400, layers=[wide])
    found, sound = preview_set(
        ProblemSet.from_data(problem_set(exercises=[large, exercise("sound")])), students=2
    )
    assert MOST_COST < 400 * 400
    assert (found.report, sound.refusal) == (None, None)
    assert (found.is_tried, sound.is_tried) == (False, True)
    assert found.refusal is not None
    assert "too large" in found.refusal


def test_where_the_work_is_too_much_exercises_get_fewer_variants_and_then_none(monkeypatch):
    document = ProblemSet.from_data(problem_set())
    monkeypatch.setattr("gradgrade.service.course.sets.preview.MOST_WORK_PREVIEWED", 30_000)
    assert {each.report.variants for each in preview_set(document, students=100)} <= set(
        range(2, 10)
    )
    monkeypatch.setattr("gradgrade.service.course.sets.preview.MOST_WORK_PREVIEWED", 10_000)
    assert [each.report for each in preview_set(document, students=100)] == [None, None]


def test_no_exercise_is_begun_when_the_time_of_a_request_is_over():
    moments = iter([0.0, 1.0, 11.0])
    document = ProblemSet.from_data(problem_set())
    first, second = preview_set(document, students=1, clock=lambda: next(moments))
    assert (first.report.variants, first.refusal) == (1, None)
    assert second.report is None
    assert "'two-layers' was not previewed" in second.refusal


@on_sqlite
@pytest.mark.parametrize("query", ["students=0", "students=101", "students=x", "student=1"])
def test_a_preview_is_of_1_to_100_students(classroom, query):
    assert classroom.instructor.post(f"/previews?{query}", problem_set()).status == 422
