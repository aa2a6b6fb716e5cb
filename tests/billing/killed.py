"""A process that dies, without a word, at a point of handling a webhook; started by test_faults.py.

python -m tests.billing.killed POINT < {"settings": ..., "event": ..., "signature": ...}
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from enferno.app import create_app
from enferno.billing import announce, inbox, mirror
from enferno.billing.providers.stripe import Stripe
from enferno.settings import Settings


def die(*_args: Any, **_kwargs: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    given = json.load(sys.stdin)
    app = create_app(Settings(**{name: typed(name, value) for name, value in given["settings"].items()}))
    arm(sys.argv[1])
    request = {"data": given["body"].encode(), "headers": {"Stripe-Signature": given["signature"]}}
    app.test_client().post("/webhooks/stripe", **request)
    if sys.argv[1] == "before the reply":
        die()


def typed(name: str, value: Any) -> Any:
    """JSON has neither paths nor tuples."""
    if isinstance(getattr(Settings, name, None), Path):
        return Path(value)
    return tuple(value) if isinstance(value, list) else value


def arm(point: str) -> None:
    """Let this process die when it comes to the point."""
    if point == "before it is stored":
        Stripe.notice = die  # type: ignore[method-assign]
    if point == "after it is stored":
        mirror.handle = die  # type: ignore[assignment]
    if point == "before the provider is asked":
        Stripe.subscriptions_of = die  # type: ignore[method-assign]
    if point == "after the provider's answer":
        mirror.copy = die  # type: ignore[assignment]
    if point == "after the update":
        mirror.announce = announce.announce = die  # type: ignore[assignment]
    assert inbox


if __name__ == "__main__":
    main()
