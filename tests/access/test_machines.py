"""Programs that prove themselves pass by what is there for people, and by nothing that protects."""

import pytest
from flask import Blueprint, request, session

from enferno.access.guards import open_to_all, provider_signed
from enferno.machines import MachineRoutes, also_for_machines

GUARDS = {"machine": provider_signed, "person": open_to_all}


@pytest.fixture
def called():
    return []


@pytest.fixture
def house(called):
    """An application with a hook of each kind around a view of each kind."""
    app = MachineRoutes("house")
    app.secret_key = "k"
    rooms = Blueprint("rooms", "house")
    for scope, place in (("app", app), ("room", rooms)):
        place.before_request(lambda scope=scope: called.append(f"{scope} before"))
        place.after_request(lambda answer, scope=scope: called.append(f"{scope} after") or answer)
    app.before_request(also_for_machines(lambda: called.append("marked before")))
    app.after_request(also_for_machines(lambda answer: called.append("marked after") or answer))
    for name, guard in GUARDS.items():
        rooms.add_url_rule(f"/{name}", name, guard(lambda: session.update(seen=True) or "ok"), methods=["GET"])
    app.register_blueprint(rooms)
    return app


def test_around_the_view_of_a_machine_is_what_is_marked_and_what_its_blueprint_asks_for(house, called):
    assert house.test_client().get("/machine").status_code == 200
    assert called == ["marked before", "room before", "room after", "marked after"]


def test_around_every_other_view_is_all_there_is(house, called):
    assert house.test_client().get("/person").status_code == 200
    assert called == ["app before", "marked before", "room before", "room after", "marked after", "app after"]


def test_a_machine_is_given_no_cookie(house):
    assert "Set-Cookie" in house.test_client().get("/person").headers
    assert "Set-Cookie" not in house.test_client().get("/machine").headers


def test_a_hook_that_answers_keeps_a_machine_from_the_view(house, called):
    house.before_request(also_for_machines(lambda: ("no", 403) if request.args.get("no") else None))
    assert house.test_client().get("/machine?no=1").status_code == 403


def test_an_address_that_is_nobody_is_not_taken_for_a_machine(house, called):
    assert house.test_client().get("/nowhere").status_code == 404
    assert "app after" in called


def test_what_protects_is_around_the_views_of_machines_too(stage):
    """The guard, the log line with its id, and the headers."""
    answer = stage.app.test_client().post("/webhooks/nobody")
    assert answer.status_code == 404
    assert answer.headers["X-Request-ID"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    marked = {
        hook.__qualname__
        for hooks in (stage.app.before_request_funcs, stage.app.after_request_funcs)
        for hook in hooks[None]
        if getattr(hook, "__also_for_machines__", False)
    }
    assert {"begin", "enforce", "finish", "init_headers.<locals>.harden"} <= marked
