"""The tables of a document: which fields each has, read off the models that check them."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, RootModel

from gradgrade.problems.documents.faults.suggesting import nearest

Path = tuple[str | int, ...]
Table = type[BaseModel]


def fields(table: Table) -> dict[str, Any]:
    """Return what a table's fields may hold, by the names that documents give them."""
    return {field.alias or name: field.annotation for name, field in table.model_fields.items()}


def table_at(root: Table, path: Path, data: Any) -> Table | None:
    """Return the model of the table that a path leads to in a document; None where none does."""
    tables = list(_tables_of(root))
    for part in path:
        if isinstance(part, str):
            here = _chosen(tables, data)
            tables = [] if here is None else list(_tables_of(fields(here).get(part)))
        data = step(data, part)
    return _chosen(tables, data)


def step(data: Any, part: str | int) -> Any:
    """Return what is one step further in a document; None where there is nothing."""
    if isinstance(part, int):
        is_there = isinstance(data, (list, tuple)) and part < len(data)
        return data[part] if is_there else None
    return data.get(part) if isinstance(data, Mapping) else None


def at(data: Any, path: Path) -> Any:
    """Return what a path leads to in a document; None where there is nothing."""
    for part in path:
        data = step(data, part)
    return data


def tables(root: Table) -> Iterator[tuple[tuple[str, ...], Table]]:
    """Yield every table of a document, with the way to it by fields alone."""
    waiting: list[tuple[tuple[str, ...], Table]] = [((), each) for each in _tables_of(root)]
    while waiting:
        way, table = waiting.pop(0)
        yield way, table
        for field, annotation in fields(table).items():
            waiting += [((*way, field), each) for each in _tables_of(annotation)]


def _tables_of(annotation: Any) -> Iterator[Table]:
    """Yield the models that a field's annotation names, through lists, unions and the like."""
    if isinstance(annotation, type) and issubclass(annotation, RootModel):
        yield from _tables_of(annotation.model_fields["root"].annotation)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from _tables_of(each)


def _chosen(tables: list[Table], data: Any) -> Table | None:
    """Choose among the tables that may stand in a place by what stands there."""
    if len(tables) <= 1 or not isinstance(data, Mapping):
        return tables[0] if len(tables) == 1 else None
    return max(tables, key=lambda each: (_is_of_type(each, data), _known(each, data)))


def _known(table: Table, data: Mapping[str, Any]) -> int:
    names = fields(table)
    return sum(nearest(str(key), names) is not None for key in data)


def type_of(table: Table) -> str | None:
    """Return the `type` that a table must say that it is; None where it need not."""
    annotation = fields(table).get("type")
    return get_args(annotation)[0] if get_origin(annotation) is Literal else None


def _is_of_type(table: Table, data: Mapping[str, Any]) -> bool:
    type_ = type_of(table)
    return type_ is not None and data.get("type") == type_
