"""Whoever paid is gone, by whichever way: then so is the subscription, unless somebody is left. Case 31."""

import pytest
from sqlalchemy import delete

from enferno.billing.closing import close_orphaned_accounts
from enferno.extensions import db
from enferno.tenancy import in_workspace, unscoped
from enferno.user.deletion import delete_user
from enferno.user.models import User
from enferno.workspace.founding import found_workspace
from enferno.workspace.models import Membership, Workspace
from tests.billing.shops import only
from tests.support.world import Team, make_person


@pytest.fixture
def alone(shop):
    """Somebody who works alone and pays."""
    person = make_person(shop.app, "solo@example.com", "Sofia Solo")
    with shop.app.app_context():
        workspace = found_workspace(db.session.get_one(User, person.id), "Sofia")
        db.session.commit()
        return Team(workspace.id, workspace.slug, "Sofia", person, person, person)


def buy(shop, team):
    one = shop.buy(team, "starter")
    shop.deliver()
    return one["id"]


def has_ended(shop, one):
    """After the round that looks for those whom nobody pays for any more."""
    with shop.app.app_context():
        close_orphaned_accounts.perform(None, [], {})
    return shop.has_ended({"id": one})


def delete_by_the_operator(shop, person, new_owners):
    with shop.app.test_request_context():
        root = db.session.get_one(User, shop.world.root.id)
        delete_user(db.session.get_one(User, person.id), by=root, new_owners=new_owners)
        db.session.commit()


def test_case_31_whom_the_operator_deletes_pays_no_more(shop, alone):
    one = buy(shop, alone)
    delete_by_the_operator(shop, alone.owner, {})
    assert has_ended(shop, one)


def test_case_31_a_team_with_a_new_owner_keeps_its_plan(shop):
    acme = shop.world.acme
    one = buy(shop, acme)
    delete_by_the_operator(shop, acme.owner, {acme.id: acme.member.id})
    assert not has_ended(shop, one)
    assert shop.subscription(acme)["state"] == "active"


def test_case_31_whom_somebody_deletes_in_the_shell_pays_no_more(shop, alone):
    one = buy(shop, alone)
    with shop.app.app_context(), unscoped("a person, deleted in the shell"):
        db.session.delete(db.session.get_one(User, alone.owner.id))
        db.session.commit()
    assert has_ended(shop, one)
    assert shop.subscription(alone)["state"] == "cancelled"


def test_case_31_whom_sql_deletes_pays_no_more(shop, alone, outside):
    one = buy(shop, alone)
    outside.execute(delete(User).where(User.id == alone.owner.id))
    outside.commit()
    assert has_ended(shop, one)
    assert shop.subscription(alone)["state"] == "cancelled"


def test_case_31_while_anybody_is_left_nothing_is_taken_from_them(shop, outside):
    acme = shop.world.acme
    one = buy(shop, acme)
    outside.execute(delete(User).where(User.id.in_([acme.owner.id, acme.admin.id])))
    outside.commit()
    assert not has_ended(shop, one)


def test_case_31_a_provider_that_is_away_is_asked_again_and_what_was_ended_is_not(shop, alone, outside):
    one = buy(shop, alone)
    outside.execute(delete(User).where(User.id == alone.owner.id))
    outside.commit()
    shop.provider.before = lambda _method, _path: 500
    assert not has_ended(shop, one)
    shop.provider.before = lambda _method, _path: None
    assert has_ended(shop, one)
    asked = len(shop.provider.requests)
    has_ended(shop, one)
    assert len(shop.provider.requests) == asked


@only("stripe")
def test_case_31_a_checkout_that_a_deleted_workspace_left_open_is_closed(shop):
    session = shop.checkout(shop.world.acme)
    delete_acme(shop)
    assert shop.provider.sessions[session]["status"] == "expired"


def test_case_31_who_pays_for_a_workspace_that_is_gone_already_is_not_billed_on(shop):
    session = shop.checkout(shop.world.acme)
    delete_acme(shop)
    shop.reopen(session)  # the payment was on its way
    one = shop.provider.finish_checkout(session)
    shop.deliver()
    assert has_ended(shop, one["id"])


def delete_acme(shop):
    with shop.app.app_context():
        db.session.delete(db.session.get_one(Workspace, shop.world.acme.id))
        db.session.commit()
        close_orphaned_accounts.perform(None, [], {})


def test_case_31_a_workspace_that_somebody_joins_again_can_buy_again(shop, alone, outside):
    one = buy(shop, alone)
    outside.execute(delete(User).where(User.id == alone.owner.id))
    outside.commit()
    has_ended(shop, one)
    with shop.app.app_context(), in_workspace(alone.id):
        db.session.add(Membership(user_id=shop.world.stranger.id, role="owner"))
    again = buy(shop, Team(alone.id, alone.slug, alone.name, *[shop.world.stranger] * 3))
    assert not has_ended(shop, again)
