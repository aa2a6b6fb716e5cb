"""Addresses of workspaces."""

import pytest
from sqlalchemy import select

from enferno.errors import SlugTaken
from enferno.extensions import db
from enferno.user.models import User
from enferno.workspace.founding import found_workspace
from enferno.workspace.models import WorkspaceSlug
from enferno.workspace.naming import free_slug, slug_of


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Acme", "acme"),
        ("  Müller & Söhne GmbH ", "muller-sohne-gmbh"),
        ("日本", "workspace"),
        ("${constructor.constructor('alert(1)')()}", "constructor-constructor-alert-1"),
        ("a" * 80, "a" * 40),
    ],
)
def test_an_address_is_made_from_the_name(name, slug):
    assert slug_of(name) == slug


def test_a_second_workspace_of_the_same_name_gets_an_address_of_its_own(stage, acme):
    assert free_slug("Acme").startswith("acme-")


def test_names_of_our_own_pages_are_no_addresses(stage, acme):
    assert free_slug("Api").startswith("api-")


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
