"""The shapes of the kit's resources: one for what goes out, one for each way in."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints

from enferno.access.roles import MemberRole
from enferno.api.contract import In, Line, Out
from enferno.workspace.models import LONGEST_NAME
from enferno.workspace.naming import SLUG_PATTERN


def lower(given: object) -> object:
    """Pydantic's own `to_lower` comes after the pattern, which knows small letters alone."""
    return given.lower() if isinstance(given, str) else given


Slug = Annotated[
    str, BeforeValidator(lower), StringConstraints(strip_whitespace=True, max_length=50, pattern=SLUG_PATTERN)
]


class MeOut(Out):
    id: UUID
    email: str
    name: str
    theme: str
    locale: str | None
    timezone: str | None
    created_at: datetime


class MeChange(In):
    name: Line | None = None
    theme: Literal["system", "light", "dark"] | None = None
    locale: Annotated[str, Field(max_length=10)] | None = None
    timezone: Annotated[str, Field(max_length=64)] | None = None


class SessionOut(Out):
    id: UUID
    device: str
    address: str
    place: str
    created_at: datetime
    last_seen_at: datetime
    is_current: bool = False


class WorkspaceOut(Out):
    id: UUID
    slug: str
    name: str
    is_team: bool
    created_at: datetime


class WorkspaceIn(In):
    name: Annotated[Line, Field(max_length=LONGEST_NAME)]


class WorkspaceChange(In):
    name: Annotated[Line, Field(max_length=LONGEST_NAME)] | None = None
    slug: Slug | None = None
    is_team: bool | None = None


class CardOut(Out):
    """A number on the home page, and where it leads."""

    label: str
    value: int
    note: str
    url: str


class ActivityDayOut(Out):
    date: date
    count: int


class ActiveMemberOut(Out):
    user_id: UUID
    name: str
    count: int
    last_at: datetime


class MemberOut(Out):
    user_id: UUID
    name: str
    email: str
    role: str
    created_at: datetime


class MemberChange(In):
    role: MemberRole


class ActivityOut(Out):
    id: UUID
    kind: str
    actor_id: UUID | None
    actor_name: str
    sentence: str
    payload: dict[str, object]
    created_at: datetime


class WorkspaceOverviewOut(Out):
    members: int
    cards: list[CardOut]
    days: list[ActivityDayOut]
    active: list[ActiveMemberOut]
    recent: list[ActivityOut]
