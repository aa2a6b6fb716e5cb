"""Accounts whose address nobody has confirmed: what was typed for one is a claim, made by whoever typed it.

Anybody can sign up with anybody's address. So a later sign-up takes the place of an earlier one, and who confirms is
believed to have typed it only in the browser that did (`confirming.py`); from any other, name and password are chosen
anew and the workspace is made anew. Nothing that a stranger prepared is left in the account. (ASVS 6.3, 6.8)
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from enferno.billing.models import BillingAccount
from enferno.database import now
from enferno.extensions import db
from enferno.locking import hold
from enferno.tasks.commit import after_commit
from enferno.tenancy import unscoped
from enferno.user.models import User, user_roles
from enferno.workspace.founding import found_workspace
from enferno.workspace.models import Membership, Workspace

__all__ = ["KEPT_UNCONFIRMED", "begin_anew", "held", "is_claim", "sign_up_again", "sweep", "vouch_for"]

log = structlog.get_logger()

KEPT_UNCONFIRMED = timedelta(days=7)
# In one round; the next comes within the hour.
AT_ONCE = 500


def is_claim(user: User) -> bool:
    """Whether whoever signs up for this address may still take it. Who was shut out stays shut out."""
    return user.confirmed_at is None and user.active


def held(user: User | None) -> User | None:
    """The account as it is now, and nobody else changes it before this transaction ends; None when it is gone.

    Without it a sign-up and a confirmation at the same moment would each see the account as it was before the other,
    and a password that was typed by one would be confirmed by the other.
    """
    if user is None:
        return None
    hold(User, User.id == user.id)
    again = select(User).where(User.id == user.id).execution_options(populate_existing=True)
    return db.session.scalars(again).one_or_none()


def sign_up_again(user: User, name: str, password: str | None) -> User:
    """Put this sign-up in the place of the one before: `password` is the hash of what was typed now."""
    # Marks the sign-up, for the browser that made it, and begins its week.
    user.created_at = now()
    begin_anew(user, name, password)
    return user


def begin_anew(user: User, name: str, password: str | None) -> None:
    """Let nothing of the account be what somebody typed before; the workspace is made again under this name.

    Sessions there are none: nobody signs in before the address is confirmed.
    """
    user.name, user.password = name, password
    user.theme, user.locale, user.timezone = "system", None, None
    with unscoped("the workspaces of somebody who signed up and did not confirm", routine=True):
        own = places_alone(user.id)
        for workspace in own:
            workspace.delete()
    if own:
        found_workspace(user, user.display_name)


def places_alone(user_id: UUID) -> list[Workspace]:
    """The workspaces with nobody else in them and nothing bought, to be asked for under `unscoped`."""
    query = select(Workspace).join(Membership, Membership.workspace_id == Workspace.id)
    return list(db.session.scalars(query.where(Membership.user_id == user_id, ~is_shared(user_id), ~has_bought())))


def is_shared(user_id: Any) -> ColumnElement[bool]:
    other = aliased(Membership)
    another = select(other.id).where(other.workspace_id == Workspace.id, other.user_id != user_id)
    return another.correlate_except(other).exists()


def has_bought() -> ColumnElement[bool]:
    bought = select(BillingAccount.id).where(BillingAccount.account_of_id == Workspace.id)
    return bought.correlate_except(BillingAccount).exists()


def vouch_for(user: User) -> None:
    """The operator knows whose address it is: confirmed from now on, and nothing of what somebody typed stays."""
    if user.confirmed_at is None:
        begin_anew(user, "", None)
        user.confirmed_at = now()


def sweep() -> int:
    """Delete the accounts that nobody confirmed within a week, with their workspaces; returns how many.

    Not those that the operator has to do with: with a role, or in a workspace that others are in or that has bought.
    """
    # Who was shut out stays: without the row, the next sign-up for the address would be let in.
    left = select(User.id).where(User.confirmed_at.is_(None), User.active, User.created_at < now() - KEPT_UNCONFIRMED)
    without_role = ~select(user_roles.c.role_id).where(user_roles.c.user_id == User.id).exists()
    with unscoped("accounts that nobody confirmed"):
        ids = db.session.scalars(left.where(without_role, ~belongs_to_more()).limit(AT_ONCE)).all()
        # What was confirmed in this moment is held by whoever did it, and is no longer among these afterwards.
        hold(User, User.id.in_(ids))
        users = db.session.scalars(select(User).where(User.id.in_(left.where(User.id.in_(ids))))).all()
        deleted = sum(is_swept(user) for user in users)
    after_commit(lambda: log.info("unconfirmed_accounts_deleted", accounts=deleted) if deleted else None)
    return deleted


def is_swept(user: User) -> bool:
    """Each on its own: one that a product's table holds on to does not keep the others."""
    user_id = str(user.id)
    try:
        with db.session.begin_nested():
            for workspace in places_alone(user.id):
                workspace.delete()
            db.session.delete(user)
    except IntegrityError:
        log.exception("unconfirmed_account_kept", user=user_id)
        return False
    return True


def belongs_to_more() -> ColumnElement[bool]:
    """Whether the person is in a workspace with others, or in one that is, or was, paid for."""
    own = select(Membership.id).join(Workspace, Workspace.id == Membership.workspace_id)
    more = own.where(Membership.user_id == User.id, is_shared(User.id) | has_bought())
    return more.correlate_except(Membership, Workspace).exists()
