"""`flask demo`: the workspace that a newcomer looks around in."""

import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask_security import verify_password
from sqlalchemy import select, text

from enferno.app import create_app
from enferno.billing.models import BillingEvent, Subscription
from enferno.billing.providers.local import bank
from enferno.commands import demo_story
from enferno.commands.demo_customers import CUSTOMERS
from enferno.commands.install import SUPERADMIN_EMAIL
from enferno.database import now
from enferno.extensions import db
from enferno.features import Feature
from enferno.settings import Settings
from enferno.tenancy import current_workspace, in_workspace, unscoped
from enferno.user.models import User
from enferno.workspace.events import WorkspaceSuspended
from enferno.workspace.models import Activity, Membership, Workspace
from tests.commands.conftest import Shell
from tests.support import databases
from tests.support.client import Browser
from tests.support.world import World


def demo_workspace(app: Flask) -> Any:
    with app.app_context():
        return db.session.scalars(select(Workspace.id).where(Workspace.name == demo_story.WORKSPACE)).one()


def test_the_demo_has_people_in_every_role_and_weeks_of_history(app: Flask, shell: Shell) -> None:
    assert shell("demo").exit_code == 0
    with app.app_context(), in_workspace(demo_workspace(app)) as workspace:
        assert workspace.is_team
        assert {member.role for member in db.session.scalars(select(Membership))} == {"owner", "admin", "member"}
        history = db.session.scalars(select(Activity).order_by(Activity.created_at)).all()
        assert all(activity.actor_id and activity.actor_name for activity in history)
        assert history[0].kind == "workspace.created"
        assert now() - history[0].created_at > timedelta(weeks=5)
        assert len({activity.created_at.date() for activity in history}) >= 6
        assert max(activity.created_at for activity in history) <= now()


def test_nobody_did_anything_before_they_came(app: Flask, shell: Shell) -> None:
    shell("demo")
    with app.app_context(), in_workspace(demo_workspace(app)):
        came = {member.user_id: member.created_at for member in db.session.scalars(select(Membership))}
        for activity in db.session.scalars(select(Activity)):
            assert activity.created_at >= came[activity.actor_id]


