"""`flask reset`: a new password for somebody who cannot get in."""

import click
from flask import current_app
from flask_security.changeable import send_password_changed_notice
from flask_security.utils import hash_password

from enferno.commands import accounts, options
from enferno.commands.frame import command
from enferno.i18n import in_language_of
from enferno.user.administration import checked_password
from enferno.user.unconfirmed import vouch_for

__all__ = ["reset"]


@command("reset")
@options.email
@options.password
def reset(email: str, password: str) -> None:
    """Give a person a new password, end all their sessions, and tell them by mail."""
    user = accounts.find(email)
    user.password = hash_password(checked_password(password, email=user.email))
    ended = user.revoke_access()
    # Whoever has the shell knows whose address it is, as with `flask create`.
    hashed = user.password
    vouch_for(user)
    user.password = hashed
    with current_app.test_request_context(), in_language_of(user):  # its links are made as in a request
        send_password_changed_notice(user)
    click.echo(f"{user.email} has a new password; {ended} session{'' if ended == 1 else 's'} ended.")
    accounts.say_password(password)
