"""How often one may try (ASVS 2.4.1, 6.3.1), so that nobody can guess and nobody is locked out by others.

- Failed sign-ins count per network address and account together, per network address, and per account from browsers
  that have not been signed in to it before. So someone who guesses from many places is stopped, while the owner's own
  browser goes on being let in ("device cookies", OWASP).
- Mails count per network address and per recipient. Who is shut out by the latter has three fresh links waiting.
- What a signed-in person types counts per session: nobody else can use it up.

Accounts are counted by the address that was typed, whether it is known or not, so a refusal tells nothing either.
"""

from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask, Response, request
from flask_limiter import RequestLimit, RouteLimit
from flask_security import views

from enferno.extensions import limiter
from enferno.network import network
from enferno.user import at_once, confirming
from enferno.user.addresses import mark
from enferno.user.attempts import account_mark
from enferno.user.known_browsers import is_known
from enferno.user.sessions import current_session

__all__ = ["init_app"]


def account() -> str:
    """The account that is typed, as a mark: counters and their log need no addresses."""
    return mark(request.form.get("email", ""), "limit")


def account_here() -> str:
    return f"{account()}@{network()}"


def account_elsewhere() -> str:
    """All browsers new to the account together; one that was signed in to it before for itself."""
    return f"{account()}@{network()}+known" if is_known(request.form.get("email", "")) else account()


def own_session() -> str:
    return str(current_session.id)


def refused(response: Response) -> bool:
    """The form came back with what is wrong; a success leads elsewhere."""
    return response.status_code == 200


def accepted(response: Response) -> bool:
    return 300 <= response.status_code < 400


def tries(amount: str, key: Callable[[], str], counts: Callable[[Response], bool] | None = None) -> RouteLimit:
    return limiter.limit(amount, key_func=key, methods=["POST"], deduct_when=counts, on_breach=name_the_account)


def name_the_account(_reached: RequestLimit) -> None:
    """In the lines that tell of the refusal, for whoever looks for an attack on one account."""
    if request.form.get("email"):
        structlog.contextvars.bind_contextvars(account=account_mark(request.form["email"]))


def limited(view: Callable[..., Any], *limits: RouteLimit) -> Callable[..., Any]:
    for limit in limits:
        view = limit(view)
    return view


# Made once and not for each application: the limiter keeps what it has decorated.
LIMITED = {
    "security.login": limited(
        views.login,
        tries("10 per 15 minutes", account_here, refused),
        tries("50 per 15 minutes", network, refused),
        tries("100 per hour", account_elsewhere, refused),
    ),
    "security.register": limited(
        at_once.register,
        tries("3 per hour", account, accepted),
        tries("20 per hour", network, accepted),
        tries("100 per hour", network),
    ),
    "security.forgot_password": limited(
        views.forgot_password, tries("3 per hour", account, accepted), tries("20 per hour", network, accepted)
    ),
    "security.send_confirmation": limited(
        views.send_confirmation, tries("3 per hour", account, accepted), tries("20 per hour", network, accepted)
    ),
    "security.confirm_email": limited(
        confirming.confirm_email, tries("20 per hour", network), limiter.limit("100 per 15 minutes", key_func=network)
    ),
    "security.reset_password": limited(
        at_once.reset_password, tries("20 per hour", network), limiter.limit("100 per 15 minutes", key_func=network)
    ),
    "security.change_password": limited(views.change_password, tries("10 per 15 minutes", own_session, refused)),
    "security.verify": limited(views.verify, tries("10 per 15 minutes", own_session, refused)),
}


def init_app(app: Flask) -> None:
    for endpoint, view in LIMITED.items():
        if endpoint in app.view_functions:
            app.view_functions[endpoint] = view
