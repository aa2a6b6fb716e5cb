"""What the workspace's home page says about projects."""

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from enferno.extensions import db
from enferno.features import Card
from enferno.tenancy import current_workspace
from features.projects.models import Project, ProjectStatus
from features.projects.permissions import ProjectPermission


def cards() -> Iterable[Card]:
    """How many projects are going on, and how many of them nobody answers for; one statement."""
    active = Project.status == ProjectStatus.ACTIVE
    counts = func.count(), func.count().filter(active), func.count().filter(active, Project.owner_id.is_(None))
    everything, going_on, ownerless = db.session.execute(select(*counts).select_from(Project)).one()
    note = _("Add the first one") if not everything else ""
    if ownerless and current_workspace.is_team:
        note = ngettext("%(num)s without an owner", "%(num)s without an owner", ownerless)
    return [Card(_("Active projects"), going_on, "projects_pages.index", ProjectPermission.VIEW, note)]
