"""`flask doctor`: what works, what does not, and what to do about it."""

import click
from flask.cli import with_appcontext

from enferno.commands.checks import CHECKS, FAIL, Check, Finding

__all__ = ["doctor"]


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Check the installation, a line for each part; the exit code is 1 when something fails."""
    findings = [finding for part, check in CHECKS for finding in examined(part, check)]
    wide = max(len(finding.part) for finding in findings)
    for finding in findings:
        remedy = f". {finding.remedy}" if finding.remedy else ""
        click.echo(f"{finding.level:<4}  {finding.part:<{wide}}  {finding.text}{remedy}")
    if any(finding.level == FAIL for finding in findings):
        raise click.exceptions.Exit(1)


def examined(part: str, check: Check) -> list[Finding]:
    """What a check found. One that stumbles is a finding itself, and the others still get their turn."""
    try:
        return [Finding(part, *found) for found in check()]
    except Exception as fault:
        return [Finding(part, FAIL, f"could not be checked ({type(fault).__name__})", "See the log.")]
