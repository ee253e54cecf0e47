"""`gradgrade grade`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from gradgrade.service.cli.options import exercise_argument
from gradgrade.service.cli.output import print_note
from gradgrade.service.cli.reading import only_one_from_standard_input, read, read_exercise
from gradgrade.service.cli.results import Destination, result_options

if TYPE_CHECKING:
    from gradgrade.problems.documents.verdict import MatchedMisconception, PartVerdict, Verdict
    from gradgrade.problems.reading.answers import AnswersReading


@click.command()
@exercise_argument()
@click.argument("answers_path", metavar="ANSWERS")
@result_options
def grade(exercise_path: str, answers_path: str, destination: Destination) -> int:
    """Grade answers to an exercise; either can be - for standard input.

    ANSWERS is JSON, what a program prints: `dW1 = [[0.1 0.2]; …]`, or a .npz file of numpy, its
    arrays named as the parts are. What was no JSON is told as it was read, on standard error.

    Exits with 0 on full marks, with 1 on less. With --out, what cannot be graded leaves the file as
    it was.
    """
    only_one_from_standard_input(EXERCISE=exercise_path, ANSWERS=answers_path)
    exercise = read_exercise(exercise_path)

    from gradgrade.problems import grade as grade_answers
    from gradgrade.problems.explanation.likely_rules import likely_rule
    from gradgrade.problems.reading import read_answers
    from gradgrade.problems.worksheet.words import title
    from gradgrade.service.code_grading.results import report_of_verdict

    def graded(raw: bytes) -> tuple[AnswersReading, Verdict]:
        reading = read_answers(raw, exercise).filled_in()
        return reading, grade_answers(exercise, reading.answers)

    reading, verdict = read(answers_path, graded)
    for name, text in reading.understood.items():
        print_note(f"read as: {name} = {text}")

    def likely(part: PartVerdict, mistake: MatchedMisconception) -> str:
        found = likely_rule(
            exercise,
            reading.numerals,
            part=part.name,
            entries=part.entries,
            code=mistake.code,
            title=mistake.title,
        )
        return found.text if found else ""

    report = report_of_verdict(verdict, name=title(exercise), likely=likely)
    return destination.publish(report, verdict.to_json)
