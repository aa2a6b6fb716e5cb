"""`flask routes`: every address, and who may call it."""

from typing import Any

import click
from flask import current_app
from flask.cli import routes_command, with_appcontext
from werkzeug.routing import Rule

from enferno.access.guards import guard_of

__all__ = ["routes", "take_over"]

COLUMNS = ("Endpoint", "Methods", "Rule", "Guard")
# What Flask's own command knows: its options are read before ours is there to be asked.
SORTED_BY = {"endpoint": 0, "methods": 1, "rule": 2}


def listing(sort: str = "endpoint", all_methods: bool = False, **_more: Any) -> None:
    hidden = set() if all_methods else {"HEAD", "OPTIONS"}
    rows = [described(rule, hidden) for rule in current_app.url_map.iter_rules()]
    if sort in SORTED_BY:
        rows.sort(key=lambda row: (row[SORTED_BY[sort]], row))
    table = [COLUMNS, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(COLUMNS))]
    for row in [COLUMNS, tuple("-" * width for width in widths), *rows]:
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


def described(rule: Rule, hidden: set[str]) -> tuple[str, ...]:
    methods = ", ".join(sorted((rule.methods or set()) - hidden))
    return rule.endpoint, methods, rule.rule, str(guard_of(rule.endpoint))


routes = click.Command(
    "routes",
    callback=with_appcontext(listing),
    help="Show every route, its methods and its guard.",
    params=[
        click.Option(
            ["--sort", "-s"], type=click.Choice([*SORTED_BY, "match"]), default="endpoint", help="Sort by this."
        ),
        click.Option(["--all-methods"], is_flag=True, help="Show HEAD and OPTIONS too."),
    ],
)


def take_over() -> None:
    """Let `flask routes` run the command above.

    Flask asks its own commands before those of an application, and its `routes` loads the application only while
    it runs. That moment is now: what it is about to call is replaced.
    """
    context = click.get_current_context(silent=True)
    if context is not None and context.command is routes_command:
        context.invoke = lambda _its_own, **options: listing(**options)  # type: ignore[assignment, method-assign]
