"""Rows of rules: kept beside a set, by the structures that they are for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from operator import itemgetter

from sqlalchemy import Connection, select

from gradgrade.problems.gates.rules import Rules, read_rules
from gradgrade.service.store.identities import ProblemSetRow
from gradgrade.service.store.insert import insert_or_replace
from gradgrade.service.store.schema import rules


def kept_rules(
    connection: Connection, problem_set: ProblemSetRow, structures: Collection[bytes]
) -> dict[bytes, Rules]:
    """Return the rules that are kept for these structures, but those of other versions of gates."""
    rows = connection.execute(
        select(rules.c.structure, rules.c.document).where(
            rules.c.problem_set_id == problem_set, rules.c.structure.in_(structures)
        )
    )
    read = {bytes(row.structure): read_rules(row.document) for row in rows}
    return {structure: each for structure, each in read.items() if each is not None}


def keep_rules(
    connection: Connection, problem_set: ProblemSetRow, found: Mapping[bytes, Rules]
) -> None:
    """Keep rules by their structures."""
    rows = [
        {"problem_set_id": problem_set, "structure": structure, "document": each.to_json()}
        for structure, each in found.items()
    ]
    if not rows:
        return
    # In order, so that of two who keep the same at once neither waits for the other.
    rows.sort(key=itemgetter("structure"))
    connection.execute(insert_or_replace(connection, rules), rows)
