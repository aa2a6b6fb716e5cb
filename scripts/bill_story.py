"""The life of one customer at the provider in a box, a picture after each turn of it.

Each `Turn` brings the story on (once), and says where to look and what to do there before the picture is taken.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask
from playwright.sync_api import Page
from sqlalchemy import select

from enferno.access.guards import requires
from enferno.access.permissions import Permission
from enferno.billing.checkout import begin_checkout
from enferno.billing.gates import requires_plan
from enferno.billing.providers.local import bank
from enferno.billing.providers.local.models import LocalSession, LocalSubscription
from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.user.models import User
from enferno.workspace.models import Workspace
from tests.support.client import Browser

__all__ = ["CUSTOMER", "TURNS", "Story", "Turn", "add_example_page"]

CUSTOMER, SLUG = "tom@reyes.example", "reyes-sketches"
COLLEAGUE, TEAM = "jonas@fernhill.example", "/w/fernhill-studio/"
OPERATOR = "superadmin@example.com"
HOME = f"/w/{SLUG}/"
BILLING = f"{HOME}billing"


def add_example_page(app: Flask) -> None:
    """Pages that come with a plan, as a feature would write them; the kit's own features have none."""
    example = Blueprint("example", __name__, url_prefix="/w/<slug>")

    @example.get("/reports")
    @requires(Permission.WORKSPACE_VIEW)
    @requires_plan("pro")
    def reports() -> str:
        return ""

    @example.get("/terms")
    @requires(Permission.WORKSPACE_VIEW)
    @requires_plan("enterprise")
    def terms() -> str:
        return ""

    app.register_blueprint(example)


class Story:
    """What the customer, their bank and the time do."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.checkout = ""
        self.session_id = ""

    def at_the_bank(self, work: Callable[[], Any]) -> Any:
        with self.app.test_request_context():
            done = work()
            db.session.commit()
            return done

    def within(self, work: Callable[[User], Any]) -> Any:
        with self.app.test_request_context():
            workspace_id = db.session.scalars(select(Workspace.id).where(Workspace.slug == SLUG)).one()
            user = db.session.scalars(select(User).where(User.email == CUSTOMER)).one()
            with in_workspace(workspace_id):
                done = work(user)
                db.session.commit()
                return done

    def fill_projects(self) -> None:
        customer = Browser(self.app).sign_in(CUSTOMER)
        for name in ("Atlas", "Portraits", "Winter show"):
            customer.post(f"/api/v1/workspaces/{SLUG}/projects", json={"name": name})

    def begin(self, plan: str) -> None:
        def work(user: User) -> tuple[str, str]:
            begun = begin_checkout(plan, "month", "eur", by=user)
            return str(begun.checkout.id), str(begun.checkout.session_id)

        self.checkout, self.session_id = self.within(work)

    def pay(self, card: str) -> None:
        self.at_the_bank(lambda: bank.pay(db.session.get_one(LocalSession, self.session_id), card) and None)

    def subscription(self) -> LocalSubscription:
        session = db.session.get_one(LocalSession, self.session_id)
        return db.session.get_one(LocalSubscription, session.subscription_id)

    def later(self, days: float) -> None:
        self.at_the_bank(lambda: bank.move_clock(timedelta(days=days)))

    def change_card(self, card: str) -> None:
        self.at_the_bank(lambda: bank.change_card(self.subscription().customer, card))

    def give_notice(self) -> None:
        self.at_the_bank(lambda: bank.cancel_at_end(self.subscription()))

    def portal(self) -> str:
        return str(self.at_the_bank(lambda: f"/dev/billing/portal/{self.subscription().customer_id}"))


@dataclass(frozen=True)
class Turn:
    """A picture: `before` moves the story on, `path` is where to look, `act` what to do there first."""

    name: str
    path: str | Callable[[Story], str]
    who: str = CUSTOMER
    before: Callable[[Story], None] | None = None
    act: Callable[[Page], None] | None = None


def decline(page: Page) -> None:
    page.get_by_label("Is declined").check()
    page.locator("form .box-button").click()


def open_cancel(page: Page) -> None:
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("alertdialog").wait_for()


def open_event(page: Page) -> None:
    page.locator(".kit-row-link").first.click()
    page.get_by_role("dialog").wait_for()


TURNS = (
    Turn("bills-free", BILLING),
    Turn("bills-limit", f"{HOME}projects", before=Story.fill_projects),
    Turn("bills-upgrade", f"{HOME}reports"),
    Turn("bills-upgrade-ask", f"{TEAM}terms", who=COLLEAGUE),
    Turn(
        "bills-declined",
        lambda story: f"/dev/billing/checkout/{story.session_id}",
        before=lambda story: story.begin("starter"),
        act=decline,
    ),
    Turn(
        "bills-checkout",
        lambda story: f"/dev/billing/checkout/{story.session_id}",
        before=lambda story: story.begin("pro"),
    ),
    Turn("bills-confirming", lambda story: f"{BILLING}?checkout={story.checkout}"),
    Turn("bills-trial", BILLING, before=lambda story: story.pay("fails_at_renewal")),
    Turn("bills-trial-ending", HOME, before=lambda story: story.later(11)),
    Turn("bills-past-due", BILLING, before=lambda story: story.later(4)),
    Turn("bills-portal", Story.portal),
    Turn("bills-active", BILLING, before=lambda story: story.change_card("works")),
    Turn("bills-cancel", BILLING, act=open_cancel),
    Turn("bills-resume", BILLING, before=Story.give_notice),
    Turn("bills-operator", "/superadmin/billing", who=OPERATOR),
    Turn("bills-event", "/superadmin/billing/events", who=OPERATOR, act=open_event),
    Turn("bills-desk", "/dev/billing", who=""),
)
