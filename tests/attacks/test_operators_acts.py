"""What the operator does to a workspace stands in its history and in the log, with who did it and why."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
import structlog
from sqlalchemy import select
from structlog.testing import capture_logs

from enferno.billing.models import BillingAccount, BillingEvent, EventState
from enferno.extensions import db
from enferno.superadmin import bills
from enferno.tenancy import unscoped
from enferno.workspace.models import Activity

API = "/api/v1/superadmin"
WHY = "The invoice of May is open"


@pytest.fixture(autouse=True)
def _everything_is_logged(stage) -> Iterator[None]:
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    yield
    structlog.configure(wrapper_class=before)


@pytest.fixture
def bought(stage, monkeypatch):
    """Acme is a customer, and the provider is asked for nothing."""
    with stage.app.app_context():
        db.session.add(BillingAccount(provider="local", customer_id="cus_acme", account_of_id=stage.world.acme.id))
        event = BillingEvent(
            provider="local", event_id="evt_1", kind="paid", customer_id="cus_acme", state=EventState.PARKED
        )
        db.session.add(event)
        db.session.commit()
        selling = replace(bills.billing(), chosen="local", providers={"local": object()})
        monkeypatch.setattr(bills, "billing", lambda: selling)
        monkeypatch.setattr(bills, "refresh", lambda _provider, _customer: None)
        monkeypatch.setattr(bills.handle_event, "queue", lambda _event: None)
        return event.id


# By endpoint: the method, the address, the body, and the kind of what the history says.
ACTS = {
    "workspaces.suspend": ("POST", "workspaces/{acme}/suspension", None, "workspace.suspended"),
    "workspaces.restore": ("DELETE", "workspaces/{acme}/suspension", None, "workspace.restored"),
    "members.add": ("POST", "workspaces/{acme}/members", {"email": "stranger@example.com"}, "member.joined"),
    "members.change": ("PATCH", "workspaces/{acme}/members/{mia}", {"role": "admin"}, "member.role_changed"),
    "members.remove": ("DELETE", "workspaces/{acme}/members/{mia}", None, "member.removed"),
    "billing.reread": ("POST", "billing/subscriptions/{acme}/readings", None, "billing.reread"),
    "billing.replay": ("POST", "billing/events/{event}/replays", None, "billing.replayed"),
    "workspaces.delete": ("DELETE", "workspaces/{acme}", None, "workspace.deleted"),
}


def acted(stage, root, act: str, event_id) -> list[dict]:
    """Do it, giving the reason; what the log says of the operator then."""
    method, path, body, _kind = ACTS[act]
    world = stage.world
    if act == "workspaces.restore":
        root.post(f"{API}/workspaces/{world.acme.id}/suspension")
    path = path.format(acme=world.acme.id, mia=world.acme.member.id, event=event_id)
    with capture_logs() as lines:
        answer = root.open(f"{API}/{path}", method, json=body, query_string={"reason": WHY})
    assert answer.status_code < 300, answer.text
    return [line for line in lines if line["event"].startswith("superadmin.")]


def test_every_route_with_which_the_operator_changes_a_workspace_is_tried(stage):
    """A24: a new one has to be added to ACTS, and so to say who and why."""
    of_people = {"users", "passwords", "sessions", "deletion"}
    names = {
        rule.endpoint.removeprefix("api.superadmin.")
        for rule in stage.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.superadmin.") and (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
    }
    assert len(names) > len(ACTS)
    assert {name for name in names if name.partition(".")[0] not in of_people} == set(ACTS)


@pytest.mark.parametrize("act", [act for act in ACTS if act != "workspaces.delete"])
def test_an_act_on_a_workspace_is_in_its_history_with_who_and_why(stage, bought, act):
    """A24: in the transaction of the act itself; members read it in their own history."""
    root = stage.browser(stage.world.root.email)
    [line] = acted(stage, root, act, bought)
    kind = ACTS[act][3]
    with stage.app.app_context(), unscoped("a test looks at the history"):
        found = db.session.scalars(
            select(Activity).where(Activity.workspace_id == stage.world.acme.id, Activity.kind == kind)
        ).all()
        newest = max(found, key=lambda activity: activity.created_at)
        with stage.app.test_request_context():
            assert newest.sentence.endswith(f"({WHY})")
        assert (newest.actor_id, newest.payload["because"]) == (stage.world.root.id, WHY)
    assert line["event"] == f"superadmin.{kind.replace('.', '_')}"
    said = {"workspace": str(stage.world.acme.id), "operator": str(stage.world.root.id), "reason": WHY}
    assert line.items() >= said.items()


def test_a_deletion_is_in_the_log_with_who_and_why(stage, bought):
    """A24: the history goes with the workspace, so the log is where it stays."""
    [line] = acted(stage, stage.browser(stage.world.root.email), "workspaces.delete", bought)
    said = {
        "event": "superadmin.workspace_deleted",
        "workspace": str(stage.world.acme.id),
        "slug": "acme",
        "operator": str(stage.world.root.id),
        "reason": WHY,
    }
    assert line.items() >= said.items()


def test_what_a_deleted_person_leaves_behind_is_an_act_of_the_operator_too(stage):
    """A24: their own workspace goes, and another has a new owner."""
    world, root = stage.world, stage.browser(stage.world.root.email)
    heirs = {"new_owners": {str(world.acme.id): str(world.acme.admin.id)}}
    with capture_logs() as lines:
        assert root.post(f"{API}/users/{world.acme.owner.id}/deletion", json=heirs).status_code == 204
    said = [(line["event"], line.get("workspace")) for line in lines if line["event"].startswith("superadmin.")]
    assert ("superadmin.member_role_changed", str(world.acme.id)) in said
    assert ("superadmin.member_removed", str(world.acme.id)) in said


def test_a_refused_act_says_nothing(stage):
    """A24: what did not happen is neither in the history nor in the log."""
    world, root = stage.world, stage.browser(stage.world.root.email)
    with capture_logs() as lines:
        answer = root.delete(f"{API}/workspaces/{world.acme.id}/members/{world.acme.owner.id}")
    assert answer.status_code == 409
    assert [line for line in lines if line["event"].startswith("superadmin.")] == []


def test_what_members_do_needs_no_reason(stage):
    """A24: their events are as they were."""
    world = stage.world
    owner = stage.browser(world.acme.owner.email)
    owner.patch(world.acme.api, json={"name": "Acme Ltd"})
    newest = owner.get(f"{world.acme.api}/activity").json["items"][0]
    assert (newest["payload"], newest["sentence"]) == (
        {"before": "Acme", "after": "Acme Ltd"},
        "renamed Acme to Acme Ltd",
    )
