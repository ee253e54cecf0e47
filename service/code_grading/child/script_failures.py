"""What went wrong in a statement of a script, in the words of the file that it uses."""

import ast
import re
from collections.abc import Mapping
from types import CodeType
from typing import Any

from .failure import SCRIPT, Failure
from .notes import where, why_missing

MOST_ATTRIBUTES = 20


def explained(
    error: BaseException, statement: Mapping[str, Any], names: Mapping[str, Any], module: Any
) -> BaseException:
    """Return an exception as it is told: with what the file lacks, or where a function stands.

    Args:
        error: what a statement raised.
        statement: which one.
        names: what it found.
        module: the student's.
    """
    if isinstance(error, NameError) and _is_from_script(error):
        line = statement["line"]
        said = f"{why_missing(str(error.name), module)}, used in line {line} of the script"
        return Failure("missing", said).with_traceback(error.__traceback__)
    if isinstance(error, TypeError) and (found := re.match(r"([\w.]+)\(\) ", str(error))):
        code = _code_of(found[1], names)
        if code is not None:
            return _like(error, f"{error}; defined in {where(code, module)}")
    if isinstance(error, AttributeError) and error.name and _is_from_script(error):
        have = attributes_of(error.obj)
        if have:
            return _like(error, f"{error}; it has {', '.join(have)}")
    if isinstance(error, KeyError) and _is_from_script(error):
        have = _keys_beside(error.args[0], statement["source"], names)
        if have:
            return Failure("exception", f"KeyError: {error}; there is {', '.join(have)}")
    return error


def _keys_beside(key: Any, source: str, names: Mapping[str, Any]) -> list[str]:
    """Return the keys of the first mapping of a statement that has not the one that is read."""
    for node in ast.walk(ast.parse(source)):
        held = names.get(node.id) if isinstance(node, ast.Name) else None
        if isinstance(held, dict) and key not in held:
            return [repr(each) for each in held][:MOST_ATTRIBUTES]
    return []


def _like(error: BaseException, message: str) -> BaseException:
    return type(error)(message).with_traceback(error.__traceback__)


def _code_of(name: str, names: Mapping[str, Any]) -> CodeType | None:
    """Return the code of a function or a class's method of this name."""
    found: Any = names.get(name.partition(".")[0])
    for part in name.split(".")[1:]:
        found = getattr(found, part, None)
    code = getattr(found, "__code__", None)
    return code if isinstance(code, CodeType) else None


def _is_from_script(error: BaseException) -> bool:
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and last.tb_frame.f_code.co_filename == SCRIPT


def attributes_of(value: Any) -> list[str]:
    """Return the names of an object's attributes that its class or itself states, public ones."""
    try:
        return [each for each in dir(value) if not each.startswith("_")][:MOST_ATTRIBUTES]
    except Exception:  # whatever a student's __dir__ raises
        return []
