"""/dev/mail: what would have been sent. Registered in development alone."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path
from uuid import UUID

from flask import Blueprint, Response, current_app, make_response, render_template

from enferno.access.guards import open_to_all
from enferno.errors import NotFound
from enferno.settings import current_settings

__all__ = ["dev_mail"]

dev_mail = Blueprint("dev_mail", __name__, url_prefix="/dev/mail")

AT_MOST = 100
# A mail brings its own styles and nothing else: no script runs, nothing is fetched, links open beside it.
SANDBOX = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True)
class Shown:
    """A mail of the outbox, as the page shows it."""

    id: str
    to: str
    subject: str
    at: datetime
    text: str
    html: str


@dev_mail.get("")
@open_to_all
def index() -> str:
    newest_first = sorted(folder().glob("*.eml"), reverse=True)
    return render_template("mail/outbox.html", mails=[read(file) for file in newest_first[:AT_MOST]], folder=folder())


@dev_mail.get("/<uuid:mail_id>")
@open_to_all
def show(mail_id: UUID) -> str:
    return render_template("mail/one.html", mail=found(mail_id))


@dev_mail.get("/<uuid:mail_id>/html")
@open_to_all
def html(mail_id: UUID) -> Response:
    """The mail as a mail program shows it, for the frame on its page."""
    mail = found(mail_id)
    if not mail.html:
        raise NotFound
    response = make_response(mail.html.replace("<head>", '<head><base target="_blank">', 1))
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def folder() -> Path:
    return current_settings(current_app).instance_path / "outbox"


def found(mail_id: UUID) -> Shown:
    file = folder() / f"{mail_id}.eml"
    if not file.exists():
        raise NotFound
    return read(file)


def read(file: Path) -> Shown:
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    return Shown(
        file.stem,
        message["To"],
        message["Subject"],
        message["Date"].datetime,
        plain.get_content() if plain else "",
        rich.get_content() if rich else "",
    )
