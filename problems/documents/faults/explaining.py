"""From the validator's errors to faults: where they are, what is wrong, what to write instead."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Protocol

from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.problems.documents.faults.advice import (
    anywhere,
    example,
    hint,
    misplaced,
    needed_table,
    slug,
)
from gradgrade.problems.documents.faults.suggesting import nearest, unlisted
from gradgrade.problems.documents.faults.tables import (
    Path,
    Table,
    at,
    fields,
    step,
    table_at,
    type_of,
)
from gradgrade.problems.documents.faults.writing import as_written, kind_of, no_number
from gradgrade.problems.documents.text import printable
from gradgrade.problems.errors import MOST_FAULTS, DocumentError, Fault, FieldError

MOST_EXPLAINED = 100
"""Of the validator's errors: some follow from others and are not told."""

UNKNOWN = "extra_forbidden"
"""What the validator calls an unknown field."""

OTHER_TYPE = "other_type"
"""What a table is at fault of that has fields of another type than it says that it is."""

IMPLIED = frozenset({"absolute"})
"""What is written out where the others stand alone."""

LONGEST_FIELD = 200
"""How much of the way to a field is shown."""


class Places(Protocol):
    """Where in a text the values of a document stand."""

    def line(self, path: Path) -> int | None:
        """Return the line of a value, or of the nearest table that it is in."""

    def written(self, path: Path) -> str | None:
        """Return the text of a value, where it stands by itself."""


def faults(
    model: Table,
    errors: Iterable[Mapping[str, Any]],
    read: Any,
    *,
    written: Any = None,
    places: Places | None = None,
) -> tuple[Fault, ...]:
    """Return what is wrong with a document, as people are told: unknown fields first, at most ten.

    Args:
        model: what checked the document.
        errors: what it found, as `pydantic.ValidationError.errors` lists it.
        read: what was checked; None where the validator read it, and nobody else.
        written: what `read` was made from by writing shorthand out; None where it is the same.
        places: where the values stand in the text; None where nobody wrote lines.

    >>> from pydantic import BaseModel, ConfigDict, ValidationError
    >>> class Grid(BaseModel, extra="forbid", strict=True):
    ...     low: int
    ...     high: int
    >>> document = {"low": "0", "max": 1}
    >>> try:
    ...     Grid.model_validate(document)
    ... except ValidationError as error:
    ...     for fault in faults(Grid, error.errors(), document):
    ...         print(fault)
    max: there is no such field; did you mean high?
    low: "0" is not a whole number but text: write 0, without quotation marks
    """
    document = read if written is None else written
    unknown_first = sorted(errors, key=lambda error: error["type"] != UNKNOWN)
    found = [
        each
        for error in unknown_first[:MOST_EXPLAINED]
        for each in _Explained.each_of(error, model=model, read=read, is_toml=places is not None)
    ]
    meant = {(*each.path[:-1], each.meant) for each in found if each.meant}
    mistyped = {each.path[:-1]: each for each in reversed(found) if each.kind == OTHER_TYPE}
    told = dict[tuple[Path, str], Fault]()
    for each in found:
        # Whatever else such a table was held to is not what it is about.
        if mistyped.get(each.path[:-1], each) is not each:
            continue
        if each.is_missing and each.follows_from(found, meant, read):
            continue
        fault = placed(each.path, each.said, document, places=places)
        told.setdefault((fault.path, fault.said), fault)
    return tuple(told.values())[:MOST_FAULTS]


def placed(path: Path, said: str, document: Any, *, places: Places | None = None) -> Fault:
    """Return a fault of a value of a document.

    Args:
        path: to the value; what is not there stands for the nearest that is.
        said: what is wrong and what to write instead; lines of a text that show it may follow.
        document: as it was written.
        places: where its values stand in the text.
    """
    told, path = path, _as_far_as_written(path, document)
    value = at(document, path)
    is_there = bool(path) and isinstance(at(document, path[:-1]), (Mapping, list, tuple))
    is_there = is_there and _holds(at(document, path[:-1]), path[-1])
    place, rest = _exercise(path, document)
    way = _way(rest)
    field = printable(way[:LONGEST_FIELD]) + ("…" if len(way) > LONGEST_FIELD else "")
    text = (places.written(path) if places else None) or (as_written(value) if is_there else "")
    line = places.line(path if is_there else told) if places else None
    first, *shown = said.split("\n")
    return Fault(
        said=printable(first),
        path=path,
        place=place,
        field=field,
        written=text,
        line=line,
        shown=tuple(map(printable, shown)),
    )


