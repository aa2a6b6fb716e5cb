"""Hand a mail in: a row now, the mail after the commit."""

from enferno.extensions import db
from enferno.mail.models import DECOY, QUEUED, OutboundMail

__all__ = ["send"]

LONGEST_SUBJECT = 255


def send(to: str, subject: str, body_text: str, *, body_html: str | None = None, goes_out: bool = True) -> OutboundMail:
    """Mail `to` after the commit of the current transaction; a rollback takes the mail back.

    Returns at once, whatever the mail server does. With `goes_out=False` it costs the same and reaches nobody. Raises
    ValueError for an address or a subject of several lines, with which somebody could write headers of their own (ASVS
    1.3.11).
    """
    from enferno.mail.delivery import deliver

    mail = OutboundMail(
        recipient=one_line(to, "address"),
        subject=one_line(subject, "subject")[:LONGEST_SUBJECT],
        body_text=body_text,
        body_html=body_html,
        status=QUEUED if goes_out else DECOY,
    )
    db.session.add(mail)
    db.session.flush()
    deliver.queue(mail.id)
    return mail


def one_line(text: str, name: str) -> str:
    if len(text.splitlines()) != 1 or "\0" in text:
        raise ValueError(f"The {name} of a mail is one line.")
    return text.strip()
