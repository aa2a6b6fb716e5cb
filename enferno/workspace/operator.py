"""The operator at work inside somebody else's workspace."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enferno.workspace.models import Membership

__all__ = ["OPERATOR", "Operator"]


class Operator:
    """Stands where a member's own membership stands, and may touch owners too.

    What protects the workspace itself holds for the operator as well: it keeps an owner, and nobody belongs to it
    twice.
    """

    def ensure_may_touch(self, _other: "Membership", _role: str | None = None) -> None:
        """The guard has decided already: only a superadmin gets here."""


OPERATOR = Operator()
