"""Plans, the mirror of each workspace's subscription, and the providers that collect the money."""

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Flask

from enferno.settings import Settings, current_settings

if TYPE_CHECKING:
    from enferno.billing.plans import Catalogue
    from enferno.billing.providers import Provider

__all__ = ["init_app", "refuse_what_nothing_keeps"]


def init_app(app: Flask) -> None:
    """Load the plans and make the providers that the settings name.

    Raises:
        PlansError: `plans.toml` has faults; all of them are named.
    """
    from enferno.billing import closing, inbox, purge, reconcile, reminders, seats  # noqa: F401  their tasks are known
    from enferno.billing.account import Billing
    from enferno.billing.plans import Catalogue
    from enferno.billing.providers.local import models  # noqa: F401  their tables are in the migrations everywhere
    from enferno.billing.seats import billable_members

    settings = current_settings(app)
    catalogue = Catalogue.load(settings.plans_path)
    app.extensions["billing"] = Billing(
        catalogue=catalogue,
        providers=configured(settings, catalogue),
        chosen=settings.sells_through,
        grace=timedelta(days=settings.billing_grace_days),
        counts={"members": billable_members},
    )


def refuse_what_nothing_keeps(app: Flask) -> None:
    from enferno.billing import sold

    sold.refuse_what_nothing_keeps(app)


def configured(settings: Settings, catalogue: "Catalogue") -> "dict[str, Provider]":
    """Every provider that has its keys, so that customers of a former one are still served while they move."""
    from enferno.billing.providers.local import Local

    found: dict[str, Provider] = {}
    if settings.sells_through == "local":
        found["local"] = Local()
    if settings.stripe_api_key:
        # Only who sells through it waits for its SDK to be read.
        from enferno.billing.providers.stripe import Stripe

        found["stripe"] = Stripe(
            settings.stripe_api_key,
            settings.stripe_webhook_secrets,
            catalogue,
            settings.stripe_api_base or None,
        )
    if settings.chargebee_api_key:
        from enferno.billing.providers.chargebee import Chargebee

        found["chargebee"] = Chargebee(
            settings.chargebee_site,
            settings.chargebee_api_key,
            settings.chargebee_webhook_logins,
            catalogue,
            settings.chargebee_api_base or None,
        )
    return found