class _Explained:
    """One of the validator's errors in words."""

    def __init__(
        self,
        path: Path,
        said: str,
        *,
        kind: str,
        meant: str | None = None,
        elsewhere: frozenset[str] = frozenset(),
    ) -> None:
        self.path, self.said, self.meant = path, said, meant
        self.elsewhere, self.kind = elsewhere, kind
        self.is_unknown, self.is_missing = kind == UNKNOWN, kind == "missing"

    def follows_from(
        self, found: Sequence["_Explained"], meant: Collection[Path], read: Any
    ) -> bool:
        """Tell whether a missing field stands under another name, or in another place."""
        name, unknown = self.path[-1], [each.path for each in found if each.is_unknown]
        return (
            self.path in meant
            or any(name in each.elsewhere for each in found)
            or any(name == path[-1] or _holds(at(read, path), name) for path in unknown)
            or (name in IMPLIED and any(path[:-1] == self.path[:-1] for path in unknown))
        )

    @classmethod
    def each_of(
        cls, error: Mapping[str, Any], *, model: Table, read: Any, is_toml: bool
    ) -> "Iterator[_Explained]":
        """Yield what is wrong: one thing, or all that a part found in a field of its own."""
        first = cls.of(error, model=model, read=read, is_toml=is_toml)
        yield first
        cause = error.get("ctx", {}).get("error")
        for said in cause.others if isinstance(cause, FieldError) else ():
            yield cls(first.path, said, kind=first.kind)

    @classmethod
    def of(
        cls, error: Mapping[str, Any], *, model: Table, read: Any, is_toml: bool
    ) -> "_Explained":
        kind, value = error["type"], error["input"]
        path = _without_tags(error["loc"], read, is_missing=kind == "missing")
        cause = error.get("ctx", {}).get("error")
        if isinstance(cause, FieldError):
            return cls((*path, *cause.path), cause.said, kind=kind)
        if isinstance(cause, Exception):
            said = _of_error(cause)
            return cls(path, said + _instead_of(said, path, value, is_toml=is_toml), kind=kind)
        name = str(path[-1]) if path else ""
        if kind == UNKNOWN:
            table = table_at(model, path[:-1], at(read, path[:-1]) if not path[:-1] else read)
            known = [] if table is None else list(fields(table))
            if table is not None and name in known and (type_ := type_of(table)):
                written = _type_written(at(read, path[:-1]))
                said = f'{written}; {name} belongs to a {type_}: write type = "{type_}"'
                return cls((*path[:-1], "type"), said, kind=OTHER_TYPE)
            meant = nearest(name, known)
            said = misplaced(name, meant, model, path[:-1], read)
            elsewhere = frozenset[str]() if meant else anywhere(name, model)
            return cls(path, said, kind=kind, meant=meant, elsewhere=elsewhere)
        if kind == "missing":
            shown = example(path, toml=is_toml)
            such = f"; write it, such as {shown}" if shown else ""
            return cls(path, f"this field is missing{such}", kind=kind)
        explain = _SAID.get(kind, _anything_else)
        said = explain(value, error.get("ctx", {}), _Where(path, value, is_toml, error["msg"]))
        more = hint(path, value)
        return cls(path, f"{said}; {more}" if more and "did you" not in said else said, kind=kind)


def _type_written(table: Any) -> str:
    written = table.get("type") if isinstance(table, Mapping) else None
    return "this field is missing" if written is None else f"{as_written(written)} is no type here"


class _Where:
    """The place of an error, for those words that depend on it."""

    def __init__(self, path: Path, value: Any, is_toml: bool, message: str) -> None:
        self.path, self.value, self.is_toml, self.message = path, value, is_toml, message

    @property
    def such(self) -> str:
        """An example of what belongs there, in place of what was written."""
        shown = example(self.path, self.value, toml=self.is_toml)
        return f": write it as {shown}" if shown else ""


