"""What is swept out: rows that have no more use, before they become somebody's find."""

from datetime import timedelta

from sqlalchemy import delete, or_

from enferno.database import now
from enferno.extensions import db
from enferno.mail.models import OutboundMail
from enferno.tasks.task import maintenance
from enferno.user.models import Session
from enferno.user.unconfirmed import sweep

__all__ = ["purge_ended_sessions", "purge_sent_mail", "purge_unconfirmed_accounts"]

KEPT_SESSIONS = timedelta(days=30)
KEPT_MAILS = timedelta(days=14)


@maintenance
def purge_ended_sessions() -> None:
    """Sessions that ended or ran out a month ago: until then a person may ask what happened."""
    before = now() - KEPT_SESSIONS
    over = or_(Session.ended_at < before, Session.idle_until < before, Session.expires_at < before)
    db.session.execute(delete(Session).where(over).execution_options(synchronize_session=False))


@maintenance
def purge_unconfirmed_accounts() -> None:
    """Accounts of which nobody has shown within a week that the address is theirs, with their empty workspaces."""
    sweep()


@maintenance
def purge_sent_mail() -> None:
    """Mails that were sent two weeks ago; those given up stay until somebody has looked."""
    sent = delete(OutboundMail).where(OutboundMail.sent_at < now() - KEPT_MAILS)
    db.session.execute(sent.execution_options(synchronize_session=False))
