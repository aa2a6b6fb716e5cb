"""What a link in a mail is tied to (the address, the password's hash), as it stands in the link's token.

Flask-Security puts it through half a million rounds of SHA-256, a quarter of a second for whoever opens a link, or asks
for one with an address that is known. A password needs that, since people choose it and it can be guessed; this cannot:
the token is signed, and without our key nobody can try out what was hashed.
"""

import hashlib
import hmac

from flask import current_app

__all__ = ["KeyedHash"]


class KeyedHash:
    """In the place of Flask-Security's `hashing_context`."""

    def hash(self, secret: bytes) -> str:
        return keyed(str(current_app.config["SECRET_KEY"]), secret)

    def verify(self, secret: bytes, hashed: str) -> bool:
        """Also what was hashed with a former key, as long as links that it signed are taken."""
        keys = (current_app.config["SECRET_KEY"], *current_app.config["SECRET_KEY_FALLBACKS"])
        return any(hmac.compare_digest(keyed(str(key), secret).encode(), str(hashed).encode()) for key in keys)


def keyed(key: str, secret: bytes) -> str:
    return hmac.new(key.encode(), b"link token\0" + secret, hashlib.sha256).hexdigest()
