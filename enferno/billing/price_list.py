"""What is sold, as pages show it."""

from collections.abc import Iterable, Iterator
from email.utils import parseaddr
from typing import Any

from flask_babel import gettext as _

from enferno.billing.account import billing
from enferno.billing.plans import Limit, Plan
from enferno.errors import NotFound
from enferno.settings import current_settings

__all__ = ["limit_in_words", "offers", "price_list", "sales_address", "word"]


def price_list(*, prices: bool = True, trials: bool = True) -> list[dict[str, Any]]:
    """The plans that anyone may see, in the order of plans.toml. Raises `NotFound` where nothing is sold."""
    if not billing().sells:
        raise NotFound
    return offers((plan for plan in billing().catalogue if not plan.hidden), prices=prices, trials=trials)


def offers(plans: Iterable[Plan], *, prices: bool, trials: bool) -> list[dict[str, Any]]:
    """These plans; `prices` is for those who may know what is paid, `trials` for those who can have one."""
    return [described(plan, prices, trials) for plan in plans]


def sales_address() -> str:
    """Where "Talk to us" leads: the address that mails come from."""
    return parseaddr(current_settings().mail_from)[1]


def described(plan: Plan, prices: bool, trials: bool) -> dict[str, Any]:
    return {
        "key": plan.key,
        "name": plan.name,
        "description": plan.description,
        "contact": plan.contact,
        "free": plan.is_free,
        "per_seat": plan.per_seat,
        "trial_days": plan.trial_days if trials else 0,
        "prices": [price.model_dump(include={"interval", "currency", "amount"}) for price in plan.price if prices],
        "features": [word(name) for name in sorted(plan.features)],
        "limits": [{"name": name, "words": limit_in_words(name, plan.limits.get(name))} for name in bounded(plan)],
    }


def bounded(plan: Plan) -> Iterator[str]:
    """The limits worth a line: the plan's own, and those that others have, unless terms are agreed one by one."""
    names = dict.fromkeys(name for each in billing().catalogue for name in each.limits)
    return (name for name in names if name in plan.limits or not plan.contact)


def word(name: str) -> str:
    """A key of plans.toml as people read it; a key that nobody has put into words yet, with spaces."""
    known = {
        "projects": _("Projects"),
        "members": _("Members"),
    }
    return known.get(name) or name.replace("_", " ").capitalize()


def limit_in_words(name: str, limit: Limit | None) -> str:
    if limit is None:
        return _("%(what)s: no limit", what=word(name))
    return _("%(what)s: up to %(count)s", what=word(name), count=f"{limit.amount:,}")
