"""Addresses of workspaces."""

import pytest
from sqlalchemy import select

from enferno.errors import SlugTaken
from enferno.extensions import db
from enferno.user.models import User
from enferno.workspace.founding import found_workspace
from enferno.workspace.models import Workspace, WorkspaceSlug
from enferno.workspace.naming import RESERVED, free_slug, slug_of


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Acme", "acme"),
        ("  Müller & Söhne GmbH ", "muller-sohne-gmbh"),
        ("Ægir Þór", "aegir-thor"),
        ("株式会社", "zhushihuishe"),
        ("شركة", "shrkh"),
        ("İstanbul", "istanbul"),
        ("Zoe\u0308", "zoe"),
        ("!!", "workspace"),
        ("${constructor.constructor('alert(1)')()}", "constructor-constructor-alert-1"),
        ("a" * 80, "a" * 40),
    ],
)
def test_an_address_is_made_from_the_name(name, slug):
    assert slug_of(name) == slug


def test_a_second_workspace_of_the_same_name_gets_the_next_number(stage, acme):
    assert free_slug("Acme") == "acme-2"
    db.session.add_all([Workspace(name="Acme", slug="acme-2"), Workspace(name="Acme", slug="acme-4")])
    db.session.flush()
    assert free_slug("Acme") == "acme-3"


def test_where_a_hundred_numbers_are_taken_the_next_is_drawn(acme, monkeypatch):
    monkeypatch.setattr("enferno.workspace.naming.taken_of", lambda slugs: set(slugs))
    assert len(free_slug("Acme")) > len("acme-99")


def test_names_of_our_own_pages_are_no_addresses(stage, acme):
    assert free_slug("Api") == "api-2"


def test_the_first_part_of_every_route_is_reserved(app):
    """So that an address of a workspace can become the first part of a path, or of a host, one day."""
    parts = {rule.rule.split("/")[1].partition(".")[0] for rule in app.url_map.iter_rules()}
    named = {part for part in parts if part and "<" not in part}
    assert len(named) > 15
    assert sorted(named - RESERVED) == [], "add them to RESERVED in enferno/workspace/naming.py"


def test_an_address_in_use_is_refused(acme):
    with pytest.raises(SlugTaken):
        acme.move("noise")


def test_a_former_address_is_never_handed_to_another(stage, acme):
    acme.move("rockets")
    owner = db.session.get_one(User, stage.world.stranger.id)
    db.session.commit()
    with stage.app.app_context():
        other = found_workspace(db.session.get_one(User, owner.id), "Acme")
        assert other.slug != "acme"
        with pytest.raises(SlugTaken):
            other_claim(other, "acme")


def other_claim(workspace, slug):
    from enferno.workspace.naming import claim_slug

    claim_slug(workspace, slug)


def test_a_workspace_can_go_back_to_its_own_former_address(acme):
    acme.move("rockets")
    acme.move("acme")
    assert acme.slug == "acme"
    assert db.session.scalars(select(WorkspaceSlug.slug)).all() == ["rockets"]


def test_moving_is_in_the_history(acme):
    acme.move("rockets")
    newest = db.session.scalars(acme.history("workspace.moved")).one()
    assert newest.sentence == "changed the address from acme to rockets"
