"""What goes wrong on the way: doubles, races, kills, outages. The numbers are those of the billing cases."""

import dataclasses
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from enferno.app import create_app
from enferno.billing.inbox import drain_billing, handle_event
from enferno.billing.models import BillingEvent
from enferno.billing.providers import chargebee, stripe
from enferno.database import now
from enferno.extensions import db
from enferno.settings import Settings, SettingsError
from enferno.tenancy import in_workspace
from tests.billing.killed import POINTS, Killers
from tests.billing.shops import only
from tests.billing.stripe_standin import StripeStandIn
from tests.support import databases


def history(shop, team):
    with shop.app.app_context(), in_workspace(team.id) as workspace:
        return [row.payload["change"] for row in db.session.scalars(workspace.history("billing.changed"))]


def drain(shop, later=timedelta(0)):
    with time_machine.travel(now() + later, tick=True), shop.app.app_context():
        drain_billing()


@pytest.mark.parametrize(
    ("selling", "missing"),
    [
        pytest.param("stripe", ["STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRETS"], id="stripe"),
        pytest.param("chargebee", ["CHARGEBEE_SITE", "CHARGEBEE_API_KEY", "CHARGEBEE_WEBHOOK_LOGINS"], id="chargebee"),
    ],
)
def test_case_3_a_provider_without_its_secrets_does_not_start(selling, missing):
    given = {"SECRET_KEY": "k" * 40, "SECURITY_PASSWORD_SALT": "s" * 20, "BILLING_PROVIDER": selling}
    with pytest.raises(SettingsError) as refused:
        Settings.from_environ(given)
    assert [fault.split()[0] for fault in refused.value.faults] == missing


@pytest.mark.parametrize("empty", ["", ",", " , "])
@pytest.mark.parametrize(
    ("key", "secret", "more"),
    [
        ("STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRETS", {}),
        ("CHARGEBEE_API_KEY", "CHARGEBEE_WEBHOOK_LOGINS", {"CHARGEBEE_SITE": "acme"}),
    ],
)
@pytest.mark.parametrize("sells", [True, False])
def test_case_3_no_provider_is_served_without_a_secret(key, secret, more, empty, sells):
    given = {"SECRET_KEY": "k" * 40, "SECURITY_PASSWORD_SALT": "s" * 20, key: "a key", secret: empty, **more}
    given["BILLING_PROVIDER"] = key.partition("_")[0].lower() if sells else "none"
    with pytest.raises(SettingsError) as refused:
        Settings.from_environ(given)
    assert [fault.split()[0] for fault in refused.value.faults] == [secret]


@only("stripe")
def test_case_3_a_tolerance_of_nothing_does_not_start(settings, monkeypatch):
    monkeypatch.setattr("enferno.billing.providers.stripe.TOLERANCE_SECONDS", 0)
    with pytest.raises(ValueError, match="tolerance above 0"):
        create_app(settings)


@only("stripe")
def test_case_3_no_setting_changes_the_tolerance(shop):
    assert [field.name for field in dataclasses.fields(Settings) if "tolerance" in field.name] == []
    shop.buy(shop.world.acme)
    an_hour_old = StripeStandIn.signed(shop.provider.events[0], at=int(time.time()) - 3600)
    assert shop.post(an_hour_old) == 400


def test_case_6_the_same_event_twenty_times_at_once_has_one_effect(shop):
    shop.buy(shop.world.acme)
    event = shop.provider.events[0]
    with ThreadPoolExecutor(20) as threads:
        assert set(threads.map(lambda _: shop.deliver(event)[0], range(20))) == {200}
    drain(shop, timedelta(hours=1))
    assert [row["state"] for row in shop.events()] == ["done"]
    assert history(shop, shop.world.acme) == ["started"]


def test_case_6_twenty_workers_that_take_the_same_event_have_one_effect(shop):
    shop.buy(shop.world.acme)
    shop.provider.before = shop.hides_the_truth()
    shop.deliver(shop.provider.events[0])
    shop.provider.before = lambda _method, _path: None
    [event] = shop.events()

    def work(_number):
        with shop.app.app_context():
            handle_event(event["id"])

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(work, range(20)))
    drain(shop, timedelta(days=1))
    assert [row["state"] for row in shop.events()] == ["done"]
    assert history(shop, shop.world.acme) == ["started"]


def test_case_7_two_events_about_the_same_thing_have_one_effect(shop):
    shop.buy(shop.world.acme)
    event = shop.provider.events[0]
    shop.deliver(event, shop.again(event))
    assert history(shop, shop.world.acme) == ["started"]


@pytest.fixture(scope="module")
def killers():
    found = Killers()
    yield found
    found.close()


@pytest.mark.parametrize("point", POINTS)
def test_case_8_a_process_killed_anywhere_loses_nothing_and_doubles_nothing(shop, killers, point):
    shop.buy(shop.world.acme)
    event = shop.provider.events[0]
    assert killers.kill(point, shop.app.extensions["settings"], shop.key, shop.request(event)) == -9
    if point == "before it is stored":
        assert shop.events() == []
        shop.deliver(event)  # The provider had no answer, so it delivers again.
    elif point != "before the reply":
        assert [row["state"] for row in shop.events()] == ["received"]
        assert shop.subscription(shop.world.acme).get("state") in (None, "none")
    drain(shop, timedelta(minutes=1))
    assert [row["state"] for row in shop.events()] == ["done"]
    assert shop.subscription(shop.world.acme)["state"] == "active"
    assert history(shop, shop.world.acme) == ["started"]