def _instead_of(said: str, path: Path, value: Any, *, is_toml: bool) -> str:
    """Return what to write in the place of what is said to be no number."""
    if not re.search(r" is not a number( but \w+( \w+)?)?$", said):
        return ""
    return _Where(path, value, is_toml, "").such or ": write one, such as 0.5"


Explain = Callable[[Any, Mapping[str, Any], _Where], str]


def _of_error(cause: Exception) -> str:
    if isinstance(cause, DocumentError) and cause.faults:
        return "; ".join(map(str, cause.faults))
    return str(cause)


def _whole(value: Any, _: Mapping[str, Any], where: _Where) -> str:
    text = str(value)
    if kind_of(value) == "a number" and re.fullmatch(r"-?[0-9]+\.0*", text):
        return f"{text} is not a whole number as it is written: write {text.partition('.')[0]}"
    # Beyond so many digits it is what was meant hardly more than any other.
    if re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,9})?[eE]\+?[0-9]", text) and Decimal(text) % 1 == 0:
        return f"{text} is not a whole number as it is written: write {Decimal(text):.0f}"
    said = no_number(value, "a whole number")
    return said if "write" in said else said + where.such


def _number(value: Any, _: Mapping[str, Any], where: _Where) -> str:
    return no_number(value)


def _text(value: Any, _: Mapping[str, Any], where: _Where) -> str:
    shown = as_written(value, toml=where.is_toml)
    if kind_of(value) == "a number":
        return f'{shown} is not text but a number: write "{shown}", in quotation marks'
    return f"{shown} is not text in quotation marks{where.such}"


def _list(value: Any, _: Mapping[str, Any], where: _Where) -> str:
    if where.path == ("exercises",) and where.is_toml and isinstance(value, Mapping):
        return "begin each exercise with [[exercises]], two brackets on either side"
    return f"{as_written(value, toml=where.is_toml)} is not a list in brackets{where.such}"


def _table(value: Any, _: Mapping[str, Any], where: _Where) -> str:
    return needed_table(value, where.path, toml=where.is_toml)


def _too_short(value: Any, context: Mapping[str, Any], where: _Where) -> str:
    return _length(value, f"at least {context['min_length']}", where)


def _too_long(value: Any, context: Mapping[str, Any], where: _Where) -> str:
    return _length(value, f"at most {context['max_length']}", where)


def _length(value: Any, bound: str, where: _Where) -> str:
    shown = as_written(value, toml=where.is_toml)
    if isinstance(value, (list, tuple, Mapping)):
        count = len(value)
        holds = "is empty" if not count else f"has {count} entr{'y' if count == 1 else 'ies'}"
        return f"{shown} {holds}; {bound} must be there{where.such}"
    return f"{shown} has {len(value)} characters; it must have {bound}"


def _bound(words: str, key: str) -> Explain:
    def explain(value: Any, context: Mapping[str, Any], where: _Where) -> str:
        return f"{as_written(value)} is refused: it must be {words} {context[key]}"

    return explain


def _listed(value: Any, context: Mapping[str, Any], where: _Where) -> str:
    names = re.findall(r"'([^']*)'", str(context.get("expected", context.get("expected_tags"))))
    if len(names) == 1:
        return f'{as_written(value)} must be "{names[0]}"'
    return unlisted(value, names)


def _without_kind(value: Any, context: Mapping[str, Any], where: _Where) -> str:
    key = str(context["discriminator"]).strip("'")
    if not isinstance(value, Mapping):
        return needed_table(value, where.path, toml=where.is_toml)
    shown = example((*where.path, key), toml=where.is_toml)
    return f"{key} is missing" + (f"; write it, such as {shown}" if shown else "")


def _unknown_kind(value: Any, context: Mapping[str, Any], where: _Where) -> str:
    key = str(context["discriminator"]).strip("'")
    names = re.findall(r"'([^']*)'", str(context["expected_tags"]))
    named = step(value, key)
    if isinstance(named, str) and named in ACTIVATIONS:
        dense = f'{{ type = "dense", units = 4, activation = "{named}" }}'
        return f'{key}: "{named}" is an activation and no type of layer: write {dense}'
    return f"{key}: {unlisted(named, names)}"


