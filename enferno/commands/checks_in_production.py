"""What `flask doctor` looks at where the application serves: beat, proxies, who collects the money, static files."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from flask import current_app

from enferno.billing.account import billing
from enferno.billing.providers import ProviderUnavailable
from enferno.commands.findings import FAIL, OK, SKIP, WARN, Found
from enferno.database import now
from enferno.extensions import cache
from enferno.pages.shell import EXTENSION
from enferno.settings import current_settings

__all__ = ["assets", "beat", "proxies", "sold"]

# The schedule has something to send every 30 seconds.
BEAT_IS_LATE = timedelta(minutes=2)
KEYS = {"stripe": "STRIPE_API_KEY", "chargebee": "CHARGEBEE_SITE and CHARGEBEE_API_KEY"}
REFUSED = (401, 403)


def beat() -> Iterator[Found]:
    settings = current_settings()
    if not (settings.celery_broker_url and settings.redis_url):
        yield OK, "not needed: without a broker and Redis each process has a clock of its own", ""
        return
    from redis.exceptions import RedisError

    from enferno.tasks.pulse import beat_sent_at

    try:
        cache.cache.ping()  # type: ignore[attr-defined]
    except (RedisError, OSError):
        yield SKIP, "not looked at, since it is noted in the cache when beat sends something", ""
        return
    level = FAIL if settings.is_production else WARN
    remedy = "One has to run in the whole installation: celery -A enferno.tasks beat"
    sent_at = beat_sent_at()
    if sent_at is None:
        yield level, "has sent nothing for a day, or never", remedy
    elif now() - sent_at > BEAT_IS_LATE:
        yield level, f"last sent something {(now() - sent_at).total_seconds() / 60:.0f} minutes ago", remedy
    else:
        yield OK, f"sent something {(now() - sent_at).total_seconds():.0f} seconds ago", ""


def proxies() -> Iterator[Found]:
    """What ends TLS stands in front, and says whom it speaks for: without it all visitors share one address."""
    count = current_settings().trusted_proxies
    if current_settings().is_production and count == 0:
        text = "none is trusted, so all visitors have the address of what ends TLS in front, and share its limits"
        yield FAIL, text, "Write into TRUSTED_PROXIES how many there are; behind nginx it is 1."
    else:
        yield OK, f"{count} in front", ""


def sold() -> Iterator[Found]:
    """Whether the provider takes our keys, has what plans.toml sells, and knows where to report."""
    if not billing().sells:
        yield OK, "nothing is sold", ""
        return
    provider = billing().provider()
    try:
        faults = [each.fault for each in provider.compare(billing().catalogue) if each.fault] + provider.complaints()
    except ProviderUnavailable:
        yield FAIL, f"{provider.key} does not answer", "Is there a way out to it from here?"
        return
    except Exception as refusal:
        # The SDKs have no common word for it.
        status = getattr(refusal, "http_status", None) or getattr(refusal, "http_status_code", None)
        if status not in REFUSED:
            raise
        yield FAIL, f"{provider.key} refuses our key", f"Is {KEYS[provider.key]} right?"
        return
    for fault in faults:
        yield FAIL, fault, "See docs/billing.md."
    if not faults:
        yield OK, f"{provider.key} has what plans.toml says", ""


def assets() -> Iterator[Found]:
    """Those that nobody published ahead are made when they are asked for, if there is room to write them."""
    known = current_app.extensions[EXTENSION].assets
    missing = len(known.unpublished())
    if not missing:
        yield OK, "all static files are published", ""
    elif can_be_made(known.folder):
        yield OK, f"{missing} static files are made when they are first asked for, or nginx has them", ""
    else:
        text = f"{missing} static files were not published, and {known.folder} cannot be written"
        yield FAIL, text, "Publish them where it can: python -m deploy.publish"


def can_be_made(folder: Path) -> bool:
    """Whether files can be written there, or the folder itself be made."""
    there = next(place for place in (folder, *folder.parents) if place.is_dir())
    return os.access(there, os.W_OK)
