"""The history of all workspaces together."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select

from enferno.extensions import db
from enferno.workspace.models import Activity, Workspace

__all__ = ["COUNTED", "described", "history"]

# So far a list of everything that ever happened is counted: nobody turns 400 pages, and counting all would take longer
# than finding what is shown.
COUNTED = 10_000


def history(slug: str = "", kind: str = "", search: str = "") -> Any:
    """What happened, as a statement to run under `unscoped`: in one workspace, of one kind, about a text."""
    query = select(Activity)
    if slug:
        query = query.where(
            Activity.workspace_id == select(Workspace.id).where(Workspace.slug == slug).scalar_subquery()
        )
    if kind:
        query = query.where(Activity.kind == kind)
    if search:
        query = query.where(or_(*(column.icontains(search, autoescape=True) for column in searched())))
    return query


def searched() -> Sequence[Any]:
    return Activity.actor_name, Activity.about


def described(found: Sequence[Activity]) -> list[dict[str, Any]]:
    """Each event with the workspace in which it happened: one statement for all of them."""
    ids = {activity.workspace_id for activity in found}
    named = {one.id: one for one in db.session.scalars(select(Workspace).where(Workspace.id.in_(ids)))}
    return [told(activity, named[activity.workspace_id]) for activity in found]


def told(activity: Activity, workspace: Workspace) -> dict[str, Any]:
    return {
        "id": activity.id,
        "kind": activity.kind,
        "actor_id": activity.actor_id,
        "actor_name": activity.actor_name,
        "sentence": activity.sentence,
        "payload": activity.payload,
        "created_at": activity.created_at,
        "workspace": workspace,
    }
