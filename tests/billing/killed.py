"""Processes that die, without a word, at a point of handling a webhook.

One process imports the application, once; for each line it is given it forks a child that handles the webhook and is
killed by the kernel at the point. `Killers().kill(...)` gives the child's exit code.
"""

import dataclasses
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import chargebee

from enferno.app import create_app
from enferno.billing import announce, mirror
from enferno.billing.providers.chargebee import Chargebee
from enferno.billing.providers.stripe import Stripe
from enferno.settings import ROOT, Settings

__all__ = ["POINTS", "Killers"]

# The six points, in the order in which a webhook comes to them.
POINTS = (
    "before it is stored",
    "after it is stored",
    "before the provider is asked",
    "after the provider's answer",
    "after the update",
    "before the reply",
)


def die(*_args: Any, **_kwargs: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Killers:
    """A process whose children are killed."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.billing.killed"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    def kill(self, point: str, settings: Settings, provider: str, request: dict[str, Any]) -> int:
        """Handle a webhook in a child that dies at the point; gives its exit code, -9 when it was killed."""
        told = {"point": point, "settings": dataclasses.asdict(settings), "provider": provider}
        told |= {"body": request["data"].decode(), "headers": request["headers"]}
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(told, default=str) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(10)


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if not child:
            handle(json.loads(line))
            os._exit(0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


def handle(told: dict[str, Any]) -> None:
    app = create_app(Settings(**{name: typed(name, value) for name, value in told["settings"].items()}))
    # The stand-in speaks plain HTTP.
    chargebee.Chargebee.verify_ca_certs = False
    arm(told["point"])
    app.test_client().post(f"/webhooks/{told['provider']}", data=told["body"].encode(), headers=told["headers"])
    if told["point"] == "before the reply":
        die()


def typed(name: str, value: Any) -> Any:
    """JSON has neither paths nor tuples."""
    if isinstance(getattr(Settings, name, None), Path):
        return Path(value)
    return tuple(value) if isinstance(value, list) else value


def arm(point: str) -> None:
    """Let this process die when it comes to the point."""
    assert point in POINTS
    if point == "before it is stored":
        Stripe.notice = Chargebee.notice = die  # type: ignore[method-assign]
    if point == "after it is stored":
        mirror.handle = die  # type: ignore[assignment]
    if point == "before the provider is asked":
        Stripe.subscriptions_of = Chargebee.subscriptions_of = die  # type: ignore[method-assign]
    if point == "after the provider's answer":
        mirror.copy = die  # type: ignore[assignment]
    if point == "after the update":
        mirror.announce = announce.announce = die  # type: ignore[assignment]


if __name__ == "__main__":
    main()
