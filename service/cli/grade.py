"""`gradgrade grade`."""

from __future__ import annotations

import rich_click as click

from gradgrade.service.cli.options import exercise_argument
from gradgrade.service.cli.reading import only_one_from_standard_input, read, read_exercise
from gradgrade.service.cli.results import Destination, result_options


@click.command()
@exercise_argument()
@click.argument("answers_path", metavar="ANSWERS")
@result_options
def grade(exercise_path: str, answers_path: str, destination: Destination) -> int:
    """Grade answers to an exercise; either can be - for standard input.

    Exits with 0 on full marks, with 1 on less. With --out, what cannot be graded leaves the file as
    it was.
    """
    only_one_from_standard_input(EXERCISE=exercise_path, ANSWERS=answers_path)
    exercise = read_exercise(exercise_path)

    from gradgrade.problems import Answers
    from gradgrade.problems import grade as grade_answers
    from gradgrade.problems.worksheet.words import title
    from gradgrade.service.code_grading.results import report_of_verdict

    answers = read(answers_path, lambda raw: Answers.from_json(raw).filled_in())
    verdict = grade_answers(exercise, answers)
    report = report_of_verdict(verdict, name=title(exercise))
    return destination.publish(report, verdict.to_json)
