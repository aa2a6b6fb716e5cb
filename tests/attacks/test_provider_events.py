"""Events that their provider has signed, and that make no sense all the same: kept, answered, shown, never a fault."""

import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from enferno.app import create_app
from enferno.webhooks import LARGEST_EVENT
from tests.billing.shops import SHOPS, ChargebeeShop, Shop, StripeShop
from tests.billing.stripe_standin import SECRET
from tests.conftest import DATABASES
from tests.support import databases
from tests.support.client import Browser
from tests.support.world import build_world

EVENTS = "/api/v1/superadmin/billing/events"
BRACKETS = 50_000
# With the names that the two give to the parts of an event.
PARTS = {
    "stripe": {"kind": "type", "thing": ("data", "object"), "customer": ("data", "object", "customer")},
    "chargebee": {
        "kind": "event_type",
        "thing": ("content",),
        "customer": ("content", "subscription", "customer_id"),
    },
}


def signed(shop: Shop, body: bytes) -> dict[str, Any]:
    """As the provider delivers it, whatever it is."""
    if isinstance(shop, ChargebeeShop):
        return ChargebeeShop.request(body)
    stamp = int(time.time())
    signature = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, "sha256").hexdigest()
    return {"data": body, "headers": {"Stripe-Signature": f"t={stamp},v1={signature}"}}


def changed(event: Any, value: Any, *paths: tuple[str, ...]) -> bytes:
    """The event with another value in some places of it. A value of bytes is written as it is, JSON or not."""
    copy = json.loads(json.dumps(event))
    for path in paths:
        within = copy
        for name in path[:-1]:
            within = within[name]
        within[path[-1]] = "@" if isinstance(value, bytes) else value
    body = json.dumps(copy).encode()
    return body.replace(b'"@"', value) if isinstance(value, bytes) else body


@pytest.fixture(scope="module", params=[(kind, key) for kind in DATABASES for key in SHOPS], ids="-".join)
def standing_shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One application for all tests of a shop: what they leave behind is events alone."""
    kind, key = request.param
    folder = tmp_path_factory.mktemp("shop")
    with databases.fresh(kind, folder) as database, SHOPS[key].opened() as account:
        app = create_app(databases.settings_for(database, folder, **SHOPS[key].settings(account)))
        found = SHOPS[key](app, build_world(app), account)
        found.buy(found.world.acme)
        found.database = database  # type: ignore[attr-defined]
        yield found
        databases.dispose(app)


@pytest.fixture
def shop(standing_shop: Shop) -> Iterator[Shop]:
    """A shop to which no event has come so far."""
    yield standing_shop
    forget(standing_shop)


def forget(shop: Shop) -> None:
    """Take away what arrived, past all walls, as if nothing had."""
    engine = create_engine(shop.database.owner_url)  # type: ignore[attr-defined]
    with engine.begin() as connection:
        for table in ("billing_events", "subscriptions"):
            connection.execute(text(f"DELETE FROM {table}"))
    engine.dispose()


@pytest.fixture
def event(shop: Shop) -> Any:
    """An event in order, whose parts are then replaced. It is not delivered."""
    found = dict(next(one for one in shop.provider.events if "subscription" in str(one[PARTS[shop.key]["kind"]])))
    if isinstance(shop, ChargebeeShop):
        found["content"] = {"subscription": found["content"]["subscription"]}
    return found


def shown(shop: Shop) -> list[dict[str, Any]]:
    """What the operator's page shows of what arrived."""
    answer = Browser(shop.app).sign_in(shop.world.root.email).get(f"{EVENTS}?state=unreadable")
    assert answer.status_code == 200, answer.text
    return list(answer.json["items"])


NO_EVENTS: dict[str, bytes] = {
    "nothing at all": b"",
    "no JSON": b"not JSON",
    "JSON that breaks off": b'{"id": "evt_1", "object": "eve',
    "brackets": b"[" * BRACKETS + b"]" * BRACKETS,
    "brackets that never close": b"[" * BRACKETS,
    "objects in objects": b'{"id":' * BRACKETS,
    "not UTF-8": b'{"id": "evt_1\xff\xfe", "object": "event"}',
    "a number longer than Python reads": b"[" + b"9" * 5000 + b"]",
    "null": b"null",
    "a list": b"[]",
    "a number": b"7",
    "a text": b'"event"',
}


def test_what_is_signed_and_no_event_is_kept_as_unreadable(shop: Shop) -> None:
    """A20: 50,000 brackets, no JSON, not UTF-8."""
    for name, body in NO_EVENTS.items():
        assert shop.post(signed(shop, body)) == 200, name
        assert shop.post(signed(shop, body)) == 200, f"{name}, once more"
    rows = shown(shop)
    assert sorted(row["payload"]["bytes"] for row in rows) == sorted(map(len, NO_EVENTS.values()))
    for row in rows:
        assert (row["state"], row["provider"], row["kind"]) == ("unreadable", shop.key, "unreadable")
        assert row["event_id"].startswith("sha256:")


