"""Making a workspace: the workspace, its first owner and its first line of history belong together."""

from enferno.access.roles import MemberRole
from enferno.extensions import db
from enferno.names import shortened
from enferno.tenancy import serve
from enferno.user.models import User
from enferno.workspace import events
from enferno.workspace.models import LONGEST_NAME, Membership, Workspace
from enferno.workspace.naming import free_slug

__all__ = ["found_workspace"]


def found_workspace(owner: User, name: str) -> Workspace:
    """Make a workspace called `name` with `owner` as its first member; flushed, not committed.

    A person's name may be longer than a workspace's, and is cut.
    """
    name = shortened(name, LONGEST_NAME)
    workspace = Workspace(name=name, slug=free_slug(name))
    db.session.add_all([owner, workspace])
    db.session.flush()
    with serve(workspace):
        db.session.add(Membership(user=owner, role=MemberRole.OWNER))
        events.record(events.WorkspaceCreated(name=name), actor=owner)
        db.session.flush()
    return workspace
