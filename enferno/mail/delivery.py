"""Bring queued mails out: each is claimed, sent and marked, so that two workers never send the same one at once."""

import smtplib
from datetime import timedelta
from email.message import EmailMessage
from uuid import UUID

import structlog
from sqlalchemy import select, update

from enferno.database import now
from enferno.extensions import db
from enferno.mail.models import DECOY, WAITING, OutboundMail
from enferno.mail.transport import NotEncrypted, compose, transmit
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
    attempt(mail_id)


@maintenance
def drain_mail() -> None:
    """Send what is due: mails whose first try failed, or whose process ended before it came to them.

    Ends early when the server is not there: waiting for it a hundred times would keep a worker from all else.
    """
    due = select(OutboundMail.id).where(OutboundMail.status.in_(WAITING), OutboundMail.next_try_at <= now())
    for mail_id in db.session.scalars(due.order_by(OutboundMail.next_try_at).limit(AT_ONCE)).all():
        reached = attempt(mail_id)
        db.session.commit()
        if not reached:
            return


def attempt(mail_id: UUID) -> bool:
    """Claim a mail, send it and note how that went. Gives False when the server could not be reached at all."""
    if not claim(mail_id):
        return True
    mail = db.session.get_one(OutboundMail, mail_id)
    if mail.status == DECOY:
        db.session.delete(mail)
        return True
    fault = composing = None
    try:
        message = compose(mail, current_settings())
    except Exception as error:  # Whatever the standard library finds wrong with an address, tomorrow it is no better.
        fault = composing = error
    db.session.commit()  # The claim is seen by others, and no connection waits for a mail server.
    fault = fault or transmission_fault(message)
    if fault is None:
        mail.was_sent()
        return True
    mail.failed(fault, for_good=fault is composing or refused_for_good(fault))
    log.warning("mail_not_sent", mail=str(mail_id), tries=mail.tries, error=mail.last_error, status=mail.status)
    return not unreachable(fault)


def transmission_fault(message: EmailMessage) -> Exception | None:
    """Send; what went wrong is a value here, because it is an outcome and not a failure of the task."""
    try:
        transmit(message, current_settings())
    except Exception as fault:
        return fault
    return None


def claim(mail_id: UUID) -> bool:
    """Whether this process has the mail for the next two minutes: one statement decides, on any database."""
    due = (OutboundMail.id == mail_id) & OutboundMail.status.in_(WAITING) & (OutboundMail.next_try_at <= now())
    taken = update(OutboundMail).where(due).values(next_try_at=now() + CLAIM, tries=OutboundMail.tries + 1)
    result = db.session.execute(taken.execution_options(synchronize_session=False))
    return bool(result.rowcount)  # type: ignore[attr-defined]


def refused_for_good(fault: Exception) -> bool:
    """The server knows no such recipient (RFC 5321, 4.2.1: 5yz is permanent). Asking again would hurt our name."""
    if not isinstance(fault, smtplib.SMTPRecipientsRefused):
        return False
    return all(500 <= code < 600 for code, _ in fault.recipients.values())


def unreachable(fault: Exception) -> bool:
    if isinstance(fault, smtplib.SMTPException):
        return isinstance(fault, (smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected, NotEncrypted))
    return isinstance(fault, OSError)
