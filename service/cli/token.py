"""`gradgrade token`."""

from __future__ import annotations

from datetime import datetime

import rich_click as click

from gradgrade.service.cli.course.here import opened_course
from gradgrade.service.cli.options import (
    TEXT,
    Whole,
    config_option,
    database_option,
    format_option,
    moment_of,
    student_of,
)
from gradgrade.service.cli.output import print_json, print_table
from gradgrade.service.store.identities import TokenRow
from gradgrade.service.store.roles import ROLES, Role


@click.group()
def token() -> None:
    """Make, list and revoke the tokens of a course."""


@token.command()
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the token allows.")
@click.option(
    "--problem-set", type=TEXT, metavar="NAME", help="The one set that a token for CI is for."
)
@click.option("--student", type=TEXT, metavar="ID", help="The student whose it is.")
@click.option("--expires", metavar="DATE", help="Its last day (UTC), or a moment with its zone.")
@database_option()
@config_option()
@format_option()
def create(
    role: Role,
    problem_set: str | None,
    student: str | None,
    expires: str | None,
    database: str | None,
    config: str | None,
    form: str,
) -> None:
    """Make a token and print it, which nobody can do again."""
    from gradgrade.service.course.people.tokens import create_token

    end = None if expires is None else moment_of("--expires", expires)
    with (
        opened_course(database=database, config=config, makes=True) as (backend, actor),
        backend.store.writing() as connection,
    ):
        row, text = create_token(
            connection,
            actor,
            role=role,
            now=backend.clock(),
            problem_set=problem_set,
            student=None if student is None else student_of("--student", student),
            expires=end,
        )
    if form == "json":
        print_json({"token": text, "id": row, "role": role})
    else:
        click.echo(text)


@token.command("list")
@database_option()
@config_option()
@format_option()
def list_(database: str | None, config: str | None, form: str) -> None:
    """List the tokens: what they allow, never what they are."""
    from gradgrade.service.course.people.tokens import list_tokens

    with (
        opened_course(database=database, config=config) as (backend, actor),
        backend.store.reading() as connection,
    ):
        found = list_tokens(connection, actor)
    rows = [
        {
            "id": each.row,
            "role": each.role,
            "student": each.student,
            "problem_set": each.problem_set,
            "created_at": each.created_at.isoformat(),
            "expires_at": _iso(each.expires_at),
            "revoked_at": _iso(each.revoked_at),
        }
        for each in found
    ]
    if form == "json":
        print_json(rows)
    else:
        columns = ("id", "role", "student", "problem_set", "created_at", "expires_at", "revoked_at")
        print_table(columns, [[str(row[name] or "") for name in columns] for row in rows])


@token.command()
@click.argument("identity", metavar="ID", type=Whole(min=1, max=2**62))
@database_option()
@config_option()
def revoke(identity: int, database: str | None, config: str | None) -> None:
    """Revoke the token of this id, as `token list` shows it."""
    from gradgrade.service.course.people.tokens import revoke_token

    with (
        opened_course(database=database, config=config) as (backend, actor),
        backend.store.writing() as connection,
    ):
        revoke_token(connection, actor, token=TokenRow(identity), now=backend.clock())
    click.echo(f"token {identity} is revoked")


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
