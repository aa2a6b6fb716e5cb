"""Links from a server whose clock is ahead of ours: refused, and with a number in the log (cases/faults, 17).

Who opens one reads that it is no longer good, which tells nobody why. Webhooks say it in enferno/webhooks, and
`flask doctor` compares our clock with the database's.
"""

import time

import structlog
from flask import Flask, request
from itsdangerous import BadData
from itsdangerous.encoding import base64_decode, bytes_to_int

from enferno.links import LINK

__all__ = ["init_app"]

log = structlog.get_logger()

# Clocks that are kept by NTP differ by less.
TOLERATED_SECONDS = 5


def init_app(app: Flask) -> None:
    app.before_request(tell_of_tomorrow)


def tell_of_tomorrow() -> None:
    """Log by how much a link is too early. Whether it was signed by us is for others to find out."""
    if not LINK.match(request.path):
        return
    seconds = issued_at(request.path.rpartition("/")[2]) - time.time()
    if seconds > TOLERATED_SECONDS:
        log.warning("link_from_the_future", seconds_off=round(seconds))


def issued_at(token: str) -> int:
    """The time in a token of itsdangerous; 0 where there is none."""
    parts = token.split(".")
    try:
        return bytes_to_int(base64_decode(parts[-2])) if len(parts) > 2 else 0
    except BadData:
        return 0
