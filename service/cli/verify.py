"""`gradgrade verify`."""

from dataclasses import asdict

import rich_click as click

from gradgrade.service.cli.options import format_option
from gradgrade.service.cli.output import print_json, print_table, progress

CANNOT_GRADE = 3


@click.command()
@click.option("--full", is_flag=True, help="Prove large networks entry by entry.")
@format_option()
def verify(full: bool, form: str) -> int:
    """Prove the oracle on this machine, check by check; exits with 3 if any fails."""
    from gradgrade.problems.self_check import checks

    results = [check.run() for check in progress(checks(full=full), "Verifying")]
    failed = sum(not result.passed for result in results)
    if form == "json":
        print_json([asdict(result) for result in results])
    else:
        rows = (
            [each.subject, each.name, "passed" if each.passed else "FAILED", each.detail]
            for each in results
        )
        print_table(["subject", "check", "result", "detail"], rows)
        click.echo(f"{len(results)} checks, {failed} failed")
    return CANNOT_GRADE if failed else 0