def test_case_9_without_a_database_the_provider_is_asked_to_come_again(shop, tmp_path):
    shop.buy(shop.world.acme)
    nowhere = f"sqlite:///{tmp_path}/nowhere/at/all.sqlite"
    app = create_app(dataclasses.replace(shop.app.extensions["settings"], database_url=nowhere))
    answer = app.test_client().post(f"/webhooks/{shop.key}", **shop.request(shop.provider.events[0]))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_case_10_without_a_broker_the_event_is_taken_and_handled(shop):
    shop.buy(shop.world.acme)
    unreachable = dataclasses.replace(shop.app.extensions["settings"], celery_broker_url="redis://127.0.0.1:1/0")
    app = create_app(unreachable)
    assert shop.deliver(shop.provider.events[0], app=app) == [200]
    wait_until(lambda: shop.events()[0]["state"] == "done")
    databases.dispose(app)
    assert shop.subscription(shop.world.acme)["state"] == "active"


def test_case_11_the_answer_does_not_wait_for_a_slow_provider(shop):
    shop.buy(shop.world.acme)
    app = create_app(dataclasses.replace(shop.app.extensions["settings"], env="development"))
    asked, go_on = threading.Event(), threading.Event()

    def hold(_method, _path):
        asked.set()
        go_on.wait(20)

    shop.provider.before = hold
    assert shop.deliver(shop.provider.events[0], app=app) == [200]
    assert asked.wait(10)
    assert shop.events()[0]["state"] == "received"
    go_on.set()
    wait_until(lambda: shop.events()[0]["state"] == "done")
    databases.dispose(app)


def test_case_14_an_event_about_a_customer_nobody_knows_waits_for_the_one_that_names_the_workspace(shop):
    customer = shop.called(shop.world.acme)
    paid = shop.paid(customer)
    assert shop.deliver(paid) == [200]
    one = shop.subscribe_elsewhere(customer, shop.world.acme.id)
    shop.deliver(shop.provider.events[1])
    drain(shop, timedelta(minutes=5))
    assert [row["state"] for row in shop.events()] == ["done", "done"]
    assert shop.subscription(shop.world.acme)["subscription_id"] == one["id"]


def test_case_14_an_event_that_nobody_ever_names_a_workspace_for_is_parked_and_shown(shop):
    assert shop.deliver(shop.paid("made-by-hand")) == [200]
    assert [(row["state"], row["last_error"]) for row in shop.events()] == [("received", "CustomerNotKnownYet")]
    tried(shop)
    assert [(row["state"], row["tries"]) for row in shop.events()] == [("parked", 12)]
    assert "CustomerNotKnownYet" in shop.app.test_cli_runner().invoke(args=["billing", "events"]).output


@pytest.mark.parametrize("fault", [429, 500, "die"])
def test_case_26_a_provider_that_refuses_is_asked_with_growing_pauses_and_then_the_event_is_parked(shop, fault):
    shop.buy(shop.world.acme)
    if fault == "die":
        shop.provider.after = lambda _method, path: "die" if path == shop.truth_path else None
    else:
        shop.provider.before = shop.hides_the_truth(fault)
    shop.deliver(shop.provider.events[0])
    pauses = tried(shop)
    [event] = shop.events()
    assert (event["state"], event["tries"], event["last_error"]) == ("parked", 12, "ProviderUnavailable")
    assert pauses[5] > pauses[0] * 10
    assert max(pauses) <= timedelta(hours=6, minutes=1)


def test_case_26_a_provider_that_does_not_answer_in_time_is_asked_again_later(shop, settings, monkeypatch):
    for module, name in ((stripe, "TIMEOUT_SECONDS"), (chargebee, "READ_SECONDS")):
        monkeypatch.setattr(module, name, 0.2)
    hurried, go_on = create_app(settings), threading.Event()
    shop.buy(shop.world.acme)
    shop.provider.before = lambda method, path: go_on.wait(20) and None
    assert shop.deliver(shop.provider.events[0], app=hurried) == [200]
    go_on.set()
    [event] = shop.events()
    assert (event["state"], event["tries"], event["last_error"]) == ("received", 1, "ProviderUnavailable")
    drain(shop, timedelta(hours=1))
    assert shop.subscription(shop.world.acme)["state"] == "active"
    databases.dispose(hurried)


def tried(shop):
    """Let each try come at its moment until nothing is tried any more; gives the pauses between them."""
    pauses, later = [], timedelta(0)
    for _try in range(15):
        [event] = shop.events()
        if event["state"] == "parked":
            break
        pauses.append(event["next_try_at"] - now() - later)
        later += pauses[-1] + timedelta(seconds=1)
        drain(shop, later)
    return pauses


@only("stripe")
def test_nothing_personal_of_an_event_is_kept(shop):
    secret = {
        "object": "invoice",
        "id": "in_1",
        "customer": "cus_1",
        "customer_email": "canary@example.com",
        "customer_name": "Canary",
    }
    shop.deliver(shop.provider.event("invoice.paid", secret))
    with shop.app.app_context():
        [row] = db.session.scalars(select(BillingEvent))
        assert "anary" not in json.dumps(row.payload)


def wait_until(is_so):
    for _ in range(200):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to it within ten seconds")
