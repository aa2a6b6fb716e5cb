"""Mail addresses: the one spelling of each, and what stands for it where it must not be readable.

`ANA@Acme.example`, `ana@ａcme.example` and `ana@acme。example` are one mailbox. Whatever looks an address up, counts,
marks or compares it takes its spelling from here; otherwise there would be as many counters for who tries passwords as
there are ways to write one address.
"""

import hashlib
import hmac
import unicodedata

from email_validator import EmailNotValidError, validate_email
from flask import current_app

__all__ = ["LONGEST", "is_address", "mark", "marks", "normal_address", "read_address"]

# RFC 5321, 4.5.3.1, with its erratum 1690; and the width of the column.
LONGEST = 254


def read_address(text: str) -> str:
    """The address in its one spelling: the domain in Unicode, all in NFC and in small letters, nothing around it.

    Raises:
        ValueError: this is no address to which a mail could go.
    """
    text = text.strip()
    if len(text) > LONGEST:
        raise ValueError("longer than an address can be")
    try:
        found = validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as fault:
        raise ValueError("no address") from fault
    # Small letters may be longer than the capital (İ), and may join with what follows.
    found = unicodedata.normalize("NFC", found.lower())
    if len(found) > LONGEST:
        raise ValueError("longer than an address can be")
    return found


def is_address(text: str | None) -> bool:
    try:
        return bool(read_address(text or ""))
    except ValueError:
        return False


def normal_address(text: str) -> str:
    """The same for any text: what is no address has a spelling as well, at the cost of its first letters alone."""
    text = text.strip()
    try:
        return read_address(text)
    except ValueError:
        return unicodedata.normalize("NFKC", text[:LONGEST]).lower()[:LONGEST].strip()


def mark(address: str, use: str) -> str:
    """Stands for an address in a log, a cookie or a counter: the same for the same, and without our key a riddle.

    A plain hash is none: who has a list of addresses hashes them all. Each `use` has marks of its own, so that a cookie
    does not find the lines of a log.
    """
    return keyed(str(current_app.config["SECRET_KEY"]), address, use)


def marks(address: str, use: str) -> frozenset[str]:
    """What `mark` gives, and what it gave under the former keys that are still accepted."""
    keys = (current_app.config["SECRET_KEY"], *current_app.config["SECRET_KEY_FALLBACKS"])
    return frozenset(keyed(str(key), address, use) for key in keys)


def keyed(key: str, address: str, use: str) -> str:
    said = f"{use}\0{normal_address(address)}".encode(errors="replace")
    return hmac.new(key.encode(), said, hashlib.sha256).hexdigest()[:32]
