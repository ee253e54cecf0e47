"""The shape of a script: an instructor's lines, run statement by statement over a student's names.

The statements run in a copy of those names, so that what the student's functions look up is what
their own file defines. Over the copy lie numpy, sizes and numbers, and the givens, fresh before
every statement unless the script has assigned one itself: a function that works in place spoils its
own arguments alone. What a statement assigns under a name that is asked is told at once, so that
neither a later failure nor a timeout takes it away.
"""

import ast
import linecache
from collections.abc import Callable, Mapping
from typing import Any

import numpy

from .answers import finding, measured_one
from .exercise import Exercise
from .failure import SCRIPT, report
from .script_failures import attributes_of, explained

Tell = Callable[[Mapping[str, Any]], None]
"""Sends a message to whoever grades, at once."""


class Script:
    """A script that is ready to run.

    Args:
        statements: as the other side has read them: line, source, reads, makes, binds, passes.
    """

    def __init__(self, statements: list[dict[str, Any]]) -> None:
        self.statements = statements
        length = max(each["line"] + each["source"].count("\n") for each in statements)
        lines = [""] * length
        for each in statements:
            for at, line in enumerate(each["source"].split("\n"), start=each["line"] - 1):
                lines[at] = f"{lines[at]}; {line}" if lines[at] else line
        text = "\n".join(lines) + "\n"
        # So that a student's own look at the stack shows what is there.
        linecache.cache[SCRIPT] = (len(text), None, text.splitlines(keepends=True), SCRIPT)
        self._compiled = [_compiled(each) for each in statements]

    def run(self, module: Any, exercise: Exercise, uses: Mapping[str, Any], tell: Tell) -> None:
        """Run the statements on an exercise, and tell what comes of each.

        Args:
            module: the student's.
            exercise: with its givens as arrays.
            uses: what the script calls things: `numbers`, `givens`, `asked` and `columns`.
            tell: sends a message.
        """
        pristine = _givens(exercise, uses)
        names = {**vars(module), "np": numpy, **uses["numbers"], "__name__": SCRIPT}
        own: set[str] = set()  # givens that the script has assigned itself
        lost: set[str] = set()
        for statement, code in zip(self.statements, self._compiled, strict=True):
            if lost.isdisjoint(statement["reads"]):
                fresh = {name: copied(each) for name, each in pristine.items() if name not in own}
                names.update(fresh)
                try:
                    _note_new_attributes(statement, names, tell)
                    exec(code, names)
                except BaseException as error:  # whatever a student's code raises
                    tell({"failure": self._failure(error, statement, names, module, uses)})
                    lost |= set(statement["makes"])
                else:
                    lost -= set(statement["binds"])
                    _tell_changed(statement, pristine, fresh, tell)
                    _tell_answers(statement, names, uses, tell)
            else:
                lost |= set(statement["makes"])
            own |= set(statement["binds"])

    def _failure(
        self,
        error: BaseException,
        statement: dict[str, Any],
        names: Mapping[str, Any],
        module: Any,
        uses: Mapping[str, Any],
    ) -> dict[str, Any]:
        failure = report(explained(error, statement, names, module))["failure"]
        script_line = _line_in(error) or statement["line"]
        return {**failure, "script_line": script_line, "names": self._lost(statement, uses)}

    def _lost(self, failed: dict[str, Any], uses: Mapping[str, Any]) -> list[str]:
        """Return what is asked and cannot be answered once a statement has failed."""
        lost, found = set(failed["makes"]), set(failed["binds"])
        for each in self.statements[self.statements.index(failed) + 1 :]:
            if not lost.isdisjoint(each["reads"]):
                lost |= set(each["makes"])
                found |= set(each["binds"])
            else:
                lost -= set(each["binds"])
                found -= set(each["binds"])
        return [name for called, name in uses["asked"].items() if called in found]


def _compiled(statement: Mapping[str, Any]) -> Any:
    tree = ast.parse(statement["source"])
    ast.increment_lineno(tree, statement["line"] - 1)
    return compile(tree, SCRIPT, "exec")


def _givens(exercise: Exercise, uses: Mapping[str, Any]) -> dict[str, Any]:
    """Return the givens as the script has them: one number as a float, a bias as it is asked."""
    given = {}
    for called, name in uses["givens"].items():
        array = exercise["given"][name]
        if array.shape == ():
            given[called] = array.item()
        else:
            given[called] = array.reshape(-1, 1) if name in uses["columns"] else array
    return given


def copied(value: Any) -> Any:
    """Return a copy of an array; anything else as it is."""
    return value.copy() if isinstance(value, numpy.ndarray) else value


def _line_in(error: BaseException) -> int | None:
    """Return the line of the script that an exception passed through."""
    line, frame = None, error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == SCRIPT:
            line = frame.tb_lineno
        frame = frame.tb_next
    return line


def _note_new_attributes(
    statement: Mapping[str, Any], names: Mapping[str, Any], tell: Tell
) -> None:
    """Tell of attributes that are set and that the object does not have: set them it will."""
    for target in ast.walk(ast.parse(statement["source"])):
        if not isinstance(target, ast.Attribute) or not isinstance(target.ctx, ast.Store):
            continue
        base = target.value
        if not isinstance(base, ast.Name) or base.id not in names:
            continue
        have = attributes_of(names[base.id])
        if target.attr not in have and not hasattr(names[base.id], target.attr):
            line = statement["line"] + target.lineno - 1
            told = ", ".join(have) or "none"
            tell(
                {
                    "note": f"line {line} of the script sets {base.id}.{target.attr}, which "
                    f"{type(names[base.id]).__name__} did not have; its own are {told}"
                }
            )


def _tell_changed(
    statement: Mapping[str, Any],
    pristine: Mapping[str, Any],
    fresh: Mapping[str, Any],
    tell: Tell,
) -> None:
    """Tell which givens a call has changed that they were passed to."""
    for name in statement["passes"]:
        if name in fresh and not numpy.array_equal(pristine[name], fresh[name], equal_nan=True):
            tell({"findings": [finding("input_changed", name)]})


def _tell_answers(
    statement: Mapping[str, Any], names: Mapping[str, Any], uses: Mapping[str, Any], tell: Tell
) -> None:
    for called in statement["binds"]:
        name = uses["asked"].get(called)
        if name is None:
            continue
        answer, odd = measured_one(name, names.get(called))
        if answer is not None and name in uses["columns"] and answer["shape"][1:] == [1]:
            answer["shape"] = answer["shape"][:1]
        tell({"answers": {} if answer is None else {name: answer}, "findings": odd})
