"""`gradgrade schema`."""

import rich_click as click

from gradgrade.service.cli.output import print_json

KINDS = ("problem-set", "exercise", "answers", "verdict", "solution", "audit")


@click.command()
@click.argument("kind", metavar="KIND", type=click.Choice(KINDS))
def schema(kind: str) -> None:
    """Print the JSON Schema of a kind of document.

    KIND is problem-set, exercise, answers, verdict, solution or audit.
    """
    from gradgrade.problems import Answers, Exercise, ProblemSet, SolutionDocument, Verdict
    from gradgrade.problems.documents.json_schema import json_schema
    from gradgrade.service.audit.document import AuditDocument

    models = {
        model.kind: model
        for model in (ProblemSet, Exercise, Answers, Verdict, SolutionDocument, AuditDocument)
    }

    print_json(json_schema(models[kind]))
