"""Addresses of the parts outside, read from a setting's text. What is wrong is said without repeating the address,
which may hold a password."""

from collections.abc import Callable
from email.utils import parseaddr
from urllib.parse import urlsplit

__all__ = ["WITHOUT_TLS", "mail_server_address", "sender_address", "service_address"]

# Behind SMTP_URL: send without TLS, as to a relay on the same machine.
WITHOUT_TLS = "tls=none"


def service_address(example: str, *schemes: str) -> Callable[[str], str]:
    """Read the address of a server; `example` is shown to whoever wrote something else."""

    def parse(text: str) -> str:
        try:
            address = urlsplit(text)
            known = address.scheme in schemes and bool(address.hostname or address.path.strip("/"))
            known = known and (address.port is None or address.port > 0)
        except ValueError:
            known = False
        if not known:
            raise ValueError(f"write an address such as {example}")
        return text

    return parse


def mail_server_address(text: str) -> str:
    """The server that takes our mails; without TLS only where that is asked for by name, and never with a password."""
    read = service_address("smtp://user:password@host:587", "smtp", "smtps")
    address = urlsplit(read(text))
    if address.query and (address.query != WITHOUT_TLS or address.scheme == "smtps" or address.username):
        raise ValueError(
            f"behind the address nothing but ?{WITHOUT_TLS} may stand, for a relay that speaks no TLS and wants no "
            "password, such as smtp://relay:25?tls=none"
        )
    return text


def sender_address(text: str) -> str:
    name_and_host = parseaddr(text)[1].split("@")
    if len(name_and_host) != 2 or not all(name_and_host) or len(text.splitlines()) != 1:
        raise ValueError("write an address such as Acme <hello@example.com>")
    return text
