"""Regrades: everything that was handed in to a set, graded anew under the set as it stands.

A regrade is worked in pieces, each kept in a transaction of its own: verdicts that do not stand
yet. One last transaction makes all of them stand and moves the variants. Until then nobody sees
anything of it, and whoever was interrupted begins again and goes on.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from sqlalchemy import Connection, delete, func, insert, select, update

from gradgrade.service.course.actor import Actor
from gradgrade.service.course.audit import log_change
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import Conflict
from gradgrade.service.course.regrades.flip import flip, flip_back, hold_all
from gradgrade.service.course.regrades.piece_work import regrade
from gradgrade.service.course.regrades.pieces import (
    cut,
    definition,
    keep_regraded,
    read_piece,
    read_pieces,
    redefined,
    to_do,
)
from gradgrade.service.course.regrades.record import Regrade, find_regrade, running
from gradgrade.service.course.regrades.report import Report, report_on
from gradgrade.service.course.regrades.trial import check_size, trial_of
from gradgrade.service.course.sets.problem_sets import find
from gradgrade.service.jobs import Run
from gradgrade.service.store.identities import (
    ProblemSetRow,
    RegradeId,
    SubmissionRow,
    VariantRow,
)
from gradgrade.service.store.schema import (
    problem_sets,
    regraded_variants,
    regrades,
    submissions,
    verdicts,
)

ROUNDS = 3
"""How often it is looked for what came in, each time while less of it could; then comes the end."""


def apply(
    backend: Backend,
    actor: Actor,
    name: str,
    run: Run,
    *,
    never_lower: bool = False,
    most: int | None = None,
) -> Report:
    """Regrade a set; a regrade of it that was interrupted is gone on with.

    Args:
        backend: the backend.
        actor: who asks for it.
        name: the set's.
        run: who grades; see `gradgrade.service.jobs.workers`.
        never_lower: whether a verdict stays where the points would fall.
        most: how many submissions, or variants, there may be.

    Raises:
        NotFound: there is no such set.
        Conflict: there are more than `most`; another regrade of the set is running; or this one
            was begun anew meanwhile, the set having been replaced.
    """
    begun = begin(backend, actor, name, never_lower=never_lower, most=most)
    with backend.store.reading() as connection:
        seen = redefined(connection, begun)
    return finish(backend, actor, begun, run, seen=seen, unreadable=set())


def finish(
    backend: Backend,
    actor: Actor,
    begun: Regrade,
    run: Run,
    *,
    seen: set[VariantRow],
    unreadable: set[SubmissionRow],
) -> Report:
    """Grade what is left of a regrade that was begun, and make all of it stand.

    Args:
        backend: the backend.
        actor: who asks for it.
        begun: the regrade.
        run: who grades.
        seen: the rows of variants that need not be done for their own sake any more.
        unreadable: the rows of submissions that were found not to be gradable.

    Raises:
        Conflict: it was begun anew meanwhile, the set having been replaced.
    """
    with backend.store.reading() as connection:
        document = definition(connection, begun)
    for _ in range(ROUNDS):
        with backend.store.reading() as connection:
            wanted = to_do(connection, begun, seen, unreadable)
        for done in run(regrade, read_pieces(backend, begun, wanted)):
            with backend.store.writing() as connection:
                if is_running(connection, begun):
                    keep_regraded(connection, begun, done, now=backend.clock())
            seen.update(done.seen)
            unreadable.update(done.unreadable)
    with backend.store.writing() as connection:
        if not is_running(connection, begun):  # somebody else who went on with it was sooner
            assert begun.id is not None
            return report_on(connection, find_regrade(connection, actor, begun.id))
        hold_all(connection, begun)
        for part in cut(to_do(connection, begun, seen, unreadable)):
            last = regrade(read_piece(connection, begun, document, part))
            keep_regraded(connection, begun, last, now=backend.clock())
        return _settle(connection, backend, actor, begun)


def reverse(backend: Backend, actor: Actor, identity: RegradeId) -> Report:
    """Take a regrade back: verdicts and variants are again what they were before it.

    What was handed in after it keeps its own verdicts.

    Raises:
        NotFound: there is no such regrade.
        Conflict: it is not applied, or a later one of the set stands or is running.
    """
    now = backend.clock()
    with backend.store.writing() as connection:
        _hold_set(connection, find_regrade(connection, actor, identity).problem_set_row)
        found = find_regrade(connection, actor, identity)
        if found.state != "applied":
            raise Conflict(f"the regrade is {found.state}, and only an applied one can be reversed")
        later = select(regrades.c.public_id).where(
            regrades.c.problem_set_id == found.problem_set_row,
            regrades.c.id > found.row,
            regrades.c.state != "reversed",
        )
        after = connection.execute(later.order_by(regrades.c.id.desc()).limit(1)).scalar()
        if after is not None:
            raise Conflict(f"regrade {after} came later: it must be reversed first")
        hold_all(connection, found)
        flip_back(connection, found)
        taken_back = replace(found, state="reversed", settled_at=now)
        _set_state(connection, taken_back)
        told = report_on(connection, taken_back)
        _audit(connection, backend, actor, found, "regrade.reversed", changed=told.changed)
    return told


def begin(
    backend: Backend, actor: Actor, name: str, *, never_lower: bool, most: int | None = None
) -> Regrade:
    """Return the regrade of a set that is running, or begin one; anew, where the set was replaced.

    Raises:
        NotFound: there is no such set.
        Conflict: there is more than `most`, or another is running.
    """
    with backend.store.writing() as connection:
        _hold_set(connection, find(connection, actor, name).row)
        held = find(connection, actor, name)
        begun = running(connection, held.row)
        if begun is not None and begun.never_lower != never_lower:
            raise Conflict(
                f"regrade {begun.id} of {name!r} is running, with "
                f"never_lower={begun.never_lower}: it must come to its end first"
            )
        trial = trial_of(held, never_lower=never_lower)
        if begun is None or (begun.version, begun.grader) != (trial.version, trial.grader):
            check_size(to_do(connection, trial), name, most)
            return _write(connection, backend, actor, trial, begun)
        check_size(to_do(connection, begun), name, most)
        return begun


def _write(
    connection: Connection, backend: Backend, actor: Actor, trial: Regrade, begun: Regrade | None
) -> Regrade:
    """Write down that a regrade begins; one that had begun under another definition, anew."""
    last = select(func.coalesce(func.max(submissions.c.id), 0)).where(
        submissions.c.problem_set_id == trial.problem_set_row
    )
    stated = {
        "token_id": actor.token,
        "created_at": backend.clock(),
        "version": trial.version,
        "grader": trial.grader,
        "last_submission": connection.execute(last).scalar_one(),
    }
    if begun is None:
        made = insert(regrades).values(
            public_id=secrets.token_hex(16),
            problem_set_id=trial.problem_set_row,
            state="running",
            never_lower=trial.never_lower,
            **stated,
        )
        connection.execute(made)
    else:
        _drop(connection, begun)
        connection.execute(update(regrades).where(regrades.c.id == begun.row).values(**stated))
    written = running(connection, trial.problem_set_row)
    assert written is not None
    _audit(connection, backend, actor, written, "regrade.begun", never_lower=written.never_lower)
    return written


def abandon(backend: Backend, actor: Actor, identity: RegradeId) -> None:
    """Leave a regrade that was begun: what it came to is dropped, and nothing has changed.

    Raises:
        NotFound: there is no such regrade.
        Conflict: it is applied already.
    """
    with backend.store.writing() as connection:
        _hold_set(connection, find_regrade(connection, actor, identity).problem_set_row)
        found = find_regrade(connection, actor, identity)
        if found.state != "running":
            raise Conflict(f"the regrade is {found.state}: it can be reversed, but not left")
        _drop(connection, found)
        connection.execute(delete(regrades).where(regrades.c.id == found.row))
        _audit(connection, backend, actor, found, "regrade.abandoned")


def _drop(connection: Connection, begun: Regrade) -> None:
    """Drop what a regrade that was never applied has come to."""
    for table in (verdicts, regraded_variants):
        connection.execute(delete(table).where(table.c.regrade_id == begun.row))


def _settle(connection: Connection, backend: Backend, actor: Actor, begun: Regrade) -> Report:
    """Make everything stand, and return what it came to: after the commit nothing is read.

    Whoever hands something in holds their variant until it is kept, and spends their attempt only
    where the variant's version is the one that they were graded under. Here all variants are held,
    so what was being kept is there by now and is graded in this transaction, and what comes later
    finds its variant moved and is graded anew. On SQLite a single lock does the same.
    """
    settled = replace(begun, state="applied", settled_at=backend.clock())
    flip(connection, begun)
    _set_state(connection, settled)
    told = report_on(connection, settled)
    counts = {name: getattr(told, name) for name in ("submissions", "changed", "kept")}
    counts["unreadable"] = len(told.unreadable)
    _audit(connection, backend, actor, begun, "regrade.applied", **counts)
    return told


def is_running(connection: Connection, begun: Regrade) -> bool:
    """Tell whether a regrade is still to be applied; it stays so during this transaction.

    Raises:
        Conflict: it was begun anew by somebody else.
    """
    wanted = select(regrades.c.state, regrades.c.version, regrades.c.grader)
    row = connection.execute(
        wanted.where(regrades.c.id == begun.row).with_for_update(key_share=True)
    ).one()
    if (row.version, row.grader) != (begun.version, begun.grader):
        raise Conflict(f"regrade {begun.id} was begun anew, to version {row.version} of the set")
    return bool(row.state == "running")


def _hold_set(connection: Connection, problem_set: ProblemSetRow) -> None:
    """Let nobody else begin or reverse a regrade of a set during this transaction."""
    wanted = select(problem_sets.c.id).where(problem_sets.c.id == problem_set)
    connection.execute(wanted.with_for_update(key_share=True)).all()


def _set_state(connection: Connection, settled: Regrade) -> None:
    changed = update(regrades).where(regrades.c.id == settled.row)
    connection.execute(changed.values(state=settled.state, settled_at=settled.settled_at))


def _audit(
    connection: Connection,
    backend: Backend,
    actor: Actor,
    found: Regrade,
    action: str,
    **detail: object,
) -> None:
    log_change(
        connection,
        actor,
        now=backend.clock(),
        action=action,
        name=found.problem_set,
        regrade=found.id,
        version=found.version,
        **detail,
    )
