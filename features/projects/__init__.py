"""Projects: the worked example of a feature, explained in docs/features.md. Delete the folder when it has served."""

from flask_babel import lazy_gettext as _l

from enferno.access.permissions import STAFF, TEAM
from enferno.features import Feature, NavEntry
from features.projects.api import projects
from features.projects.demo import demo
from features.projects.home import cards
from features.projects.permissions import ProjectPermission
from features.projects.register import count
from features.projects.views import pages

feature = Feature(
    name="projects",
    blueprints=[pages, projects],
    nav=[NavEntry(_l("Projects"), "projects_pages.index", "projects", ProjectPermission.VIEW)],
    permissions={
        ProjectPermission.VIEW: TEAM,
        ProjectPermission.MANAGE: TEAM,
        ProjectPermission.DELETE: STAFF,
    },
    home=cards,
    demo=demo,
    usage={"projects": count},
)
