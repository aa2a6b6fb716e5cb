"""What the JSON interface says and does about bills, for the workspace and for the operator."""

import pytest

from enferno.billing.models import BillingEvent
from enferno.billing.providers.local import bank
from enferno.billing.providers.local.models import LocalSession, LocalSubscription
from enferno.extensions import db
from tests.billing.box import Box

OPERATOR = "/api/v1/superadmin/billing"


@pytest.fixture
def box(stage):
    return Box(stage)


@pytest.fixture
def acme(stage):
    return stage.world.acme


@pytest.fixture
def owner(stage, acme):
    return stage.browser(acme.owner.email)


@pytest.fixture
def root(stage):
    return stage.browser(stage.world.root.email)


# --- the workspace -------------------------------------------------------------------------------------------------


WRITES = [
    ("POST", "/billing/checkouts", {"plan": "starter", "interval": "month"}),
    ("POST", "/billing/portal-sessions", None),
    ("PATCH", "/billing/subscription", {"plan": "pro"}),
    ("GET", "/billing/subscription/loss/free", None),
    ("GET", "/billing/invoices", None),
]


def ask(browser, team, method, path, body):
    return browser.open(team.api + path, method, **({"json": body} if body is not None else {}))


@pytest.mark.parametrize(("method", "path", "body"), WRITES, ids=lambda value: str(value)[:30])
def test_only_owners_spend_money_and_see_amounts(stage, acme, method, path, body):
    for person in (acme.admin, acme.member):
        answer = ask(stage.browser(person.email), acme, method, path, body)
        assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    assert ask(stage.browser(stage.world.noise.owner.email), acme, method, path, body).status_code == 404
    assert ask(stage.browser(), acme, method, path, body).status_code == 401


def test_admins_see_the_plan_and_members_do_not(stage, acme):
    assert stage.browser(acme.admin.email).get(f"{acme.api}/billing").status_code == 200
    assert stage.browser(acme.member.email).get(f"{acme.api}/billing").status_code == 403


def test_who_never_bought_sees_the_free_plan_and_what_is_used_of_it(owner, acme):
    shown = owner.get(f"{acme.api}/billing").json
    assert (shown["plan"], shown["plan_name"], shown["subscription"], shown["can_try"]) == ("free", "Free", None, True)
    usage = {each["name"]: (each["used"], each["amount"], each["hard"]) for each in shown["usage"]}
    assert usage == {"members": (3, 5, True), "projects": (0, 3, True)}
    assert owner.get(f"{acme.api}/billing/invoices").json == {"items": []}


def test_a_checkout_leads_to_the_provider_and_a_return_to_the_plan(stage, box, owner, acme):
    begun = owner.post(f"{acme.api}/billing/checkouts", json={"plan": "starter", "interval": "year"})
    assert begun.status_code == 201
    session_id = begun.json["url"].rpartition("/")[2]
    success = box.at_the_bank(lambda: db.session.get_one(LocalSession, session_id).success_url)
    box.at_the_bank(lambda: setattr(bank.books(), "delivery", "held"))
    box.at_the_bank(lambda: bank.pay(db.session.get_one(LocalSession, session_id), "works") and None)
    readings = f"{acme.api}/billing/checkouts/{success.rpartition('=')[2]}/readings"
    for _reload in range(3):
        read = owner.post(readings)
        assert read.status_code == 200
        assert (read.json["state"], read.json["plan"], read.json["interval"]) == ("active", "starter", "year")
        assert (read.json["amount"], read.json["currency"]) == (9000, "eur")
    assert stage.browser(stage.world.noise.owner.email).post(readings.replace("acme", "noise")).status_code == 404
    assert owner.get(f"{acme.api}/billing").json["plan"] == "starter"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"plan": "gold", "interval": "month"}, "plan"),
        ({"plan": "enterprise", "interval": "month"}, "interval"),
        ({"plan": "starter", "interval": "week"}, "interval"),
        ({"plan": "starter", "interval": "month", "currency": "usd"}, "interval"),
        ({"plan": "starter", "interval": "month", "currency": "EURO"}, "currency"),
        ({"plan": "starter"}, "interval"),
    ],
)
def test_what_is_not_sold_is_refused_at_its_field(owner, acme, body, field):
    answer = owner.post(f"{acme.api}/billing/checkouts", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json["errors"]] == [field]


