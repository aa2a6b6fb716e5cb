"""Outgoing mail: a row in the request's own transaction, sent after the commit, tried again until it is out.

    mail.send(invitee, _("You are invited to %(name)s", name=without_links(workspace.name)), text)

With SMTP_URL it goes to a server, without one into instance/outbox/, which /dev/mail shows in development.
"""

from flask import Flask

from enferno.mail.models import OutboundMail
from enferno.mail.sending import send
from enferno.settings import current_settings

__all__ = ["OutboundMail", "init_app", "send"]


def init_app(app: Flask) -> None:
    from enferno.mail import delivery  # noqa: F401  its tasks are known from now on

    if current_settings(app).env == "development":
        from enferno.mail.dev import dev_mail

        app.register_blueprint(dev_mail)
