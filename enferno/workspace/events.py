"""What can happen in a workspace: each kind a class with declared fields, recorded beside the change.

A feature declares its own by subclassing `Event`; the sentence is read after the actor's name
("Ana removed Ben").
"""

from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_security import current_user
from pydantic import BaseModel, ConfigDict, ValidationError

from enferno.access.roles import MemberRole
from enferno.extensions import db
from enferno.tenancy import current_workspace_id
from enferno.workspace.operator import current_work

if TYPE_CHECKING:
    from enferno.user.models import User

__all__ = ["Event", "load", "record", "titles"]

ROLES: dict[str, LazyString] = {
    MemberRole.OWNER: _l("owner"),
    MemberRole.ADMIN: _l("admin"),
    MemberRole.MEMBER: _l("member"),
}


class Event(BaseModel):
    """The base of all events. `class Renamed(Event, kind="project.renamed"): …`

    `title` names the kind where one is chosen from a list; `words` is the sentence, with the fields in it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[str] = ""
    title: ClassVar[LazyString | str] = ""
    words: ClassVar[LazyString | str] = ""
    # Why the operator did it; empty for what members do, who need not say.
    because: str = ""
    known: ClassVar[dict[str, type["Event"]]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, kind: str = "", **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if kind in Event.known and Event.known[kind].__qualname__ != cls.__qualname__:
            raise TypeError(f"Two events are called {kind!r}: {Event.known[kind].__name__} and {cls.__name__}")
        cls.kind = kind
        Event.known[kind] = cls

    def __init_subclass__(cls, kind: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)

    def sentence(self) -> str:
        """What happened, in the reader's language."""
        return str(self.words) % self.model_dump()

    def record(self) -> Self:
        """Write this event into the current workspace's history, in the transaction of the change."""
        record(self)
        return self


class WorkspaceCreated(Event, kind="workspace.created"):
    title: ClassVar = _l("Set up")
    words: ClassVar = _l("set this up")
    name: str


class WorkspaceRenamed(Event, kind="workspace.renamed"):
    title: ClassVar = _l("Renamed")
    words: ClassVar = _l("renamed %(before)s to %(after)s")
    before: str
    after: str


class WorkspaceMoved(Event, kind="workspace.moved"):
    title: ClassVar = _l("Address changed")
    words: ClassVar = _l("changed the address from %(before)s to %(after)s")
    before: str
    after: str


class TeamStarted(Event, kind="workspace.team_started"):
    title: ClassVar = _l("Opened to a team")
    words: ClassVar = _l("opened this to a team")


class TeamEnded(Event, kind="workspace.team_ended"):
    title: ClassVar = _l("Back to working alone")
    words: ClassVar = _l("went back to working alone")


class WorkspaceSuspended(Event, kind="workspace.suspended"):
    title: ClassVar = _l("Suspended")
    words: ClassVar = _l("shut this for everyone")


class WorkspaceRestored(Event, kind="workspace.restored"):
    title: ClassVar = _l("Restored")
    words: ClassVar = _l("opened this again")


class AboutRoles(Event):
    """The base of events that name roles: the sentence has them in the reader's language."""

    def sentence(self) -> str:
        fields = self.model_dump()
        return str(self.words) % {
            name: str(ROLES.get(value, value)) if name != "member" else value for name, value in fields.items()
        }


class MemberJoined(AboutRoles, kind="member.joined"):
    title: ClassVar = _l("Member added")
    words: ClassVar = _l("added %(member)s as %(role)s")
    member: str
    role: str


class MemberRoleChanged(AboutRoles, kind="member.role_changed"):
    title: ClassVar = _l("Role changed")
    words: ClassVar = _l("changed %(member)s from %(before)s to %(after)s")
    member: str
    before: str
    after: str


class MemberRemoved(Event, kind="member.removed"):
    title: ClassVar = _l("Member removed")
    words: ClassVar = _l("removed %(member)s")
    member: str


class MemberLeft(Event, kind="member.left"):
    title: ClassVar = _l("Member left")
    words: ClassVar = _l("left the team")
    member: str


def record(event: Event, workspace_id: UUID | None = None, actor: "User | None" = None) -> None:
    """Add the event to the current workspace's history; it is kept or dropped together with the change.

    `workspace_id` names the workspace where none is current: under `unscoped`, for what touches several at once.
    `actor` names who did it where that is nobody who is signed in.
    """
    from enferno.workspace.activity import Activity

    actor = actor or (current_user if current_user and current_user.is_authenticated else None)
    work = current_work()
    if work is not None:
        event = event.model_copy(update={"because": work.reason})
        work.note(event.kind.replace(".", "_"), workspace_id or current_workspace_id())
    payload = event.model_dump(mode="json", exclude=None if event.because else {"because"})
    named = {"workspace_id": workspace_id} if workspace_id else {}
    db.session.add(
        Activity(
            kind=event.kind,
            payload=payload,
            actor_id=actor.id if actor else None,
            actor_name=actor.display_name if actor else "",
            # What a search looks through: the names and words of the moment, without the fields' own names.
            about=" ".join(str(value) for value in payload.values() if isinstance(value, str))[:300],
            **named,
        )
    )


def titles() -> dict[str, str]:
    """Every kind of event that can happen in this application, and what it is called in the reader's language."""
    return {kind: str(event.title) for kind, event in Event.known.items() if event.title}


def load(kind: str, payload: dict[str, Any]) -> Event | None:
    """The event that a row holds; none for a kind whose feature was taken out or whose fields have changed."""
    try:
        return Event.known[kind].model_validate(payload)
    except (KeyError, ValidationError):
        return None
