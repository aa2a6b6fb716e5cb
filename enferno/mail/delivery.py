"""Bring queued mails out: each is claimed, sent and marked, so that two workers never send the same one at once."""

import smtplib
from datetime import timedelta
from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import select, update

from enferno.database import now
from enferno.extensions import db
from enferno.mail.models import QUEUED, OutboundMail
from enferno.mail.transport import compose, transmit
from enferno.settings import current_settings
from enferno.tasks.task import maintenance

__all__ = ["deliver", "drain_mail"]

log = structlog.get_logger()

# How long a claim holds. A process that dies while sending leaves the mail to the next one after that.
CLAIM = timedelta(minutes=2)
AT_ONCE = 100


@maintenance
def deliver(mail_id: UUID) -> None:
    """Send one mail, unless somebody else is at it or it is not its time yet."""
    if not claim(mail_id):
        return
    mail = db.session.get_one(OutboundMail, mail_id)
    settings = current_settings(current_app)
    message = compose(mail, settings)
    db.session.commit()  # The claim is seen by others, and no connection waits for a mail server.
    try:
        transmit(message, settings)
    except (OSError, smtplib.SMTPException) as fault:
        mail.failed(fault, for_good=refused_for_good(fault))
        log.warning("mail_not_sent", mail=str(mail_id), tries=mail.tries, error=mail.last_error, status=mail.status)
    else:
        mail.was_sent()


@maintenance
def drain_mail() -> None:
    """Send what is due: mails whose first try failed, or whose process ended before it came to them."""
    due = select(OutboundMail.id).where(OutboundMail.status == QUEUED, OutboundMail.next_try_at <= now())
    for mail_id in db.session.scalars(due.order_by(OutboundMail.next_try_at).limit(AT_ONCE)).all():
        deliver(mail_id)
        db.session.commit()


def claim(mail_id: UUID) -> bool:
    """Whether this process has the mail for the next two minutes: one statement decides, on any database."""
    due = (OutboundMail.id == mail_id) & (OutboundMail.status == QUEUED) & (OutboundMail.next_try_at <= now())
    taken = update(OutboundMail).where(due).values(next_try_at=now() + CLAIM, tries=OutboundMail.tries + 1)
    result = db.session.execute(taken.execution_options(synchronize_session=False))
    return bool(result.rowcount)  # type: ignore[attr-defined]


def refused_for_good(fault: Exception) -> bool:
    """The server knows no such recipient (RFC 5321, 4.2.1: 5yz is permanent). Asking again would hurt our name."""
    if not isinstance(fault, smtplib.SMTPRecipientsRefused):
        return False
    return all(500 <= code < 600 for code, _ in fault.recipients.values())
