"""Seats and endings: what is paid for follows who is there. The numbers are those of the billing cases."""

import pytest
from sqlalchemy import delete

from enferno.billing.closing import close_orphaned_accounts
from enferno.billing.seats import follow_members, follow_members_everywhere, price_of_one_more
from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.user.models import User
from enferno.workspace.models import Membership, Workspace


@pytest.fixture
def seats(shop):
    """Acme has three members and bought one seat of a plan that counts them."""
    one = shop.buy(shop.world.acme, "pro")
    shop.deliver()
    return one


def test_case_34_the_quantity_follows_the_members(shop, seats):
    assert shop.quantity(seats) == 1
    with shop.app.app_context():
        follow_members.queue(shop.world.acme.id)
        db.session.commit()
    assert shop.quantity(seats) == 3
    assert shop.subscription(shop.world.acme)["quantity"] == 3


def test_case_34_the_daily_round_mends_what_a_lost_task_left_behind(shop, seats):
    with shop.app.app_context(), in_workspace(shop.world.acme.id) as workspace:
        workspace.membership_of(shop.world.acme.member.id).leave()
    with shop.app.app_context():
        follow_members_everywhere()
    assert shop.quantity(seats) == 2


def test_case_34_nothing_is_asked_of_the_provider_when_nothing_differs(shop, seats):
    with shop.app.app_context():
        follow_members_everywhere()
        asked = len(shop.provider.requests)
        follow_members_everywhere()
    assert len(shop.provider.requests) == asked


def test_the_price_of_one_more_is_known_before_it_is_taken(shop, seats):
    with shop.app.app_context(), in_workspace(shop.world.acme.id):
        assert price_of_one_more() == (1900, "eur")
    with shop.app.app_context(), in_workspace(shop.world.noise.id):
        assert price_of_one_more() is None


def test_case_31_a_deleted_workspace_pays_no_more(shop, seats):
    with shop.app.app_context():
        db.session.delete(db.session.get_one(Workspace, shop.world.acme.id))
        db.session.commit()
        close_orphaned_accounts()
    assert shop.has_ended(seats)


def test_case_31_however_the_workspace_was_deleted(shop, seats, outside):
    outside.execute(delete(Workspace).where(Workspace.id == shop.world.acme.id))
    outside.commit()
    with shop.app.app_context():
        close_orphaned_accounts()
    assert shop.has_ended(seats)


def test_case_31_a_provider_that_is_away_is_asked_again_until_it_ended_the_subscription(shop, seats):
    with shop.app.app_context():
        db.session.delete(db.session.get_one(Workspace, shop.world.acme.id))
        db.session.commit()
        shop.provider.before = lambda _method, _path: 500
        close_orphaned_accounts()
        assert not shop.has_ended(seats)
        shop.provider.before = lambda _method, _path: None
        close_orphaned_accounts()
    assert shop.has_ended(seats)


def test_case_19_news_about_a_workspace_that_is_gone_are_kept_and_come_to_nothing(shop, seats):
    with shop.app.app_context():
        db.session.delete(db.session.get_one(Workspace, shop.world.acme.id))
        db.session.commit()
    assert shop.deliver(shop.update(seats)) == [200]
    assert shop.events()[-1]["state"] == "ignored"


def test_a_closed_account_is_not_asked_about_again(shop, seats):
    with shop.app.app_context():
        db.session.delete(db.session.get_one(Workspace, shop.world.acme.id))
        db.session.commit()
        close_orphaned_accounts()
        asked = len(shop.provider.requests)
        close_orphaned_accounts()
    assert len(shop.provider.requests) == asked


def test_members_of_other_workspaces_are_no_seats_of_this_one(shop, seats):
    with shop.app.app_context(), in_workspace(shop.world.noise.id) as workspace:
        workspace.add(db.session.get_one(User, shop.world.stranger.id))
    with shop.app.app_context():
        follow_members_everywhere()
        assert shop.quantity(seats) == 3
        with in_workspace(shop.world.acme.id):
            assert db.session.query(Membership).count() == 3
