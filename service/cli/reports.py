"""Printing the reports of `generate --report`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import rich_click as click

from gradgrade.service.cli.output import print_json, print_table

if TYPE_CHECKING:
    from gradgrade.problems.gates.rules import Finding
    from gradgrade.problems.variants.report import Report

CHECKED_FAST = (
    "the solutions were checked fast: by running errors, and some by the reference (docs/proof.md)"
)


def print_reports(reports: Sequence[Report], form: str) -> None:
    """Print reports as JSON, or as tables: the exercises, then what no draw can show."""
    from gradgrade.problems.documents.text import printable

    if form == "json":
        print_json([_document(each) for each in reports])
        return
    print_table(
        ["exercise", "variants", "draws", "accepted", "accuracy lost", "rejected for"],
        [_row(each) for each in reports],
    )
    for each in reports:
        click.echo(f"\n{printable(each.exercise)}: {_parts(each)}")
        if each.check == "fast":
            click.echo(f"{printable(each.exercise)}: {CHECKED_FAST}")
        for warning in each.warnings:
            click.echo(f"Warning: {printable(warning)}")
        if each.to_mend:
            click.echo(f"\n{printable(each.exercise)}: not gated, since no draw can help")
            print_table(
                ["what", "where", "draws", "is the case", "what would change it"],
                map(_finding, each.to_mend),
            )


def _document(report: Report) -> dict[str, Any]:
    derived = {"acceptance": report.acceptance, "warnings": report.warnings}
    return asdict(report) | derived


def _parts(report: Report) -> str:
    """Return how far off an entry may be in each part, and what needs no backward pass."""
    widest = ", ".join(
        f"{name} -" if share is None else f"{name} {share:.1g}"
        for name, share in report.widest_bands.items()
    )
    return (
        f"{report.forward_share:.0%} of the points need no backward pass; widest band of a part, "
        f"as a share of the value: {widest}"
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
