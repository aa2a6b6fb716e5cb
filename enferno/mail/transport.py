"""The way out: a mail server, or a folder where there is none."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from enferno.addresses import WITHOUT_TLS
from enferno.mail.models import OutboundMail
from enferno.settings import Settings

__all__ = ["NotEncrypted", "compose", "mail_server", "transmit"]

TIMEOUT_SECONDS = 5
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class NotEncrypted(smtplib.SMTPNotSupportedError):
    """The server offers no STARTTLS. Whoever sits between us and it may have left that out, to read along."""


def compose(mail: OutboundMail, settings: Settings) -> EmailMessage:
    """The mail as RFC 5322 has it. Its id stays the same over all tries, so that a repetition can be told."""
    message = EmailMessage()
    name, sender = parseaddr(settings.mail_from)
    message["From"] = Address(display_name=name, addr_spec=sender)
    message["To"] = Address(addr_spec=mail.recipient)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = f"<{mail.id}@{urlsplit(settings.base_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body_text)
    if mail.body_html:
        message.add_alternative(mail.body_html, subtype="html")
    return message


def transmit(message: EmailMessage, settings: Settings) -> None:
    """Send it. Raises OSError or smtplib.SMTPException; waits at most five seconds for each answer."""
    if settings.smtp_url:
        to_server(message, settings)
    else:
        to_folder(message, settings.instance_path / "outbox")


def to_server(message: EmailMessage, settings: Settings) -> None:
    with mail_server(settings) as server:
        server.send_message(message)


@contextmanager
def mail_server(settings: Settings) -> Iterator[smtplib.SMTP]:
    """A connection to the server of SMTP_URL, encrypted and signed in; closed after the block.

    Raises:
        NotEncrypted: it would go readable over the net, which SMTP_URL does not ask for.
    """
    address = urlsplit(settings.smtp_url)
    host = address.hostname or "localhost"
    with connect(address.scheme, host, address.port) as server:
        if address.scheme == "smtp" and address.query != WITHOUT_TLS:
            encrypt(server, host, needed=settings.is_production or needs_tls(address))
        if address.username:
            server.login(unquote(address.username), unquote(address.password or ""))
        yield server


def connect(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    if scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_SECONDS, context=context)
    return smtplib.SMTP(host, port or 587, timeout=TIMEOUT_SECONDS)


def needs_tls(address: SplitResult) -> bool:
    """Whether it is needed outside of production too: for a password that leaves this machine."""
    return bool(address.username) and address.hostname not in LOOPBACK


def encrypt(server: smtplib.SMTP, host: str, *, needed: bool) -> None:
    """STARTTLS wherever it is offered. Raises `NotEncrypted` where it is not and is needed."""
    server.ehlo_or_helo_if_needed()
    if server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
    elif needed:
        raise NotEncrypted(f"{host} offers no STARTTLS")


def to_folder(message: EmailMessage, folder: Path) -> None:
    """The whole mail or none of it: what there was no room for is tried again, as if a server had refused it."""
    folder.mkdir(parents=True, exist_ok=True)
    name = message["Message-ID"].strip("<>").partition("@")[0]
    unfinished = folder / f".{name}"
    try:
        unfinished.write_bytes(message.as_bytes())
        unfinished.replace(folder / f"{name}.eml")
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
