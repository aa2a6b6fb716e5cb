"""What the workspace's home page says about projects."""

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from enferno.extensions import db
from enferno.features import Card
from features.projects.models import Project, ProjectStatus
from features.projects.permissions import ProjectPermission


def cards() -> Iterable[Card]:
    """How many projects are going on, and how many of them nobody answers for; one statement."""
    ownerless = func.count().filter(Project.owner_id.is_(None))
    query = select(func.count(), ownerless).where(Project.status == ProjectStatus.ACTIVE)
    active, without = db.session.execute(query.select_from(Project)).one()
    note = ngettext("%(num)s without an owner", "%(num)s without an owner", without) if without else ""
    return [Card(_("Active projects"), active, "projects_pages.index", ProjectPermission.VIEW, note)]