def test_who_pays_changes_the_plan_instead_of_buying_a_second_one(box, owner, acme):
    box.buy(acme, "starter")
    again = owner.post(f"{acme.api}/billing/checkouts", json={"plan": "pro", "interval": "month"})
    assert (again.status_code, again.json["code"]) == (409, "already_subscribed")
    changed = owner.patch(f"{acme.api}/billing/subscription", json={"plan": "pro"})
    assert (changed.json["plan"], changed.json["interval"], changed.json["amount"]) == ("pro", "month", 1900)
    yearly = owner.patch(f"{acme.api}/billing/subscription", json={"interval": "year"})
    assert (yearly.json["plan"], yearly.json["interval"], yearly.json["amount"]) == ("pro", "year", 19000)


def test_a_cancellation_and_a_change_of_mind(box, owner, acme):
    box.buy(acme, "starter")
    ends = owner.patch(f"{acme.api}/billing/subscription", json={"cancel_at_end": True}).json
    assert ends["cancel_at"] == ends["period_ends_at"]
    assert owner.patch(f"{acme.api}/billing/subscription", json={"cancel_at_end": False}).json["cancel_at"] is None


def test_where_nothing_is_paid_there_is_nothing_to_change(owner, acme):
    answer = owner.patch(f"{acme.api}/billing/subscription", json={"cancel_at_end": True})
    assert (answer.status_code, answer.json["code"]) == (409, "no_subscription")
    assert owner.post(f"{acme.api}/billing/portal-sessions").status_code == 404


def test_what_would_be_lost_is_said_before_it_is(box, owner, acme):
    box.buy(acme, "pro")
    lost = owner.get(f"{acme.api}/billing/subscription/loss/free").json
    assert lost["features"] == ["audit_log", "exports"]
    assert set(lost["limits"]) == {"projects", "members"}
    assert lost["words"][:3] == ["Audit log", "Exports", "Projects: up to 3"]


def test_what_a_smaller_plan_has_no_room_for_is_said_and_stays(stage, box, owner, acme):
    box.buy(acme, "pro")
    for number in range(4):
        assert owner.post(f"{acme.api}/projects", json={"name": f"P{number}"}).status_code == 201
    lost = owner.get(f"{acme.api}/billing/subscription/loss/free").json
    assert lost["over"] == {"projects": 4}
    assert "Projects: up to 3; you have 4, which stay, and no more can be added" in lost["words"]
    assert owner.get(f"{acme.api}/billing/subscription/loss/starter").json["over"] == {}


def test_invoices_are_those_of_the_workspace(stage, box, owner, acme):
    box.buy(acme, "starter")
    box.buy(stage.world.noise, "starter", interval="year")
    items = owner.get(f"{acme.api}/billing/invoices").json["items"]
    assert [(each["amount"], each["currency"], each["paid"]) for each in items] == [(900, "eur", True)]


def test_the_history_names_the_plan_as_people_know_it(box, owner, acme):
    box.buy(acme, "starter")
    [line] = [each for each in owner.get(f"{acme.api}/activity").json["items"] if each["kind"] == "billing.changed"]
    assert "Starter was booked" in str(line)


# --- the operator ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "/subscriptions", "/events"])
def test_bills_of_everyone_are_for_the_superadmin_alone(stage, acme, path):
    assert stage.browser(acme.owner.email).get(OPERATOR + path).status_code in (403, 404)
    assert stage.browser().get(OPERATOR + path).status_code == 401


def test_revenue_a_month_counts_seats_and_a_twelfth_of_a_year_and_no_trial(stage, box, root, acme):
    box.buy(acme, "starter", interval="year")
    box.buy(stage.world.noise, "pro")
    shown = root.get(OPERATOR).json
    assert shown["a_month"] == [{"currency": "eur", "amount": 750}]
    assert (shown["counts"]["active"], shown["counts"]["trialing"], shown["counts"]["past_due"]) == (1, 1, 0)
    box.days_later(15)
    seats = box.mirror(stage.world.noise)["quantity"]
    assert root.get(OPERATOR).json["a_month"] == [{"currency": "eur", "amount": 750 + 1900 * seats}]


