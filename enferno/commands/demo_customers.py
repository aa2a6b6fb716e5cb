"""Other customers of the demo's product, so that the operator's pages have something to tell.

Each has a workspace and lived through some weeks at the provider in a box: paid, tried, changed nothing, or left.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from enferno.billing import demo as bills
from enferno.commands import accounts
from enferno.commands.demo_story import date, days_ago
from enferno.database import now
from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.user.administration import generate_password
from enferno.workspace.founding import found_workspace
from enferno.workspace.models import Activity

__all__ = ["CUSTOMERS", "furnish_customers"]


@dataclass(frozen=True)
class Customer:
    """A workspace of one person, what it bought how many days ago, and when it gave notice."""

    workspace: str
    owner: str
    email: str
    came: int
    bought: int | None = None
    trial: bool = False
    interval: str = "month"
    card: str = "works"
    gave_notice: int | None = None


CUSTOMERS = (
    Customer("Nordlicht Yoga", "Lena Vogt", "lena@nordlicht.example", came=66, bought=64),
    Customer("Bakery Aurora", "Chiara Russo", "chiara@aurora.example", came=56, bought=52, trial=True),
    Customer("Halden & Sons", "Erik Halden", "erik@halden.example", came=49, bought=47, interval="year"),
    Customer("Paperboat", "Sam Okoro", "sam@paperboat.example", came=44, bought=44, gave_notice=40),
    Customer("Kitescope", "Noor Haddad", "noor@kitescope.example", came=34, bought=34, card="fails_at_renewal"),
    Customer("Juniper Labs", "Ines Duarte", "ines@juniper.example", came=11, bought=9, trial=True),
    Customer("Reyes Sketches", "Tom Reyes", "tom@reyes.example", came=3),
)

LOOK_EVERY_DAYS = 4


def furnish_customers() -> None:
    """Make them, and let their weeks pass at the provider in a box; commits as it goes."""
    homes = {customer: settle(customer) for customer in CUSTOMERS}
    if not bills.can_tell():
        return
    told = {day for customer in CUSTOMERS for day in (customer.bought, customer.gave_notice) if day is not None}
    # In between, a look now and then finds what the time brought: renewals, failures, endings.
    for day in sorted(told | set(range(0, max(told), LOOK_EVERY_DAYS)), reverse=True):
        with bills.on_the_day(day):
            for customer, workspace_id in homes.items():
                if customer.bought is not None and customer.bought >= day:
                    live(customer, workspace_id, day)


def settle(customer: Customer) -> UUID:
    """The person and the workspace, made on the day they came."""
    # One session serves one workspace: each gets its own.
    db.session.commit()
    db.session.remove()
    user = accounts.make(customer.email, generate_password(), customer.owner)
    user.created_at = user.confirmed_at = days_ago(customer.came)
    workspace = found_workspace(user, customer.workspace)
    workspace.created_at = days_ago(customer.came)
    db.session.commit()
    with in_workspace(workspace.id) as own:
        own.membership_of(user.id).created_at = own.created_at
        date(user, own.created_at)
    return workspace.id


def live(customer: Customer, workspace_id: UUID, day: int) -> None:
    """What the customer does that day, and what their bills say of it."""
    with in_workspace(workspace_id) as workspace:
        owner = db.session.scalars(workspace.memberships()).one().user
        if day == customer.bought:
            bills.subscribe(owner, trial=customer.trial, interval=customer.interval, card=customer.card)
        elif day == customer.gave_notice:
            bills.give_notice()
        bills.look_again()
        db.session.flush()
        recent = Activity.created_at > now() - timedelta(hours=1)
        for told in db.session.scalars(select(Activity).where(recent)):
            told.created_at = days_ago(day)
