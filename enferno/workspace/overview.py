"""What the home page shows of a workspace: who was active, how much happened each day, and what happened last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select

from enferno.database import now
from enferno.extensions import db
from enferno.i18n import chosen_timezone
from enferno.user.models import User
from enferno.workspace.models import Activity, Membership, Workspace

__all__ = ["DAYS", "ActiveMember", "Day", "active_members", "activity_per_day", "recent_activity"]

DAYS = 14
SHOWN = 6


@dataclass(frozen=True)
class ActiveMember:
    user_id: UUID
    name: str
    count: int
    last_at: datetime


@dataclass(frozen=True)
class Day:
    date: date
    count: int


def activity_per_day(workspace: Workspace, days: int = DAYS) -> list[Day]:
    """How many events each of the last `days` days had, the reader's days, today last. One statement."""
    zone = ZoneInfo(chosen_timezone() or "UTC")
    today = now().astimezone(zone).date()
    dates = [today - timedelta(days=back) for back in reversed(range(days))]
    counts = [func.count().filter(within(day, zone)) for day in dates]
    since = Activity.created_at >= midnight(dates[0], zone)
    row = db.session.execute(select(*counts).select_from(Activity).where(of(workspace), since)).one()
    return [Day(day, count) for day, count in zip(dates, row, strict=True)]


def active_members(workspace: Workspace, days: int = DAYS, limit: int = SHOWN) -> list[ActiveMember]:
    """The members who did something in the last `days` days, the latest first."""
    last = func.max(Activity.created_at)
    query = (
        select(User.id, User.name, User.email, func.count(), last)
        .select_from(Activity)
        .join(
            Membership, (Membership.workspace_id == Activity.workspace_id) & (Membership.user_id == Activity.actor_id)
        )
        .join(User, User.id == Membership.user_id)
        .where(of(workspace), Activity.created_at >= now() - timedelta(days=days))
        .group_by(User.id, User.name, User.email)
        .order_by(last.desc(), User.id)
        .limit(limit)
    )
    return [
        ActiveMember(user_id, name or email.partition("@")[0], count, last_at)
        for user_id, name, email, count, last_at in db.session.execute(query)
    ]


def recent_activity(workspace: Workspace, limit: int = SHOWN) -> Sequence[Activity]:
    newest = workspace.history().order_by(Activity.created_at.desc(), Activity.id.desc()).limit(limit)
    return db.session.scalars(newest).all()


def of(workspace: Workspace) -> ColumnElement[bool]:
    return Activity.workspace_id == workspace.id


def within(day: date, zone: tzinfo) -> Any:
    """From midnight to midnight: 23 or 25 hours where the clocks change."""
    return (Activity.created_at >= midnight(day, zone)) & (
        Activity.created_at < midnight(day + timedelta(days=1), zone)
    )


def midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)
