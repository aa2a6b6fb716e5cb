"""Where somebody is signed in, in words; made from what the browser says of itself, with nothing looked up."""

from functools import cache
from zoneinfo import available_timezones

__all__ = ["device_of", "known_zones", "place_of"]


def device_of(user_agent: str) -> str:
    """A browser and a system, such as "Firefox on Windows"."""
    # Only a sign-in waits for its rules to be read, and not every start.
    from ua_parser import parse

    known = parse(user_agent)
    browser = known.user_agent.family if known.user_agent else ""
    system = known.os.family if known.os else ""
    words = " on ".join(part for part in (browser, system) if part and part.isprintable())
    return words[:120] or "Unknown device"


def place_of(zone: str) -> str:
    """A place from the browser's time zone: "Europe/Berlin" gives "Berlin"."""
    if "/" not in zone or zone.startswith("Etc/") or zone not in known_zones():
        return ""
    return zone.rpartition("/")[2].replace("_", " ")


@cache
def known_zones() -> frozenset[str]:
    return frozenset(available_timezones())
