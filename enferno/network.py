"""Who asks, as an address of the network: read once, before anything else, and written in one way everywhere.

A proxy in front may say 203.0.113.5:5678 or ::ffff:203.0.113.5. Taken as it is, that would be an address of its own for
every connection, or one "unknown" for all visitors together, wherever visitors are counted.
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from flask import request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["UNKNOWN", "OneSpelling", "network", "one_spelling"]

UNKNOWN = "unknown"
# 203.0.113.5:5678 and [2001:db8::1]:443, as proxies write them. An IPv6 address without brackets has no port.
WITH_PORT = re.compile(r"\[([^\]]*)\](?::\d{1,5})?|([\d.]*):\d{1,5}")
# The longest that is no nonsense: an IPv6 address that ends in one of IPv4, with brackets and a port.
LONGEST = 60


class OneSpelling:
    """WSGI: put the caller's address into its one spelling, so that `request.remote_addr` has no other."""

    def __init__(self, app: "WSGIApplication") -> None:
        self.app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ["REMOTE_ADDR"] = one_spelling(environ.get("REMOTE_ADDR"))
        return self.app(environ, start_response)


def one_spelling(text: Any) -> str:
    """The address without port, brackets and zone, one of IPv4 inside IPv6 as what it is; "unknown" for the rest."""
    text = str(text or "").strip()
    if len(text) > LONGEST:
        return UNKNOWN
    found = WITH_PORT.fullmatch(text)
    try:
        address = ip_address((found[1] or found[2] or "") if found else text)
    except ValueError:
        return UNKNOWN
    return str(plain(address))


def plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    # A zone (fe80::1%eth0) says which of our own cables it is, in words that whoever wrote the header chose.
    return address.ipv4_mapped or IPv6Address(int(address))


def network() -> str:
    """What a visitor is counted by: the address; of IPv6 the /64, which one subscriber has for himself."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return UNKNOWN
    return str(address) if address.version == 4 else str(ip_network(f"{address}/64", strict=False))
