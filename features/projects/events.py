"""What the history says about projects."""

from typing import ClassVar

from flask_babel import lazy_gettext as _l

from enferno.workspace.events import Event


class ProjectCreated(Event, kind="project.created"):
    title: ClassVar = _l("Project created")
    words: ClassVar = _l("created the project %(name)s")
    name: str


class ProjectChanged(Event, kind="project.changed"):
    title: ClassVar = _l("Project changed")
    words: ClassVar = _l("changed the project %(name)s")
    name: str


class ProjectDeleted(Event, kind="project.deleted"):
    title: ClassVar = _l("Project deleted")
    words: ClassVar = _l("deleted the project %(name)s")
    name: str
