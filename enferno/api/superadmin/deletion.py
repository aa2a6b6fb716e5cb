"""Deleting somebody, after saying what it does to their workspaces."""

from typing import Any
from uuid import UUID

from flask import Response

from enferno.access.guards import superadmin_only
from enferno.api.contract import ApiBlueprint, no_content
from enferno.api.superadmin.schemas import DeletionIn, DeletionOut
from enferno.superadmin.people import find_user, operator
from enferno.user.deletion import Belonging, delete_user, deletion_of, refusal

deletion = ApiBlueprint("deletion", __name__, url_prefix="/users/<uuid:user_id>/deletion")


@deletion.get("")
@superadmin_only
def preview(user_id: UUID) -> DeletionOut:
    """What deleting this person would do: which workspaces go with them, and which need a new owner."""
    user = find_user(user_id)
    found = deletion_of(user)
    return {
        "refusal": refusal(user, by=operator()),
        "deleted": [place.workspace for place in found.ending],
        "orphaned": [orphaned(place) for place in found.orphaned],
        "left": [place.workspace for place in found.left],
    }


@deletion.post("")
@superadmin_only
def carry_out(user_id: UUID, body: DeletionIn) -> Response:
    """Delete this person, for good."""
    delete_user(find_user(user_id), by=operator(), new_owners=body.new_owners)
    return no_content()


def orphaned(place: Belonging) -> dict[str, Any]:
    return {
        "id": place.workspace.id,
        "slug": place.workspace.slug,
        "name": place.workspace.name,
        "members": place.others,
        "candidates": place.candidates,
    }
