"""Sign-ins that failed, as the log has them (ASVS 16.3.1): enough to see an attack, nothing that would help one."""

from typing import Any

import structlog
from flask import request
from flask_security import LoginForm, current_user

from enferno.user.addresses import mark

__all__ = ["account_mark", "note_failed_sign_in", "note_wrong_password"]

log = structlog.get_logger()


def account_mark(address: str) -> str:
    """Stands for an address in the log: the same for the same, and without our key nobody tells which.

    People type their password into the wrong field, so that what was typed there is not written down as it is.
    """
    return mark(address, "log")[:16]


def note_failed_sign_in(form: LoginForm) -> None:
    """Log it, with why; the answer to the visitor does not tell (ASVS 6.3.8)."""
    log.warning(
        "sign_in_failed",
        reason=reason(form),
        account=account_mark(form.email.data or ""),
        address=request.remote_addr,
        **whom(form.user),
    )


def reason(form: LoginForm) -> str:
    if not form.email.data or not form.password.data:
        return "incomplete"
    if form.user is None:
        return "unknown_account"
    if not form.user_authenticated:
        return "wrong_password"
    return "inactive" if not form.user.is_active else "unconfirmed"


def note_wrong_password() -> None:
    """Log that whoever is signed in did not know the account's password."""
    log.warning("password_check_failed", address=request.remote_addr, path=request.path, **whom(current_user))


def whom(user: Any) -> dict[str, str]:
    return {"user": str(user.id)} if user is not None and user.is_authenticated else {}
