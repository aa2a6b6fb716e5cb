"""Whatever grows by somebody's own hand has an end."""

from itertools import pairwise

from enferno.extensions import db
from enferno.user.sessions import MOST_SESSIONS
from enferno.workspace.naming import MOST_FORMER
from tests.support.client import Browser
from tests.support.statements import count_statements


def test_renaming_reserves_a_bounded_number_of_addresses(stage):
    """A21: at most ten former addresses lead on; after that it says so, and going back to one of them still works."""
    world = stage.world
    owner = stage.browser(world.acme.owner.email)
    slugs = ["acme", *(f"acme-{n}" for n in range(MOST_FORMER + 2))]
    answers = [owner.patch(f"/api/v1/workspaces/{now}", json={"slug": then}) for now, then in pairwise(slugs)]
    assert [answer.status_code for answer in answers[:MOST_FORMER]] == [200] * MOST_FORMER
    refused = answers[MOST_FORMER]
    assert (refused.status_code, refused.json["code"]) == (409, "addresses_used_up")
    assert "too many addresses" in refused.json["title"]
    here = slugs[MOST_FORMER]
    assert owner.patch(f"/api/v1/workspaces/{here}", json={"slug": "acme"}).json["slug"] == "acme"
    assert owner.patch("/api/v1/workspaces/acme", json={"slug": here}).json["slug"] == here
    assert owner.get(f"/api/v1/workspaces/{slugs[3]}").status_code == 308, "every one of them still leads here"


def test_sixty_changes_an_hour_are_enough(stage):
    """A21: also where nothing new is reserved, each change is a line of history; the sixty-first is told to wait."""
    owner = stage.browser(stage.world.acme.owner.email)
    statuses = [owner.patch("/api/v1/workspaces/acme", json={"name": f"Acme {n}"}).status_code for n in range(61)]
    assert statuses == [200] * 60 + [429]


def test_of_too_many_sessions_the_one_not_seen_for_the_longest_ends(stage):
    """A21: signing in over and over leaves fifty open sessions, this one among them."""
    world = stage.world
    browsers = [Browser(stage.app).sign_in(world.acme.owner.email) for _ in range(MOST_SESSIONS + 3)]
    assert browsers[-1].get("/api/v1/me/sessions").json["total"] == MOST_SESSIONS
    assert [browsers[n].get("/api/v1/me").status_code for n in (0, 1, 2, 3, -1)] == [401, 401, 401, 200, 200]


def test_an_ordinary_request_pays_nothing_for_it(stage):
    """A21: sessions are counted when one is added, and then alone."""
    owner = stage.browser(stage.world.acme.owner.email)
    with stage.app.app_context():
        engine = db.engine
    with count_statements(engine) as statements:
        assert owner.get("/api/v1/me").status_code == 200
    assert len([statement for statement in statements if "sessions" in statement]) == 1