def odd_values(part: str) -> dict[str, Any]:
    """Values that make an event unreadable, when they stand in this part of it."""
    wrong_types = {"a number": 7, "a list": ["x"], "an object": {"x": {"y": 1}}, "true": True}
    texts = {
        "NUL": "x\x00y",
        "a lone surrogate": b'"x\\ud800y"',
        "bytes of a surrogate": b'"x\xed\xa0\x80y"',
        "a line end": "x\ny",
        "another direction": "x\u202ey",
        "longer than the column": "x" * 300,
        "brackets": b"[" * 400 + b"]" * 400,
    }
    return {
        "id": wrong_types | texts,
        "kind": wrong_types | texts | {"null": None, "an empty text": ""},
        "thing": {"null": None, "a text": "text", "a number": 7, "a list": [], "true": True},
        "customer": wrong_types | texts,
    }[part]


@pytest.mark.parametrize("part", ["id", "kind", "thing", "customer"])
def test_an_event_with_an_odd_part_is_kept_as_unreadable(shop: Shop, event: Any, part: str) -> None:
    """A20: a null object, an id over the column's length, NUL, a lone surrogate, the wrong type for each field."""
    kind = PARTS[shop.key]["kind"]
    where = {"id": ("id",), "kind": (kind,)}.get(part) or PARTS[shop.key][part]
    for name, value in odd_values(part).items():
        assert shop.post(signed(shop, changed(event, value, where))) == 200, name
        [row] = shown(shop)
        assert (row["event_id"] == event["id"]) is (part != "id"), name
        assert (row["kind"] == event[kind]) is (part != "kind"), name
        assert shop.subscription(shop.world.acme) == {}, name
        forget(shop)


def test_metadata_of_another_kind_is_kept_as_unreadable(shop: Shop, event: Any) -> None:
    """A20: text for metadata. Chargebee's events name the workspace in the customer's id, and have none."""
    values = ["text", 7, ["x"], True, {"workspace_id": 7}, {"workspace_id": ["x"]}, {"workspace_id": "x\x00y"}]
    for value in values if isinstance(shop, StripeShop) else []:
        assert shop.post(signed(shop, changed(event, value, ("data", "object", "metadata")))) == 200, value
        assert [row["event_id"] for row in shown(shop)] == [event["id"]], value
        forget(shop)


def test_a_name_given_twice_makes_an_event_unreadable(shop: Shop, event: Any) -> None:
    """A20: which of the two counts is every reader's own guess."""
    body = json.dumps(event).replace("{", '{"id": "evt_other", ', 1).encode()
    assert shop.post(signed(shop, body)) == 200
    assert len(shown(shop)) == 1


ODD_BESIDE: dict[str, Any] = {
    "a number beyond all": b"1e999",
    "no number": b"NaN",
    "a whole number of 4000 digits": b"9" * 4000,
    "NUL": "x\x00y",
    "a lone surrogate": b'"x\\ud800y"',
    "brackets": b"[" * 400 + b"]" * 400,
    "a long text": "x" * 100_000,
    "an object": {"email": "ana@example.com"},
}


def test_what_is_odd_where_nothing_is_decided_is_made_harmless_and_the_event_handled(shop: Shop, event: Any) -> None:
    """A20: huge numbers, and what no database keeps as it is, in what is shown and not read."""
    places = {
        "stripe": (("created",), ("data", "object", "status")),
        "chargebee": (("occurred_at",), ("content", "subscription", "status")),
    }[shop.key]
    root = Browser(shop.app).sign_in(shop.world.root.email)
    for name, value in ODD_BESIDE.items():
        assert shop.post(signed(shop, changed(event, value, *places))) == 200, name
        answer = root.get(EVENTS)
        [row] = answer.json["items"]
        assert row["state"] == "done", name
        assert len(answer.text) < 5000, name
        assert "ana@example.com" not in answer.text
        assert shop.subscription(shop.world.acme)["state"] == "active", name
        forget(shop)


def test_an_unreadable_event_is_counted_and_is_not_handled_again(shop: Shop, event: Any) -> None:
    """A20: the operator sees that there is one. Tried again, it would be given up and look like another fault."""
    shop.post(signed(shop, changed(event, None, PARTS[shop.key]["thing"])))
    root = Browser(shop.app).sign_in(shop.world.root.email)
    assert root.get("/api/v1/superadmin/billing").json["counts"]["unreadable"] == 1
    [row] = shown(shop)
    assert root.post(f"{EVENTS}/{row['id']}/replays").status_code == 409
    assert [kept["id"] for kept in shown(shop)] == [row["id"]]


def test_what_is_not_signed_is_not_kept(shop: Shop, event: Any) -> None:
    """A20: only the provider can fill this table."""
    for body in (*NO_EVENTS.values(), changed(event, "x" * 300, ("id",))):
        request = signed(shop, body)
        request["headers"] = {"Stripe-Signature": "t=1,v1=00", "Authorization": "Basic eDp5"}
        assert shop.post(request) in (400, 401)
    assert shown(shop) == []


def test_an_event_over_the_bound_is_refused_before_it_is_read(shop: Shop) -> None:
    """A20: 413, and nothing is kept."""
    assert shop.post(signed(shop, b" " * (LARGEST_EVENT + 1))) == 413
    assert shown(shop) == []
