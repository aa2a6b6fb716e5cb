"""/dev/mail: what would have been sent. Registered in development alone."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast
from uuid import UUID

from flask import Blueprint, current_app, render_template

from enferno.access.guards import open_to_all
from enferno.errors import NotFound
from enferno.settings import current_settings

__all__ = ["dev_mail"]

dev_mail = Blueprint("dev_mail", __name__, url_prefix="/dev/mail", template_folder="templates")


@dataclass(frozen=True)
class Shown:
    """A mail of the outbox, as the page shows it: its text alone, so that no mail can run or fetch anything."""

    id: str
    to: str
    subject: str
    at: datetime
    text: str


@dev_mail.get("")
@open_to_all
def index() -> str:
    newest_first = sorted(folder().glob("*.eml"), reverse=True)
    return render_template("mail/dev.html", mails=[read(file) for file in newest_first[:100]], folder=folder())


@dev_mail.get("/<uuid:mail_id>")
@open_to_all
def show(mail_id: UUID) -> str:
    file = folder() / f"{mail_id}.eml"
    if not file.exists():
        raise NotFound
    return render_template("mail/dev_one.html", mail=read(file))


def folder() -> Path:
    return current_settings(current_app).instance_path / "outbox"


def read(file: Path) -> Shown:
    message = cast(EmailMessage, message_from_bytes(file.read_bytes(), policy=policy.default))
    body = message.get_body(("plain",))
    text = body.get_content() if body else ""
    return Shown(file.stem, message["To"], message["Subject"], message["Date"].datetime, text)
