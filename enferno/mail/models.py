"""Mails on their way out."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from enferno.database import new_id, now
from enferno.extensions import db

__all__ = ["OutboundMail"]

QUEUED, SENT, GIVEN_UP = "queued", "sent", "given_up"
# Made ready like any other and then dropped: asking for a mail takes as long where there is nobody to get it.
DECOY = "decoy"
WAITING = (QUEUED, DECOY)

# Doubling from a minute to six hours, twelve tries reach over most of a day: longer than a server is usually down.
FIRST_PAUSE, LONGEST_PAUSE, MOST_TRIES = timedelta(minutes=1), timedelta(hours=6), 12


class OutboundMail(db.Model):  # type: ignore[name-defined, misc]
    """One mail to one recipient, written in the transaction of whatever it tells of."""

    __tablename__ = "outbound_mails"
    __table_args__ = (Index(None, "status", "next_try_at"), Index(None, "sent_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(255))
    body_text: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10), default=QUEUED)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(default=now)
    # The kind of error alone: a server's words may repeat the address or the text.
    last_error: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]

    def was_sent(self) -> None:
        """Keep that it went out, not what it said: it may carry a link that lets somebody in."""
        self.status, self.sent_at, self.last_error = SENT, now(), None
        self.body_text, self.body_html = "", None

    def failed(self, error: Exception, *, for_good: bool) -> None:
        """Try again later, each time twice as late, or give up."""
        self.last_error = type(error).__name__
        if for_good or self.tries >= MOST_TRIES:
            self.status = GIVEN_UP
        else:
            self.next_try_at = now() + min(FIRST_PAUSE * 2 ** (self.tries - 1), LONGEST_PAUSE)
