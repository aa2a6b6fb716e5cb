"""The operator at work inside somebody else's workspace."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from enferno.tasks.commit import after_commit

if TYPE_CHECKING:
    from enferno.user.models import User
    from enferno.workspace.models import Membership

__all__ = ["OPERATOR", "Operator", "Work", "at_work", "current_work"]

log = structlog.get_logger()


class Operator:
    """Stands where a member's own membership stands, and may touch owners too.

    What protects the workspace itself holds for the operator as well: it keeps an owner, and nobody belongs to it
    twice.
    """

    def ensure_may_touch(self, _other: "Membership", _role: str | None = None) -> None:
        """The guard has decided already: only a superadmin gets here."""


OPERATOR = Operator()


@dataclass(frozen=True)
class Work:
    """Who acts for the operator, and why, in their own words where they were asked."""

    operator_id: UUID
    reason: str

    def note(self, act: str, workspace_id: UUID | None, **facts: str) -> None:
        """Log the act once it is committed (ASVS 16.3): the history may go with the workspace, the log stays."""
        who = {"workspace": str(workspace_id), "operator": str(self.operator_id), "reason": self.reason}
        after_commit(lambda: log.info(f"superadmin.{act}", **who, **facts))


_work: ContextVar[Work | None] = ContextVar("enferno_operator", default=None)


@contextmanager
def at_work(by: "User", reason: str = "") -> Iterator[Work]:
    """Whatever is recorded in here is the operator's act: the history says why, and the log says it as well."""
    work = Work(by.id, reason)
    token = _work.set(work)
    try:
        yield work
    finally:
        _work.reset(token)


def current_work() -> Work | None:
    return _work.get()
