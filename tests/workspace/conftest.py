"""A place to ask the domain: the stage's application, inside one of its workspaces."""

import pytest

from enferno.tenancy import in_workspace


@pytest.fixture
def acme(stage):
    """The workspace "acme" as the current one, in a unit of work of its own."""
    with stage.app.app_context(), in_workspace(stage.world.acme.id) as workspace:
        yield workspace


@pytest.fixture
def owner(stage, acme):
    return acme.membership_of(stage.world.acme.owner.id)


@pytest.fixture
def admin(stage, acme):
    return acme.membership_of(stage.world.acme.admin.id)


@pytest.fixture
def member(stage, acme):
    return acme.membership_of(stage.world.acme.member.id)
