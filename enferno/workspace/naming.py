"""Addresses of workspaces: made from a name, unique over all of them, and never handed on to another."""

import re
import secrets
import unicodedata

from sqlalchemy import select

from enferno.errors import SlugTaken
from enferno.extensions import db
from enferno.workspace.models import Workspace, WorkspaceSlug

__all__ = ["SLUG_PATTERN", "claim_slug", "free_slug", "slug_of"]

SLUG_PATTERN = r"^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$"
RESERVED = frozenset({"api", "app", "admin", "superadmin", "static", "new", "login", "logout", "account", "w"})


def slug_of(name: str) -> str:
    """The name in ASCII, lower case, words joined by hyphens; "workspace" if nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "workspace"


def free_slug(name: str) -> str:
    """A slug for the name that no workspace has or had."""
    slug = slug_of(name)
    while is_taken(slug):
        slug = f"{slug_of(name)}-{secrets.token_hex(3)}"
    return slug


def claim_slug(workspace: Workspace, slug: str) -> None:
    """Move the workspace to another address, leaving a sign at the old one.

    Raises:
        SlugTaken: another workspace has it, or had it before.
    """
    own_former = db.session.get(WorkspaceSlug, slug)
    if own_former is not None and own_former.former_of_id == workspace.id:
        db.session.delete(own_former)
        db.session.flush()
    elif is_taken(slug):
        raise SlugTaken
    db.session.add(WorkspaceSlug(slug=workspace.slug, former_of_id=workspace.id))
    workspace.slug = slug
    db.session.flush()


def is_taken(slug: str) -> bool:
    current = select(Workspace.id).where(Workspace.slug == slug)
    former = select(WorkspaceSlug.former_of_id).where(WorkspaceSlug.slug == slug)
    return slug in RESERVED or db.session.scalar(current.union_all(former)) is not None
