"""Some acts want a password that was typed a moment ago (ASVS 7.5.1): a screen left open is not the operator.

When it was typed stands in the signed cookie, where Flask-Security puts it at every sign-in and at /verify; so it holds
for this browser alone, and ends with the session.
"""

import time

from flask import current_app
from flask import session as cookie

from enferno.errors import PasswordNeeded

__all__ = ["TYPED_AT", "insist_on_recent_password", "note_password"]

TYPED_AT = "fs_paa"


def insist_on_recent_password() -> None:
    """Raise PasswordNeeded unless the password was typed within SECURITY_FRESHNESS, ten minutes."""
    seconds_ago = time.time() - float(cookie.get(TYPED_AT, 0))
    if seconds_ago > current_app.config["SECURITY_FRESHNESS"].total_seconds():
        raise PasswordNeeded


def note_password() -> None:
    """It was typed just now, and was right."""
    cookie[TYPED_AT] = time.time()
