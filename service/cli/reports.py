"""Printing the reports of `generate --report`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import rich_click as click

from gradgrade.service.cli.output import print_json, print_table

if TYPE_CHECKING:
    from gradgrade.problems.gates.rules import Finding
    from gradgrade.problems.variants.report import Report


def print_reports(reports: Sequence[Report], form: str) -> None:
    """Print reports as JSON, or as tables: the exercises, then what no draw can show."""
    from gradgrade.problems.documents.text import printable
    from gradgrade.problems.variants.report import few_variants

    if form == "json":
        print_json([asdict(each) | {"acceptance": each.acceptance} for each in reports])
        return
    print_table(
        ["exercise", "variants", "draws", "accepted", "accuracy lost", "rejected for"],
        [_row(each) for each in reports],
    )
    for each in reports:
        if few := few_variants(each.exercise, each.variety):
            click.echo(f"\n{printable(few)}")
        if each.findings:
            click.echo(f"\n{printable(each.exercise)}: not gated, since no draw can help")
            print_table(
                ["what", "where", "draws", "is the case", "what would change it"],
                map(_finding, each.findings),
            )


def _finding(finding: Finding) -> list[str]:
    share = f"{finding.share:.0%}"
    return [finding.gate, finding.subject, share, finding.text, finding.advice]


def _row(report: Report) -> list[str]:
    reasons = ", ".join(f"{reason} {count}" for reason, count in report.reasons.items())
    return [
        report.exercise,
        str(report.variants),
        str(report.attempts),
        f"{report.acceptance:.0%}",
        f"{report.lost_largest:.0e}, median {report.lost_median:.0e}",
        reasons or "-",
    ]
