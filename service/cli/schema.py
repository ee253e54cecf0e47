"""`gradgrade schema`."""

import rich_click as click

from service.cli.output import print_json

KINDS = ("problem-set", "exercise", "answers", "verdict", "solution")


@click.command()
@click.argument("kind", metavar="KIND", type=click.Choice(KINDS))
def schema(kind: str) -> None:
    """Print the JSON Schema of a kind of document.

    KIND is problem-set, exercise, answers, verdict or solution.
    """
    from pydantic.json_schema import GenerateJsonSchema

    from problems import Answers, Exercise, ProblemSet, SolutionDocument, Verdict

    models = {
        model.kind: model for model in (ProblemSet, Exercise, Answers, Verdict, SolutionDocument)
    }

    class Generator(GenerateJsonSchema):
        """Leaves a default that is no plain JSON value out, without a warning."""

        def emit_warning(self, kind: str, detail: str) -> None:
            """Say nothing."""

    print_json(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"gradgrade/{kind}/1",
            **models[kind].model_json_schema(by_alias=True, schema_generator=Generator),
        }
    )
