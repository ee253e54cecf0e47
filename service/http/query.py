"""Query parameters: text, checked as strictly as a document's fields."""

from typing import Annotated, Any, TypeVar

from flask import request
from pydantic import AfterValidator, Field

from gradgrade.problems import DocumentError
from gradgrade.problems.documents.base import Model, checked
from gradgrade.problems.documents.text import as_id, check_printable
from gradgrade.service.store.identities import StudentId

MOST_DIGITS = 18
"""The most digits of a whole number: what any database holds."""


LONGEST_SEED = 100

Seed = Annotated[str, Field(max_length=LONGEST_SEED), AfterValidator(check_printable)]
"""What variants of no student depend on."""

NamedStudent = Annotated[StudentId, AfterValidator(as_id)]
"""A student whom staff names, compared as ids are."""


def as_whole(value: Any) -> Any:
    """Return ASCII digits, behind a minus or not, as an int; the rest as it is."""
    is_numeral = isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit()
    return int(value) if is_numeral and len(value) <= MOST_DIGITS else value


AnyModel = TypeVar("AnyModel", bound=Model)


def read_query(model: type[AnyModel] | None) -> AnyModel | None:
    """Return the current request's query parameters as a model.

    Args:
        model: None where no parameter is taken.

    Raises:
        DocumentError: a parameter is unknown, repeated or not what it must be.
    """
    parameters = request.args.to_dict(flat=False)
    for name, values in parameters.items():
        if len(values) > 1:
            raise DocumentError(
                f"query: {_shown(name)}: the parameter is given {len(values)} times"
            )
        if "\0" in values[0]:
            raise DocumentError(f"query: {_shown(name)}: a null character is not allowed")
    if model is None:
        if parameters:
            raise DocumentError(f"query: {_shown(next(iter(parameters)))}: there is no such field")
        return None
    return checked(model, {name: values[0] for name, values in parameters.items()}, "query")


def _shown(name: str) -> str:
    return name if name.isprintable() and len(name) <= 60 else repr(name[:60])