def test_both_sign_ins_are_written_down_for_their_owner_alone_and_let_in(
    app: Flask, shell: Shell, settings: Settings
) -> None:
    output = shell("demo").output
    file = settings.instance_path / "demo-credentials.json"
    accounts = json.loads(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(accounts) == ["superadmin", "member"]
    for account in accounts.values():
        assert account["email"] in output
        assert account["password"] in output
    # The demo's member meets a furnished workspace, the superadmin the installation.
    member = Browser(app).sign_in(accounts["member"]["email"])
    assert member.get("/app").headers["Location"].endswith("/w/fernhill-studio/")
    assert Browser(app).sign_in(accounts["superadmin"]["email"]).get("/superadmin/").status_code == 200


def test_a_second_demo_is_refused_and_changes_nothing(app: Flask, shell: Shell, settings: Settings) -> None:
    shell("demo")
    before = (settings.instance_path / "demo-credentials.json").read_text()
    again = shell("demo")
    assert again.exit_code == 1
    assert "is here already" in again.output
    assert (settings.instance_path / "demo-credentials.json").read_text() == before


@pytest.fixture
def shop(settings: Settings) -> Iterator[Flask]:
    """A demo whose plans are sold by the provider in a box."""
    app = create_app(replace(settings, billing_provider="local"))
    result = app.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 0, result.output
    yield app
    databases.dispose(app)


def test_other_customers_lived_through_every_state_of_a_subscription(shop: Flask) -> None:
    with shop.app_context(), unscoped("a test that looks at every customer"):
        rows = db.session.execute(select(Workspace.name, Subscription.state, Subscription.interval).join(Subscription))
        states = {name: (state, interval) for name, state, interval in rows}
        told = db.session.scalars(select(Activity).where(Activity.kind == "billing.changed")).all()
        assert {activity.payload["change"] for activity in told} >= {"started", "trial_paid", "payment_failed", "ended"}
        assert max(activity.created_at for activity in told) <= now()
        assert len({activity.created_at.date() for activity in told}) >= 7
    assert states == {
        demo_story.WORKSPACE: ("trialing", "month"),
        "Nordlicht Yoga": ("active", "month"),
        "Bakery Aurora": ("active", "month"),
        "Halden & Sons": ("active", "year"),
        "Paperboat": ("cancelled", "month"),
        "Kitescope": ("past_due", "month"),
        "Juniper Labs": ("trialing", "month"),
    }


def test_the_providers_clock_says_the_time_again_afterwards(shop: Flask) -> None:
    with shop.app_context():
        assert bank.books().ahead == timedelta(0)
        assert {event.state for event in db.session.scalars(select(BillingEvent))} == {"done"}


def test_where_nothing_is_sold_the_other_customers_have_no_subscription(app: Flask, shell: Shell) -> None:
    assert shell("demo").exit_code == 0
    with app.app_context(), unscoped("a test that looks at every customer"):
        assert db.session.query(Workspace).count() == len(CUSTOMERS) + 1
        assert db.session.query(Subscription).count() == 0


def test_each_feature_shows_itself_inside_the_demo_workspace(app: Flask, shell: Shell) -> None:
    seen: dict[str, Any] = {}

    def example(people: list[User]) -> None:
        seen["workspace"], seen["people"] = current_workspace.name, [user.display_name for user in people]
        WorkspaceSuspended().record()

    app.extensions["features"] = {"example": Feature(name="example", demo=example)}
    assert shell("demo").exit_code == 0
    assert seen == {"workspace": demo_story.WORKSPACE, "people": [person.name for person in demo_story.PEOPLE]}
    with app.app_context(), in_workspace(demo_workspace(app)):
        told = db.session.scalars(select(Activity).where(Activity.kind == "workspace.suspended")).one()
        assert told.actor_name
        assert now() - told.created_at > timedelta(days=1)


def test_a_feature_that_stumbles_leaves_no_half_made_demo(
    app: Flask, shell: Shell, settings: Settings, outside: Any
) -> None:
    def broken(people: list[User]) -> None:
        raise ZeroDivisionError

    app.extensions["features"] = {"example": Feature(name="example", demo=broken)}
    assert isinstance(shell("demo").exception, ZeroDivisionError)
    assert outside.scalar(text("SELECT count(*) FROM users")) == 0
    assert not (settings.instance_path / "demo-credentials.json").exists()


def test_production_gets_no_demo_people(app: Flask, shell: Shell, settings: Settings, outside: Any) -> None:
    app.extensions["settings"] = replace(settings, env="production")
    result = shell("demo")
    assert result.exit_code == 1
    assert "no place in production" in result.output
    assert shell("install").output == "Error: Name the superadmin's address: flask install -e EMAIL\n"
    assert outside.scalar(text("SELECT count(*) FROM users")) == 0


def test_an_installation_with_a_superadmin_keeps_its_own(app: Flask, shell: Shell, settings: Settings) -> None:
    file = settings.instance_path / "demo-credentials.json"
    shell("install")
    installed = json.loads(file.read_text())
    assert shell("demo").exit_code == 0
    both = json.loads(file.read_text())
    assert list(both) == ["superadmin", "member"]
    assert both["superadmin"] == installed["superadmin"]


def test_a_second_database_beside_the_first_takes_the_same_sign_ins(
    app: Flask, shell: Shell, settings: Settings
) -> None:
    """One clone can run on SQLite and on PostgreSQL by turns; the box shows one pair of sign-ins."""
    file = settings.instance_path / "demo-credentials.json"
    kept = {"superadmin": {"email": SUPERADMIN_EMAIL, "password": "kelp-anvil-27-sunrise"}}
    kept["member"] = {"email": demo_story.PEOPLE[0].email, "password": "moss-ferry-81-lantern"}
    file.write_text(json.dumps(kept))
    output = shell("demo").output
    assert json.loads(file.read_text()) == kept
    assert "kelp-anvil-27-sunrise" in output
    with app.app_context():
        for account in kept.values():
            user = db.session.scalars(select(User).where(User.email == account["email"])).one()
            assert verify_password(account["password"], user.password)


def test_the_demo_stands_beside_what_is_there(app: Flask, shell: Shell, world: World) -> None:
    assert shell("demo").exit_code == 0
    with app.app_context(), in_workspace(world.acme.id):
        assert db.session.query(Membership).count() == 3