def _pattern(value: Any, context: Mapping[str, Any], where: _Where) -> str:
    shown = as_written(value)
    if context["pattern"] == "^[a-z0-9-]+$":
        said = f"{shown} is no such name: lower-case letters a to z, digits and hyphens alone"
        meant = slug(value)
        return f'{said}; write "{meant}"' if meant else f'{said}; write one, such as "week-3"'
    return f"{shown} is not of the form {context['pattern']}"


def _truth(value: Any, _: Mapping[str, Any], where: _Where) -> str:
    return f"{as_written(value)} is refused: write true or false, without quotation marks"


def _anything_else(value: Any, _: Mapping[str, Any], where: _Where) -> str:
    wanted = where.message.replace("Input should be", "it must be").replace("dictionary", "table")
    return f"{as_written(value)} is refused: {wanted[:1].lower()}{wanted[1:]}"


_SAID: Mapping[str, Explain] = MappingProxyType(
    {
        **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), _whole),
        **dict.fromkeys(("float_type", "float_parsing", "finite_number"), _number),
        "string_type": _text,
        **dict.fromkeys(("list_type", "tuple_type", "set_type"), _list),
        **dict.fromkeys(("model_type", "dict_type", "model_attributes_type"), _table),
        **dict.fromkeys(("too_short", "string_too_short"), _too_short),
        **dict.fromkeys(("too_long", "string_too_long"), _too_long),
        "greater_than_equal": _bound("at least", "ge"),
        "less_than_equal": _bound("at most", "le"),
        "greater_than": _bound("above", "gt"),
        "less_than": _bound("below", "lt"),
        **dict.fromkeys(("literal_error", "enum"), _listed),
        "union_tag_not_found": _without_kind,
        "union_tag_invalid": _unknown_kind,
        "string_pattern_mismatch": _pattern,
        **dict.fromkeys(("bool_type", "bool_parsing"), _truth),
    }
)
"""What is said of each kind of error that the validator finds."""


def _without_tags(location: Sequence[str | int], data: Any, *, is_missing: bool) -> Path:
    """Return a path without what the validator puts in for the branch of a union that it took.

    What is in the data was no such tag; nor is the field that is missing.
    """
    if data is None:
        return tuple(location)
    path, end = list[str | int](), len(location) - is_missing
    for part in location[:end]:
        if _holds(data, part):
            path.append(part)
            data = step(data, part)
    return (*path, *location[end:])


def _holds(data: Any, part: str | int) -> bool:
    if isinstance(part, int):
        return isinstance(data, (list, tuple)) and part < len(data)
    return isinstance(data, Mapping) and part in data


def _as_far_as_written(path: Path, document: Any) -> Path:
    """Return the path to what stands for a value in the document as it was written."""
    if document is None:
        return path
    for count, part in enumerate(path):
        here = at(document, path[:count])
        if _holds(here, part) or (isinstance(here, Mapping) and count == len(path) - 1):
            continue
        # The numbers of an optimizer that is a mere name stand beside it.
        if count and path[count - 1] == "optimizer" and isinstance(here, str) and part != "name":
            return (*path[: count - 1], *path[count:])
        return path[:count]
    return path


def _exercise(path: Path, document: Any) -> tuple[str, Path]:
    """Return how the exercise is called that a path leads into, and the path from there."""
    if len(path) < 2 or path[0] != "exercises" or not isinstance(path[1], int):
        return "", path
    name = at(document, (*path[:2], "name"))
    called = f"'{name}'" if isinstance(name, str) and len(name) <= LONGEST_FIELD else path[1] + 1
    return printable(f"exercise {called}"), path[2:]


def _way(path: Path) -> str:
    """Return a path as people say it: layers count from 1, as their quantities do."""
    way = ""
    for part in path:
        if not isinstance(part, int):
            way += part if not way or way.endswith(": ") else f".{part}"
        elif way == "layers":
            way = f"layer {part + 1}: "
        else:
            before = way.removesuffix(": ")
            way = f"{before}, item {part + 1}: " if before else f"item {part + 1}: "
    return way.removesuffix(": ")
