"""The operator at work in the world of the tests: Rosa Root is the one superadmin."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from enferno.access.roles import MemberRole
from enferno.extensions import db
from enferno.tenancy import in_workspace, unscoped
from enferno.user.models import User
from enferno.workspace.founding import found_workspace
from enferno.workspace.models import Activity, Membership
from tests.support.client import Browser
from tests.support.stage import Stage
from tests.support.visitor import mails_of
from tests.support.world import Person, Team, World

API = "/api/v1/superadmin"


@pytest.fixture
def world(stage: Stage) -> World:
    return stage.world


@pytest.fixture
def root(stage: Stage) -> Browser:
    return stage.browser(stage.world.root.email)


class Outlook:
    """What really is there, asked without the API."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def user(self, person: Person) -> User | None:
        with self.stage.app.app_context():
            return db.session.get(User, person.id)

    def members(self, workspace_id: UUID) -> dict[str, str]:
        """The address and role of each member."""
        with self.stage.app.app_context(), unscoped("looking at what a test did"):
            query = select(User.email, Membership.role).join(User, User.id == Membership.user_id)
            return dict(db.session.execute(query.where(Membership.workspace_id == workspace_id)).all())

    def history(self, workspace_id: UUID) -> list[Activity]:
        with self.stage.app.app_context(), unscoped("looking at what a test did"):
            query = select(Activity).where(Activity.workspace_id == workspace_id).order_by(Activity.created_at)
            return list(db.session.scalars(query))

    def add(self, team: Team, person: Person, role: MemberRole = MemberRole.MEMBER) -> None:
        with self.stage.app.app_context(), in_workspace(team.id) as workspace:
            workspace.add(db.session.get_one(User, person.id), role)

    def found(self, owner: Person, name: str) -> UUID:
        """Another workspace, with nobody in it but its owner."""
        with self.stage.app.app_context():
            workspace = found_workspace(db.session.get_one(User, owner.id), name)
            db.session.commit()
            return workspace.id


@pytest.fixture
def outlook(stage: Stage) -> Outlook:
    return Outlook(stage)


@pytest.fixture
def outbox(stage: Stage) -> Callable[[], list[EmailMessage]]:
    """The mails that went out during the test."""
    earlier = len(mails_of(stage.app))
    return lambda: mails_of(stage.app)[earlier:]


def fields(answer: Any) -> dict[str, str]:
    """The fields at fault in problem details."""
    return {fault["field"]: fault["message"] for fault in answer.json["errors"]}
