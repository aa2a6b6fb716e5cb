"""The mails of signing up, of forgotten passwords and of changed ones: their subjects, and the way out."""

import secrets
from typing import Any

from flask_babel import gettext as _
from flask_security import MailUtil
from flask_security.mail_util import EmailValidateException
from flask_security.utils import get_message
from sqlalchemy import inspect

from enferno.mail.sending import send
from enferno.names import without_links
from enferno.settings import current_settings
from enferno.user.addresses import read_address
from enferno.user.models import User

__all__ = ["AccountMails", "called", "nobody"]


def called(user: User) -> str:
    """What a mail calls the person. Whoever reads it may be somebody else than who typed the name."""
    return without_links(user.name) or without_links(user.email.partition("@")[0]) or _("there")


class AccountMails(MailUtil):
    """Flask-Security's mails take the same way as all others, with a subject of their own each."""

    def normalize(self, email: str) -> str:
        try:
            return read_address(email)
        except ValueError:
            raise EmailValidateException(get_message("INVALID_EMAIL_ADDRESS")[0]) from None

    def validate(self, email: str) -> str:
        return self.normalize(email)

    def send_mail(
        self,
        template: str,
        subject: Any,
        recipient: Any,
        sender: Any,
        body: str | None,
        html: str | None,
        **context: Any,
    ) -> None:
        goes_out = not inspect(context["user"]).transient
        send(str(recipient), subjects().get(template, str(subject)), body or "", body_html=html, goes_out=goes_out)


def nobody(address: str) -> User:
    """Stands in where there is nobody to write to; a mail to them is made ready and dropped.

    So who asks for a link waits as long for an unknown address as for a known one (ASVS 6.3.8).
    """
    return User(email=address, name="", active=True, fs_uniquifier=secrets.token_hex(32))


def subjects() -> dict[str, str]:
    app = current_settings().app_name
    return {
        "security/email/welcome": _("Confirm your address for %(app)s", app=app),
        "security/email/welcome_existing": _("You have an account at %(app)s already", app=app),
        "security/email/confirmation_instructions": _("Confirm your address for %(app)s", app=app),
        "security/email/reset_instructions": _("Choose a new password for %(app)s", app=app),
        "security/email/reset_notice": _("Your password for %(app)s was changed", app=app),
        "security/email/change_notice": _("Your password for %(app)s was changed", app=app),
    }
