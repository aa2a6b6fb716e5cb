"""The operator's numbers, each from one statement that aggregates in the database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from enferno.database import now
from enferno.extensions import db
from enferno.tenancy import unscoped
from enferno.user.models import User
from enferno.workspace.models import Activity, Workspace

__all__ = ["DAYS", "Day", "active_workspaces", "latest_users", "sign_ups", "user_numbers", "workspace_numbers"]

DAYS = 30
LATEST = 8


@dataclass(frozen=True)
class Day:
    day: date
    count: int


def first_moment() -> datetime:
    """The beginning of the first of the days that are shown, today being the last."""
    return datetime.combine(now().date() - timedelta(days=DAYS - 1), time(), UTC)


def user_numbers() -> Any:
    return db.session.execute(
        select(
            func.count().label("total"),
            func.count().filter(User.active).label("active"),
            func.count().filter(User.created_at >= first_moment()).label("new"),
        ).select_from(User)
    ).one()


def workspace_numbers() -> Any:
    return db.session.execute(
        select(
            func.count().label("total"),
            func.count(Workspace.team_since).label("teams"),
            func.count(Workspace.suspended_at).label("suspended"),
            func.count().filter(Workspace.created_at >= first_moment()).label("new"),
        ).select_from(Workspace)
    ).one()


def sign_ups() -> list[Day]:
    """How many people came on each day."""
    day = func.date(User.created_at)
    query = select(day, func.count()).where(User.created_at >= first_moment()).group_by(day)
    return every_day(db.session.execute(query))


def active_workspaces() -> list[Day]:
    """In how many workspaces something happened on each day."""
    pairs = (
        select(func.date(Activity.created_at).label("day"), Activity.workspace_id)
        .where(Activity.created_at >= first_moment())
        .distinct()
        .subquery()
    )
    with unscoped("how many workspaces were active on each day"):
        return every_day(db.session.execute(select(pairs.c.day, func.count()).group_by(pairs.c.day)))


def latest_users() -> list[Any]:
    query = select(User.id, User.name, User.email, User.created_at).order_by(User.created_at.desc(), User.id)
    return list(db.session.execute(query.limit(LATEST)))


def every_day(counted: Iterable[Any]) -> list[Day]:
    """The days without gaps; SQLite says a day as text, PostgreSQL as a date."""
    counts = {str(day): count for day, count in counted}
    first = first_moment().date()
    days = (first + timedelta(days=number) for number in range(DAYS))
    return [Day(day, counts.get(day.isoformat(), 0)) for day in days]
