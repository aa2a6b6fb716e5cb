"""How the current workspace stands against its plan's limits, for pages that offer to add one more.

render_page("projects/index", title=_("Projects"), limits=limits("projects"))
"""

from dataclasses import asdict, dataclass
from typing import Any

from enferno.billing.account import billing
from enferno.billing.gates import in_words, limit, with_room
from enferno.billing.price_list import word
from enferno.errors import NotFound

__all__ = ["Standing", "limits", "standing"]


@dataclass(frozen=True)
class Standing:
    """One limit.

    Attributes:
        used: How many there are; None where there is no bound, since nobody counts then.
        amount, left: How many the plan allows and how many more fit; None is without bound.
        reason: Why no more can be added, in words; empty as long as more can.
        unlocked_by: The keys of the plans in which one more would fit.
        unlocked_in: Their names.
    """

    name: str
    title: str
    used: int | None = None
    amount: int | None = None
    left: int | None = None
    reason: str = ""
    unlocked_by: tuple[str, ...] = ()
    unlocked_in: tuple[str, ...] = ()


def limits(*names: str) -> dict[str, Any]:
    """The standings of these limits for a page's block. A statement for the plan, and one for each that has a bound."""
    return {name: asdict(standing(name)) for name in names}


def standing(name: str, used: int | None = None) -> Standing:
    """How much of the limit is used; who has counted already says so.

    Raises:
        NotFound: nothing counts towards such a limit.
    """
    count = billing().counts.get(name)
    if count is None:
        raise NotFound
    allowed = limit(name)
    if allowed.amount is None or not allowed.hard:
        return Standing(name, word(name))
    used = count() if used is None else used
    left = max(allowed.amount - used, 0)
    if left:
        return Standing(name, word(name), used, allowed.amount, left)
    plans = with_room(name, used + 1)
    return Standing(
        name,
        word(name),
        used,
        allowed.amount,
        left,
        reason=in_words(name, used, allowed.amount),
        unlocked_by=tuple(plan.key for plan in plans),
        unlocked_in=tuple(plan.name for plan in plans),
    )
