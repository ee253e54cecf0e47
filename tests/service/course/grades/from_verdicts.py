"""Statistics counted from the verdicts themselves, one after the other: a judge of the service's.

Nothing is grouped, and nothing is read but the documents that students are shown. What everybody
reached is the gradebook's.
"""

import json
from collections import Counter
from datetime import UTC

from sqlalchemy import text

from gradgrade.problems.documents.points import hundredths_of
from gradgrade.service.course.grades.figures import Reached, summarize
from gradgrade.service.course.grades.gradebook import gather_gradebook
from gradgrade.service.course.grades.statistics_document import Statistics
from gradgrade.service.store.schema import submissions

ATTEMPTS = text("""
    SELECT submissions.public_id, submissions.received_at, submissions.is_late, students.student,
    variants.exercise, verdicts.document
    FROM submissions JOIN variants ON variants.id = submissions.variant_id
    JOIN students ON students.id = submissions.student_id
    JOIN verdicts ON verdicts.submission_id = submissions.id AND verdicts.stands
    WHERE submissions.attempt IS NOT NULL AND submissions.problem_set_id = :problem_set
    ORDER BY submissions.id
""").columns(received_at=submissions.c.received_at.type)


def statistics_from_verdicts(connection, problem_set):
    """The statistics of a set."""
    book = gather_gradebook(connection, problem_set)
    roster = {row.student for row in book.rows}
    attempts = [
        {**row._mapping, "verdict": json.loads(row.document)}
        for row in connection.execute(ATTEMPTS, {"problem_set": problem_set})
        if row.student in roster
    ]
    exercises = [
        of_exercise(book, place, [each for each in attempts if each["exercise"] == exercise.name])
        for place, exercise in enumerate(book.exercises)
    ]
    cells = [[cell for cell in row.cells if cell is not None] for row in book.rows]
    return Statistics.model_validate(
        {
            "schema": "gradgrade/statistics/1",
            "problem_set": book.problem_set,
            "title": book.title,
            "figures": figures(book, list(filter(None, cells)), book.max_points),
            "misconceptions": added_up(exercises),
            "exercises": exercises,
        }
    )


def figures(book, cells, max_points):
    reached = [
        Reached(
            points=sum(each.points for each in of_one),
            attempts=sum(each.attempts for each in of_one),
            is_late=any(each.is_late for each in of_one),
        )
        for of_one in cells
    ]
    return summarize(reached, students=len(book.rows), max_points=max_points)


def of_exercise(book, place, attempts):
    exercise = book.exercises[place]
    cells = [row.cells[place] for row in book.rows if row.cells[place] is not None]
    counted = {cell.submission for cell in cells}
    names = list(dict.fromkeys(part["name"] for each in attempts for part in parts_of(each)))
    parts = [of_part(book, name, attempts, counted) for name in names]
    return {
        "name": exercise.name,
        "title": exercise.title,
        "figures": figures(book, [[cell] for cell in cells], exercise.max_points),
        "first_errors": first_errors(attempts),
        "misconceptions": added_up(parts),
        "attempts_to_full_marks": to_full_marks(attempts),
        "days": days(attempts),
        "parts": parts,
    }


def parts_of(attempt):
    return attempt["verdict"]["parts"]


def first_errors(attempts):
    pairs = {(each["verdict"]["first_error"], each["student"]) for each in attempts}
    counts = Counter(quantity for quantity, _ in pairs if quantity is not None)
    found = [{"quantity": name, "students": count} for name, count in counts.items()]
    return sorted(found, key=lambda each: (-each["students"], each["quantity"]))


def to_full_marks(attempts):
    made, first = Counter(), {}
    for each in attempts:
        student, verdict = each["student"], each["verdict"]
        made[student] += 1
        if verdict["score"] >= verdict["max_score"]:
            first.setdefault(student, made[student])
    counts = Counter(first.values())
    return [counts[number] for number in range(1, max(counts, default=0) + 1)]


def days(attempts):
    found = {}
    for each in attempts:
        day = each["received_at"].astimezone(UTC).date().isoformat()
        count, codes = found.get(day, (0, Counter()))
        codes.update(
            part["misconceptions"][0]["code"] for part in parts_of(each) if part["misconceptions"]
        )
        found[day] = count + 1, codes
    return [
        {"day": day, "attempts": count, "misconceptions": dict(codes.most_common())}
        for day, (count, codes) in sorted(found.items())
    ]


def of_part(book, name, attempts, counted):
    said = [(each, part) for each in attempts for part in parts_of(each) if part["name"] == name]
    judged = [
        (e, p) for e, p in said if p["outcome"] in ("correct", "carried_forward", "incorrect")
    ]
    made = Counter(each["student"] for each, _ in judged)
    reached = [
        Reached(hundredths_of(part["score"]), made[each["student"]], each["is_late"])
        for each, part in judged
        if each["public_id"] in counted
    ]
    codes = Counter(code for _, part in judged for code in entries_of(part["entries"]))
    worth = max(hundredths_of(part["max_score"]) for _, part in said)
    return {
        "name": name,
        "figures": summarize(reached, students=len(book.rows), max_points=worth),
        "misconceptions": mistakes(judged),
        "entry_codes": dict(codes.most_common()),
    }


def entries_of(entries):
    if isinstance(entries, list):
        return [code for each in entries for code in entries_of(each)]
    return [] if entries is None else [entries]


def mistakes(judged):
    named, first, titles = set(), set(), {}
    for each, part in judged:
        for rank, mistake in enumerate(part["misconceptions"]):
            titles[mistake["code"]] = mistake["title"]
            named.add((mistake["code"], each["student"]))
            if rank == 0:
                first.add((mistake["code"], each["student"]))
    named, first = (Counter(code for code, _ in pairs) for pairs in (named, first))
    return ordered(
        {"code": code, "title": titles[code], "first": first[code], "named": named[code]}
        for code in titles
    )


def added_up(found):
    totals = {}
    for each in (mistake for one in found for mistake in one["misconceptions"]):
        total = totals.get(each["code"], {"first": 0, "named": 0})
        sums = {name: total[name] + each[name] for name in ("first", "named")}
        totals[each["code"]] = {**each, **sums}
    return ordered(totals.values())


def ordered(found):
    return sorted(found, key=lambda each: (-each["named"], -each["first"], each["code"]))