def test_beginnings_and_endings_stand_on_their_day(box, root, acme):
    one = box.buy(acme, "starter")
    box.at_the_bank(lambda: bank.end(db.session.get_one(LocalSubscription, one)))
    per_day = root.get(OPERATOR).json["per_day"]
    assert (len(per_day["began"]), sum(per_day["began"]), per_day["began"][-1]) == (30, 1, 1)
    assert (len(per_day["ended"]), sum(per_day["ended"]), per_day["ended"][-1]) == (30, 1, 1)


def test_subscriptions_are_listed_with_the_names_of_their_workspaces_and_filtered_by_state(stage, box, root, acme):
    box.buy(acme, "starter")
    box.buy(stage.world.noise, "pro")
    every = root.get(f"{OPERATOR}/subscriptions").json
    assert {(each["workspace"], each["state"]) for each in every["items"]} == {
        ("Acme", "active"),
        ("Noise", "trialing"),
    }
    found = root.get(f"{OPERATOR}/subscriptions?state=trialing").json["items"]
    assert [each["workspace"] for each in found] == ["Noise"]
    assert root.get(f"{OPERATOR}/subscriptions?state=nonsense").status_code == 422


def test_a_customer_who_is_billed_twice_is_counted_and_marked(box, root, acme):
    assert root.get(OPERATOR).json["counts"]["billed_twice"] == 0
    one = box.buy(acme, "starter")

    def double():
        found = db.session.get_one(LocalSubscription, one)
        values = {column.key: getattr(found, column.key) for column in LocalSubscription.__table__.columns}
        db.session.add(again := LocalSubscription(**values | {"id": "sub_again"}))
        db.session.flush()
        bank.tell("subscription.created", again)

    box.at_the_bank(double)
    assert root.get(OPERATOR).json["counts"]["billed_twice"] == 1
    [row] = root.get(f"{OPERATOR}/subscriptions").json["items"]
    assert row["others"] == 1


def test_events_are_listed_with_what_became_of_them_and_nobodys_particulars(box, root, acme):
    box.buy(acme, "starter")
    shown = root.get(f"{OPERATOR}/events").json
    assert {each["kind"] for each in shown["items"]} == {"subscription.created", "checkout.completed"}
    assert {each["state"] for each in shown["items"]} == {"done"}
    assert acme.owner.email not in str(shown)
    assert root.get(f"{OPERATOR}/events?state=parked").json["items"] == []
    assert len(root.get(f"{OPERATOR}/events?search=checkout").json["items"]) == 1


def test_a_parked_event_is_counted_and_replayed(box, root, acme):
    box.buy(acme, "starter")

    def park():
        event = db.session.query(BillingEvent).filter(BillingEvent.kind == "checkout.completed").one()
        event.state, event.tries, event.last_error, event.done_at = "parked", 12, "ProviderUnavailable", None
        return str(event.id)

    event_id = box.at_the_bank(park)
    assert root.get(OPERATOR).json["counts"]["parked"] == 1
    [shown] = root.get(f"{OPERATOR}/events?state=parked").json["items"]
    assert (shown["id"], shown["tries"], shown["last_error"]) == (event_id, 12, "ProviderUnavailable")
    assert root.post(f"{OPERATOR}/events/{event_id}/replays").status_code == 204
    assert root.get(f"{OPERATOR}/events?state=parked").json["items"] == []
    assert root.post(f"{OPERATOR}/events/{acme.id}/replays").status_code == 404


def test_a_reading_mends_what_no_event_told(stage, box, root, acme):
    one = box.buy(acme, "starter")
    box.at_the_bank(lambda: setattr(bank.books(), "delivery", "held"))
    box.at_the_bank(lambda: bank.end(db.session.get_one(LocalSubscription, one)))
    assert box.mirror(acme)["state"] == "active"
    assert root.post(f"{OPERATOR}/subscriptions/{acme.id}/readings").status_code == 204
    assert box.mirror(acme)["state"] == "cancelled"
    assert root.post(f"{OPERATOR}/subscriptions/{stage.world.noise.id}/readings").status_code == 404
