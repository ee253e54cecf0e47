"""Data that a request holds as it came, described as what it will have to be."""

from typing import Any

from pydantic import GetJsonSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema


class DescribedBy:
    """Marks data that is checked later as what it will have to be: any of these types."""

    def __init__(self, *types: Any) -> None:
        self.types = types

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return those types' schemas."""
        schemas = [handler(TypeAdapter(each).core_schema) for each in self.types]
        return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
