"""Outgoing mail."""

from flask import Flask
from flask_security import MailUtil


class SecurityMail(MailUtil):
    """Flask-Security's mails."""

    def send_mail(self, template, subject, recipient, sender, body, html, **kwargs):  # type: ignore[no-untyped-def]
        pass


def init_app(app: Flask) -> None:
    pass
