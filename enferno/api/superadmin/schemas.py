"""The shapes of the operator's resources."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from flask_babel import gettext as _
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from enferno.access.roles import MemberRole
from enferno.api.contract import In, Line, ListQuery, Out
from enferno.api.limits import StandingOut
from enferno.api.schemas import ActivityOut, SessionOut
from enferno.names import cleaned
from enferno.user.addresses import LONGEST, read_address


def address(text: str) -> str:
    """An address that a mail can be sent to, in the spelling under which it is stored."""
    try:
        return read_address(text)
    except ValueError:
        raise ValueError(_("This is not an email address")) from None


Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST), AfterValidator(address)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1_024)]


class Why(In):
    """Why the operator does something to a workspace; its history and the log keep it."""

    reason: Annotated[str, BeforeValidator(cleaned), StringConstraints(max_length=200)] = ""


class DayOut(Out):
    """How many on one day, which begins at midnight UTC."""

    day: date
    count: int


class UserNumbersOut(Out):
    total: int
    active: int
    new: int


class WorkspaceNumbersOut(Out):
    total: int
    teams: int
    suspended: int
    new: int


class NewcomerOut(Out):
    id: UUID
    name: str
    email: str
    created_at: datetime


class OverviewOut(Out):
    users: UserNumbersOut
    workspaces: WorkspaceNumbersOut
    sign_ups: list[DayOut]
    active_workspaces: list[DayOut]
    latest: list[NewcomerOut]


class UsersQuery(ListQuery):
    status: Literal["", "active", "inactive", "superadmin"] = ""


class UserOut(Out):
    id: UUID
    name: str
    email: str
    active: bool
    is_superadmin: bool
    confirmed_at: datetime | None
    workspaces: int
    last_seen_at: datetime | None
    created_at: datetime


class PlaceOut(Out):
    """A workspace that a person belongs to, and as what."""

    id: UUID
    slug: str
    name: str
    role: str
    is_suspended: bool


class UserDetailOut(UserOut):
    places: list[PlaceOut]
    sessions: list[SessionOut]


class UserIn(In):
    """Without a password one is made, and shown once in the answer."""

    name: Line
    email: Address
    password: Password | None = None
    is_superadmin: bool = False


class UserMadeOut(Out):
    id: UUID
    email: str
    password: str | None


class UserChange(In):
    name: Line | None = None
    email: Address | None = None
    active: bool | None = None
    is_superadmin: bool | None = None


class NewPasswordOut(Out):
    """Shown this once; only its hash is kept."""

    password: str


class CandidateOut(Out):
    user_id: UUID
    name: str
    email: str
    role: str


class EndingOut(Out):
    """A workspace that is deleted with its only member."""

    id: UUID
    slug: str
    name: str


class OrphanedOut(EndingOut):
    """A workspace that needs a new owner first: the others in it, and those of them who could be it."""

    members: int
    candidates: list[CandidateOut]


class DeletionOut(Out):
    """What deleting a person does. `refusal` is the code of what forbids it."""

    refusal: str | None
    deleted: list[EndingOut]
    orphaned: list[OrphanedOut]
    left: list[EndingOut]


class DeletionIn(In):
    """Who owns each workspace afterwards that would have no owner."""

    new_owners: Annotated[dict[UUID, UUID], Field(max_length=1_000)] = {}


class WorkspacesQuery(ListQuery):
    status: Literal["", "active", "suspended", "team"] = ""


class OwnerOut(Out):
    user_id: UUID
    name: str
    email: str


class WorkspaceRowOut(Out):
    id: UUID
    slug: str
    name: str
    is_team: bool
    members: int
    owner: OwnerOut | None
    created_at: datetime
    suspended_at: datetime | None


class WorkspaceWithRoomOut(WorkspaceRowOut):
    """`room` says how many more members the plan has room for."""

    room: StandingOut


class MemberIn(In):
    email: Address
    role: MemberRole = MemberRole.MEMBER


class ActivityEverywhereQuery(ListQuery):
    workspace: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60, pattern=r"^[^\x00]*$")] = ""
    kind: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60, pattern=r"^[^\x00]*$")] = ""


class WorkspaceNameOut(Out):
    id: UUID
    slug: str
    name: str


class ActivityEverywhereOut(ActivityOut):
    workspace: WorkspaceNameOut
