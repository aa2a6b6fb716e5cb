"""Examples for the demo workspace."""

from datetime import timedelta
from itertools import cycle

from enferno.database import now
from enferno.extensions import db
from enferno.tenancy import current_workspace
from enferno.user.models import User
from features.projects.events import ProjectCreated
from features.projects.models import Project, ProjectStatus

NAMES = {
    "Website relaunch": ProjectStatus.ACTIVE,
    "Spring catalogue": ProjectStatus.ACTIVE,
    "Customer interviews": ProjectStatus.ACTIVE,
    "Warehouse move": ProjectStatus.PAUSED,
    "Trade fair in Lisbon": ProjectStatus.ACTIVE,
    "Price list 2027": ProjectStatus.ACTIVE,
    "New packaging": ProjectStatus.PAUSED,
    "Onboarding handbook": ProjectStatus.DONE,
    "Photo archive": ProjectStatus.DONE,
    "Support in Spanish": ProjectStatus.ACTIVE,
    "Invoice templates": ProjectStatus.DONE,
    "Partner portal": ProjectStatus.ACTIVE,
}


def demo(people: list[User]) -> None:
    """A dozen projects of the last four weeks, shared out among the people of the current workspace."""
    for number, (person, (name, status)) in enumerate(zip(cycle(people), NAMES.items(), strict=False)):
        owner = current_workspace.membership_of(person.id)
        began = now() - timedelta(days=28) * (len(NAMES) - number) / len(NAMES)
        db.session.add(Project(name=name, status=status, owner=owner, created_at=began))
        ProjectCreated(name=name).record()
    db.session.flush()
