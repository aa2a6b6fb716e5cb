"""`flask billing`: what the provider has, what it told us, and how the two compare."""

from uuid import UUID

import click
from flask.cli import AppGroup
from sqlalchemy import select

from enferno.billing.account import billing as configured
from enferno.billing.inbox import handle_event
from enferno.billing.models import BillingEvent, EventState
from enferno.billing.providers import Provider
from enferno.billing.reconcile import reconcile
from enferno.billing.twice import billed_twice
from enferno.commands.frame import Refused, command
from enferno.database import now
from enferno.extensions import db

__all__ = ["billing"]

billing = AppGroup("billing", help="Plans, events and the mirror of the provider.")


ADVICE = "end all but one at the provider, and give back what they took"


def seller() -> Provider:
    if not configured().sells:
        raise Refused("Nothing is sold: set BILLING_PROVIDER to local, stripe or chargebee.")
    return configured().provider()


@command("setup")
@click.option("--yes", is_flag=True, help="Make what is missing; without it, only say what that would be.")
def setup(yes: bool) -> None:
    """Make the products and prices of plans.toml at the provider, where they are missing."""
    provider = seller()
    missing = [each for each in provider.compare(configured().catalogue) if each.is_missing]
    if not missing:
        click.echo(f"{provider.key} has every price of plans.toml.")
        return
    for each in missing:
        if yes:
            provider.make_price(each.plan, each.price)
        click.echo(f"{'Made' if yes else 'Would make'} {each.name}")
    if not yes:
        click.echo("Nothing was changed. Run: flask billing setup --yes")


@command("doctor")
def doctor() -> None:
    """Compare plans.toml, the provider and the settings; each difference is a line, and the exit code says if any."""
    provider = seller()
    differences = [each.fault for each in provider.compare(configured().catalogue) if each.fault]
    differences += provider.complaints()
    for row in billed_twice():
        differences.append(f"{row.customer_id} pays for {row.others + 1} subscriptions: {ADVICE}")
    for line in differences:
        click.echo(f"fail  {line}")
    for state, what in ((EventState.PARKED, "were given up"), (EventState.UNREADABLE, "could not be read")):
        if count := db.session.query(BillingEvent).filter(BillingEvent.state == state).count():
            click.echo(f"warn  {count} events {what}. See: flask billing events --state {state}")
    if differences:
        raise Refused(f"{len(differences)} things at {provider.key} are not as they should be.")
    click.echo(f"ok    {provider.key} has what plans.toml says.")


@command("events")
@click.option(
    "--state",
    type=click.Choice(["received", "done", "ignored", "parked", "unreadable"]),
    help="Only events in this state.",
)
@click.option("--limit", default=20, show_default=True, help="How many, the newest first.")
def events(state: str | None, limit: int) -> None:
    """What the providers told us, the newest first."""
    query = select(BillingEvent).order_by(BillingEvent.received_at.desc()).limit(limit)
    found = db.session.scalars(query.where(BillingEvent.state == state) if state else query).all()
    for event in found:
        at = event.received_at.strftime("%Y-%m-%d %H:%M:%S")
        click.echo(
            f"{event.id}  {at}  {event.state:<10} {event.tries:>2}  {event.kind}  {event.last_error or ''}".rstrip()
        )
    if not found:
        click.echo("No events.")


@command("replay")
@click.argument("event_id", type=click.UUID)
def replay(event_id: UUID) -> None:
    """Handle an event again, whatever became of it."""
    event = db.session.get(BillingEvent, event_id)
    if event is None:
        raise Refused(f"There is no event {event_id}. See: flask billing events")
    event.state, event.tries, event.next_try_at = EventState.RECEIVED, 0, now()
    db.session.commit()
    handle_event(event_id)
    db.session.expire_all()
    event = db.session.get_one(BillingEvent, event_id)
    if event.state != EventState.DONE:
        raise Refused(f"The event is {event.state}: {event.last_error or 'it names no workspace of ours'}.")
    click.echo("Done.")


@command("reconcile")
def reconcile_all() -> None:
    """Re-read every subscription from the provider and mend what differs."""
    seller()
    found = list(reconcile())
    for difference in found:
        what = [f"{name} {before} -> {after}" for name, (before, after) in difference.changed.items()]
        if difference.others:
            what.append(f"{difference.customer_id} pays for {difference.others + 1} subscriptions: {ADVICE}")
        click.echo(f"{difference.workspace_id}  {difference.fault or ', '.join(what)}")
    click.echo(f"{len(found)} differed." if found else "Nothing differed.")


for each in (setup, doctor, events, replay, reconcile_all):
    billing.add_command(each)
