"""The demo workspace: who works there, and what happened over the last weeks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from enferno.access.roles import MemberRole
from enferno.author import blaming
from enferno.billing.demo import begin_trial
from enferno.database import now
from enferno.extensions import db
from enferno.features import features
from enferno.settings import current_settings
from enferno.tenancy import serve
from enferno.user.models import User
from enferno.workspace.founding import found_workspace
from enferno.workspace.models import Activity, Workspace

__all__ = ["PEOPLE", "WORKSPACE", "furnish"]

WORKSPACE = "Fernhill Studio"


@dataclass(frozen=True)
class Character:
    """Somebody in the demo, and how many days ago they came."""

    name: str
    email: str
    days_ago: int


PEOPLE = (
    Character("Maya Lindqvist", "maya@fernhill.example", 41),
    Character("Tomás Ferreira", "tomas@fernhill.example", 38),
    Character("Aiko Tanaka", "aiko@fernhill.example", 30),
    Character("Jonas Weber", "jonas@fernhill.example", 19),
    Character("Priya Nair", "priya@fernhill.example", 6),
)


def furnish(people: list[User]) -> Workspace:
    """Make the workspace of `people`, in the order of `PEOPLE`: its history, and what each feature shows of itself."""
    founder, second, *_others = people
    for user, character in zip(people, PEOPLE, strict=True):
        user.created_at = user.confirmed_at = days_ago(character.days_ago)
    workspace = found_workspace(founder, WORKSPACE)
    workspace.created_at = days_ago(PEOPLE[0].days_ago)
    with serve(workspace):
        owner = workspace.membership_of(founder.id)
        owner.created_at = workspace.created_at
        date(founder, owner.created_at)
        for user, character in zip(people[1:], PEOPLE[1:], strict=True):
            join(workspace, user, founder, days_ago(character.days_ago))
        workspace.membership_of(second.id).change_role(MemberRole.ADMIN, by=owner)
        date(founder, days_ago(33, hour=15))
        show_features(people)
        begin_trial(founder)
        db.session.flush()
    return workspace


def join(workspace: Workspace, user: User, by: User, at: datetime) -> None:
    workspace.add(user).created_at = at
    date(by, at)


def show_features(people: list[User]) -> None:
    """Let every feature fill itself; what it records without a date is spread over the weeks, a person each."""
    for feature in features().values():
        if feature.demo is None:
            continue
        with blaming(current_settings().features_path / feature.name):
            feature.demo(people)
        told = undated()
        for number, activity in enumerate(told):
            about = 28 * (len(told) - number) / len(told)
            happened(activity, people[number % len(people)], moment(about, people, number))


def moment(about: float, people: list[User], number: int) -> datetime:
    """A time in working hours, and not before the person came."""
    came = PEOPLE[number % len(people)].days_ago
    return days_ago(min(int(about), came - 1), hour=9 + number * 5 % 9, minute=number * 17 % 60)


def date(by: User, at: datetime) -> None:
    """Give what was recorded since the last call its actor and its time."""
    for activity in undated():
        happened(activity, by, at)


def undated() -> list[Activity]:
    """What was recorded just now, in order."""
    db.session.flush()
    recent = select(Activity).where(Activity.created_at > now() - timedelta(hours=1))
    return list(db.session.scalars(recent.order_by(Activity.id)))


def happened(activity: Activity, by: User, at: datetime) -> None:
    activity.actor_id, activity.actor_name, activity.created_at = by.id, by.display_name, at


def days_ago(days: int, hour: int = 10, minute: int = 12) -> datetime:
    """A moment on that day, but never in the future."""
    day = now() - timedelta(days=days)
    return min(day.replace(hour=hour, minute=minute, second=0, microsecond=0), now())
