"""The JSON Schema of a document, as any validator of 2020-12 takes it."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import TaggedUnionSchema

from gradgrade.problems.documents.base import Document

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _StandardKeywords(GenerateJsonSchema):
    """Leaves out what is OpenAPI's alone: strict validators refuse keywords of others."""

    def tagged_union_schema(self, schema: TaggedUnionSchema) -> JsonSchemaValue:
        described = super().tagged_union_schema(schema)
        described.pop("discriminator", None)
        return described


def json_schema(document: type[Document]) -> dict[str, Any]:
    """Return the JSON Schema of a kind of document.

    >>> from gradgrade.problems.documents.answers import Answers
    >>> json_schema(Answers)["$id"]
    'gradgrade/answers/1'
    """
    described = document.model_json_schema(by_alias=True, schema_generator=_StandardKeywords)
    return {"$schema": DIALECT, "$id": f"gradgrade/{document.kind}/1", **described}
