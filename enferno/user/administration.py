"""What the operator does with people's accounts. Nothing here can leave the installation without a superadmin."""

import secrets
from uuid import UUID

import structlog
from flask import session as cookie
from flask_babel import gettext as _
from flask_security import admin_change_password, hash_password, login_user
from flask_security.recoverable import send_reset_password_instructions
from sqlalchemy import func, select

from enferno.access.recent import TYPED_AT
from enferno.database import now
from enferno.errors import EmailTaken, Inactive, Invalid, LastSuperadmin, OwnAccount
from enferno.extensions import db, security
from enferno.i18n import in_language_of
from enferno.locking import hold
from enferno.mail import send
from enferno.settings import current_settings
from enferno.tasks.commit import after_commit
from enferno.user.addresses import normal_address
from enferno.user.models import SUPERADMIN, Role, Session, User, user_roles
from enferno.user.sessions import row_of_this_browser
from enferno.user.unconfirmed import vouch_for

__all__ = [
    "change_address",
    "create_user",
    "end_session",
    "end_sessions",
    "ensure_expendable",
    "generate_password",
    "note",
    "rename",
    "send_reset",
    "set_active",
    "set_new_password",
    "set_superadmin",
]

log = structlog.get_logger()

# Without those that are read for another: 0 o, 1 l i. Five groups of four carry 99 bits.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def create_user(name: str, email: str, password: str, by: User) -> User:
    """An account whose address the operator vouches for, so that nobody has to confirm it.

    Raises:
        EmailTaken: somebody has this address.
        Invalid: the password is not good enough.
    """
    ensure_free(email)
    user = User(
        name=name,
        email=email,
        password=hash_password(checked_password(password, name=name, email=email)),
        fs_uniquifier=secrets.token_hex(32),
        confirmed_at=now(),
    )
    db.session.add(user)
    db.session.flush()
    note("user_created", user, by)
    return user


def rename(user: User, name: str, by: User) -> None:
    if name != user.name:
        user.name = name
        note("user_renamed", user, by)


def change_address(user: User, email: str, by: User) -> None:
    """Give the account another address, which the operator vouches for; the old one is told (ASVS 6.3.7).

    What was sent to the old one opens nothing any more, and every session ends but the operator's own. A password that
    was typed for an address which nobody confirmed is nobody's: it goes, and a new one is chosen by a link.

    Raises:
        EmailTaken: somebody else has this address.
    """
    if normal_address(email) == user.email:
        return
    ensure_free(email)
    with in_language_of(user):
        text = _(
            "From now on you sign in to %(app)s with another address: %(email)s. "
            "If you did not ask for this, tell us at once.",
            app=current_settings().app_name,
            email=email,
        )
        send(user.email, _("The address of your account has changed"), text)
    if user.confirmed_at is None:
        user.password = None
    user.email, user.confirmed_at = email, now()
    user.revoke_access(except_for=row_of_this_browser())
    if user.id == by.id:
        # Signing in anew is no typing of the password: when that was stays as it was (ASVS 7.5.1).
        typed_at = cookie.get(TYPED_AT, 0)
        login_user(user)
        cookie[TYPED_AT] = typed_at
    note("user_address_changed", user, by)


def set_active(user: User, active: bool, by: User) -> None:
    """Let the person in again, or out on the next request of every session.

    Raises:
        OwnAccount: nobody shuts oneself out.
        LastSuperadmin: nobody would be left to run the installation.
    """
    if active == user.active:
        return
    if active:
        user.activate()
    else:
        ensure_expendable(user, by)
        user.deactivate()
    note("user_activated" if active else "user_deactivated", user, by)


def set_superadmin(user: User, superadmin: bool, by: User) -> None:
    """Let the person run this installation, or no longer. Either way they sign in anew (ASVS 7.2.4), by no old link.

    Raises:
        OwnAccount: nobody gives this up alone.
        LastSuperadmin: nobody would be left to run the installation.
    """
    if superadmin == user.is_superadmin:
        return
    if superadmin:
        user.roles.append(superadmin_role())
    else:
        ensure_expendable(user, by)
        user.roles = [role for role in user.roles if role.name != SUPERADMIN]
    user.revoke_access()
    note("superadmin_made" if superadmin else "superadmin_unmade", user, by)


def send_reset(user: User, by: User) -> None:
    """Mail the person the link with which people choose a new password.

    Raises:
        Inactive: the link would lead nowhere.
    """
    if not user.active:
        raise Inactive
    send_reset_password_instructions(user)
    note("reset_sent", user, by)


def set_new_password(user: User, by: User) -> str:
    """Give the account a password that is made here, and end its sessions; returns it, the only time it is shown.

    Raises:
        OwnAccount: one's own password is changed where the present one is asked for.
    """
    if user.id == by.id:
        raise OwnAccount(_("Change your own password on your security page."))
    password = generate_password()
    user.revoke_access()
    # A password that is handed over is of no use to an account that nobody confirmed.
    vouch_for(user)
    admin_change_password(user, password, notify=True)
    note("credentials_replaced", user, by)
    return password


def end_sessions(user: User, by: User, keep: Session | None = None) -> int:
    """Sign the person out everywhere but in `keep`; returns how many sessions ended."""
    ended = user.end_sessions(except_for=keep)
    note("sessions_ended", user, by, ended=ended)
    return ended


def end_session(user: User, session_id: UUID, by: User) -> bool:
    """End one of the person's open sessions; False if there is none of this id."""
    found = next((session for session in user.open_sessions() if session.id == session_id), None)
    if found is None:
        return False
    found.end()
    note("session_ended", user, by)
    return True


def ensure_expendable(user: User, by: User) -> None:
    """Refuse what would shut oneself out, or leave nobody to run the installation.

    Raises:
        OwnAccount, LastSuperadmin
    """
    if user.id == by.id:
        raise OwnAccount
    if user.is_superadmin and not other_superadmins(user):
        raise LastSuperadmin


def other_superadmins(user: User) -> int:
    """How many other active superadmins there are; the role's row is locked, so that two cannot unmake each other."""
    hold(Role, Role.name == SUPERADMIN)
    query = (
        select(func.count())
        .select_from(user_roles)
        .join(Role, Role.id == user_roles.c.role_id)
        .join(User, User.id == user_roles.c.user_id)
        .where(Role.name == SUPERADMIN, User.active, User.id != user.id)
    )
    return db.session.scalar(query) or 0


def superadmin_role() -> Role:
    role = db.session.scalars(select(Role).where(Role.name == SUPERADMIN)).one_or_none()
    return role or Role(name=SUPERADMIN, description=_("Runs this installation"))


def ensure_free(email: str) -> None:
    if db.session.scalar(select(User.id).where(User.email == normal_address(email))) is not None:
        raise EmailTaken


def checked_password(password: str, **about: str) -> str:
    faults, normal = security.password_util.validate(password, True, **about)
    if faults:
        raise Invalid.field("password", " ".join(map(str, faults)))
    return normal


def generate_password() -> str:
    """A password to read out or to copy, such as k7qm-x2vp-9dfr-t4wn-hb6c."""
    return "-".join("".join(secrets.choice(ALPHABET) for _letter in range(4)) for _group in range(5))


def note(event: str, user: User, by: User, **facts: str | int) -> None:
    """Log a superadmin's act on a person once it is committed (ASVS 16.3); workspaces have a history of their own."""
    whom = {"target": str(user.id), "operator": str(by.id)}
    after_commit(lambda: log.info(f"superadmin.{event}", **whom, **facts))
