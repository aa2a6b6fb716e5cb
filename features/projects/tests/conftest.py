"""Projects in both workspaces of the stage, of the same shape, so that a forgotten filter shows."""

import pytest

from enferno.extensions import db
from enferno.tenancy import in_workspace
from features.projects.models import Project, ProjectStatus


@pytest.fixture
def projects(stage):
    """The ids of acme's projects by name; "noise" has the same three."""
    return {team.slug: fill(stage, team) for team in (stage.world.noise, stage.world.acme)}["acme"]


def fill(stage, team):
    with stage.app.app_context(), in_workspace(team.id) as workspace:
        owner, member = (workspace.membership_of(person.id) for person in (team.owner, team.member))
        made = [
            Project(name="Apollo", status=ProjectStatus.DONE, owner=owner),
            Project(name="Gemini", status=ProjectStatus.ACTIVE, owner=member),
            Project(name="Mercury", status=ProjectStatus.ACTIVE),
        ]
        db.session.add_all(made)
        db.session.flush()
        return {project.name: str(project.id) for project in made}


@pytest.fixture
def url(stage):
    return f"{stage.world.acme.api}/projects"


@pytest.fixture
def member(stage):
    return stage.browser(stage.world.acme.member.email)


@pytest.fixture
def admin(stage):
    return stage.browser(stage.world.acme.admin.email)
