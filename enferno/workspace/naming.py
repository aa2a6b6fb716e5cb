"""Addresses of workspaces: made from a name, unique over all of them, and never handed on to another."""

import re
import secrets

from sqlalchemy import func, select

from enferno.errors import AddressesUsedUp, SlugTaken
from enferno.extensions import db
from enferno.workspace.models import Workspace, WorkspaceSlug

__all__ = ["SLUG_PATTERN", "claim_slug", "free_slug", "slug_of"]

SLUG_PATTERN = r"^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$"
# Parts of our own addresses, now or one day, and words in which visitors would take a customer for us.
RESERVED = frozenset(
    """
    about abuse account accounts activity admin administrator api app apps assets auth billing blog cdn changelog
    check-your-mail confirm contact dashboard dev developers docs download downloads email features ftp healthz help
    home hostmaster imprint index install internal invitations invite jobs legal livez local login logout mail me
    metrics new news none oauth official operator owner password payments ping plans postmaster press pricing
    privacy readyz register reset robots root sales search security service-worker settings sign-in sign-out sign-up
    signin signout signup sitemap smtp sso staff static status subscriptions superadmin support system terms
    undefined upgrade user users verify w webhook webhooks webmaster well-known www
    """.split()  # noqa: SIM905 - a list of that length is not read line by line
)
# So many numbers are tried before one is drawn: more of one name than that are somebody's game.
NUMBERS = range(2, 100)
# Addresses that a workspace had before, and that are kept for it.
MOST_FORMER = 10


def slug_of(name: str) -> str:
    """The name in ASCII, lower case, words joined by hyphens; "workspace" if nothing is left."""
    # Only a new workspace waits for its tables to be read, and not every start.
    from anyascii import anyascii

    return re.sub(r"[^a-z0-9]+", "-", anyascii(name).lower()).strip("-")[:40].strip("-") or "workspace"


def free_slug(name: str) -> str:
    """A slug for the name that no workspace has or had: "acme", else "acme-2" and so on. Two statements at most."""
    slug = slug_of(name)
    if not is_taken(slug):
        return slug
    numbered = [f"{slug}-{number}" for number in NUMBERS]
    taken = taken_of(numbered)
    return next((one for one in numbered if one not in taken), f"{slug}-{secrets.token_hex(3)}")


def claim_slug(workspace: Workspace, slug: str) -> None:
    """Move the workspace to another address, leaving a sign at the old one.

    Raises:
        SlugTaken: another workspace has it, or had it before.
        AddressesUsedUp: it has left as many as may be reserved for it.
    """
    own_former = db.session.get(WorkspaceSlug, slug)
    if own_former is not None and own_former.former_of_id == workspace.id:
        db.session.delete(own_former)
        db.session.flush()
    elif is_taken(slug):
        raise SlugTaken
    elif former_addresses(workspace) >= MOST_FORMER:
        raise AddressesUsedUp
    db.session.add(WorkspaceSlug(slug=workspace.slug, former_of_id=workspace.id))
    workspace.slug = slug
    db.session.flush()


def former_addresses(workspace: Workspace) -> int:
    query = select(func.count()).select_from(WorkspaceSlug).where(WorkspaceSlug.former_of_id == workspace.id)
    return db.session.scalar(query) or 0


def is_taken(slug: str) -> bool:
    return slug in RESERVED or bool(taken_of([slug]))


def taken_of(slugs: list[str]) -> set[str]:
    """Those that some workspace has, or had before."""
    current = select(Workspace.slug).where(Workspace.slug.in_(slugs))
    former = select(WorkspaceSlug.slug).where(WorkspaceSlug.slug.in_(slugs))
    return set(db.session.scalars(current.union_all(former)))
