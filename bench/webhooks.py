"""Webhooks a second, beside a bare Flask view that inserts one row: python bench/webhooks.py [--turns 10]

Each request is an event that was never seen before, signed as Stripe signs, about a customer whom we know. Stripe's API
is away: it accepts connections and never answers. Both sides run under uWSGI with the configuration of production and
the same PostgreSQL, and take turns of a second, so that both meet the same weather. The ratio is the median of those of
the turns; beside it stands that of the CPU which the servers used, which does not depend on what else the machine does.
"""

import argparse
import asyncio
import json
import re
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import create_engine, text
from stripe import WebhookSignature

from bench.house import HOST, House, production
from bench.load import Measured
from bench.server import Server, serving
from enferno.app import create_app
from tests.support import databases
from tests.support.servers import own_postgres, silence, valkey
from tests.support.world import build_world

SECRET = "whsec_bench"
CUSTOMER = "cus_bench"
TARGET = 0.4
MOST_A_SECOND = 3_000


@dataclass
class Side:
    """One of the two, and what it did in each of its turns."""

    name: str
    path: str
    server: Server
    turns: list[Measured] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    def take_turn(self, seconds: int) -> None:
        before = self.server.cpu_seconds()
        found = measure(self.server, seconds, self.path)
        self.turns.append(found)
        self.cpu_ms.append((self.server.cpu_seconds() - before) * 1000 / (found.per_second * seconds))

    def figures(self) -> str:
        per_second = statistics.median(turn.per_second for turn in self.turns)
        p50, p99 = (statistics.median(times) for times in zip(*((t.p50_ms, t.p99_ms) for t in self.turns), strict=True))
        return f"{self.name:34}{per_second:8.0f}{p50:9.1f}{p99:9.1f}{statistics.median(self.cpu_ms):9.2f}"


def main() -> int:
    choices = arguments()
    with tempfile.TemporaryDirectory(prefix="readykit-bench-") as folder, ExitStack() as parts:
        built, database = prepare(parts, Path(folder), with_broker=not choices.without_broker)
        bare = Side("bare Flask, one INSERT", "/", parts.enter_context(serving(built, "bench.bare:insert", choices)))
        ours = Side("webhook, stored", "/webhooks/stripe", parts.enter_context(serving(built, "run:app", choices)))
        for side in (bare, ours):
            measure(side.server, 1, side.path)  # The first requests of a process read modules and compile statements.
        for turn in range(choices.turns):
            for side in (bare, ours) if turn % 2 else (ours, bare):
                side.take_turn(choices.seconds)
        stored = count(database)
    return report(bare, ours, stored, choices)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/webhooks.py", description=__doc__)
    parser.add_argument("--seconds", type=int, default=1, help="how long each side is asked in a turn (1)")
    parser.add_argument("--turns", type=int, default=10, help="how often each side has its turn (10)")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--without-broker", action="store_true", help="events are handled by threads of the same process"
    )
    return parser.parse_args()


def prepare(parts: ExitStack, folder: Path, *, with_broker: bool) -> tuple[House, databases.Database]:
    database = parts.enter_context(own_postgres()).database()
    redis = parts.enter_context(valkey())
    app = create_app(databases.settings_for(database, folder))
    parts.callback(databases.dispose, app)
    world = build_world(app)
    know_customer(database, world.acme.id)
    environ = production(database.app_url, redis.url, folder) | {
        "BILLING_PROVIDER": "stripe",
        "STRIPE_API_KEY": "sk_test_bench",
        "STRIPE_WEBHOOK_SECRETS": SECRET,
        "STRIPE_API_BASE": f"http://127.0.0.1:{parts.enter_context(silence())}",
    }
    if with_broker:
        environ["CELERY_BROKER_URL"] = redis.url
    return House(folder, environ, app, world), database


def know_customer(database: databases.Database, workspace_id: object) -> None:
    """An account with a customer, and a table for the bare view."""
    engine = create_engine(database.owner_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE bare_rows (id uuid PRIMARY KEY, body text NOT NULL)"))
        connection.execute(text("GRANT INSERT ON bare_rows TO readykit_app"))
        connection.execute(
            text(
                "INSERT INTO billing_accounts (id, provider, customer_id, account_of_id, created_at)"
                " VALUES (:id, 'stripe', :customer, :workspace, now())"
            ),
            {"id": uuid4(), "customer": CUSTOMER, "workspace": workspace_id},
        )
    engine.dispose()


def count(database: databases.Database) -> int:
    engine = create_engine(database.owner_url)
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT count(*) FROM billing_events"))
    engine.dispose()
    return int(found or 0)


def signed_requests(path: str, number: int) -> list[bytes]:
    """Made before the clock starts: what the client costs is then the same for both sides."""
    made = []
    for _each in range(number):
        body = json.dumps(event())
        signature = WebhookSignature.generate_signature_header(body, SECRET)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
            f"X-Forwarded-Proto: https\r\nStripe-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body.encode())
    return made


def event() -> dict[str, object]:
    subscription = {
        "id": "sub_bench",
        "object": "subscription",
        "customer": CUSTOMER,
        "status": "active",
        "metadata": {},
    }
    return {
        "id": f"evt_{uuid4().hex}", "object": "event", "type": "customer.subscription.updated", "livemode": False,
        "created": int(time.time()), "api_version": "2026-10-28.endive", "data": {"object": subscription},
    }  # fmt: skip


def measure(server: Server, seconds: int, path: str) -> Measured:
    requests = signed_requests(path, MOST_A_SECOND * seconds)
    return asyncio.run(send(server, requests, seconds))


async def send(server: Server, requests: list[bytes], seconds: int) -> Measured:
    """Send them one after the other over each connection; each request is used once."""
    end = time.monotonic() + seconds
    waits: list[float] = []
    failed = 0

    async def deliver() -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        while time.monotonic() < end:
            request = requests.pop()
            began = time.monotonic()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head, re.I)
            await reader.readexactly(int(length[1]) if length else 0)
            waits.append((time.monotonic() - began) * 1000)
            failed += b" 200 " not in head[:20]
        writer.close()

    await asyncio.gather(*(deliver() for _ in range(server.connections)))
    cuts = statistics.quantiles(waits, n=100)
    return Measured(len(waits) / seconds, cuts[49], cuts[98], failed)


def report(bare: Side, ours: Side, stored: int, choices: argparse.Namespace) -> int:
    print(f"uWSGI, {choices.processes} processes x {choices.threads} threads, Stripe's API silent,", end=" ")
    print("no broker" if choices.without_broker else "a broker and no worker", end=";")
    print(f" medians of {choices.turns} turns of {choices.seconds} s")
    print(f"\n{'':34}{'req/s':>8}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}")
    print(bare.figures(), ours.figures(), sep="\n")
    ratios = [our.per_second / other.per_second for our, other in zip(ours.turns, bare.turns, strict=True)]
    of_cpu = statistics.median(bare.cpu_ms) / (statistics.median(ours.cpu_ms) or 1)
    failed = sum(turn.failed for side in (bare, ours) for turn in side.turns)
    print(f"\nratio {statistics.median(ratios):.2f}, wanted {TARGET};", end=" ")
    print(f"{stored} events stored, {failed} answers were not 200")
    print(f"single turns {min(ratios):.2f} to {max(ratios):.2f}; by the servers' CPU {of_cpu:.2f}")
    return 1 if failed or not stored else 0


if __name__ == "__main__":
    sys.exit(main())
