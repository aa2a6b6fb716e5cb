"""The application, from top to bottom the list of what it is made of."""

from flask import Flask, Request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import MapAdapter

from enferno import (
    access,
    answers,
    api,
    billing,
    commands,
    extensions,
    features,
    i18n,
    logs,
    mail,
    pages,
    portal,
    public,
    superadmin,
    tasks,
    tenancy,
    uploads,
    user,
    webhooks,
)
from enferno.configuration import flask_config, own_address
from enferno.environment import hand_on
from enferno.machines import MachineRoutes
from enferno.network import OneSpelling
from enferno.plain_http import OverTLS
from enferno.settings import Settings, setting_names
from enferno.unit_of_work import CommittingFlask

__all__ = ["create_app"]


class Application(CommittingFlask, MachineRoutes):
    """A transaction around each request, and addresses that come from the settings and never from a request."""

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        adapter = super().create_url_adapter(request)
        if adapter is not None:
            adapter.url_scheme, adapter.server_name = own_address(self)
        return adapter


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application.

    Raises:
        SettingsError: the settings have faults; all of them are named.
        AuthorFault: the product has: its plans, a model, a view, an entry in the navigation, or a line that raised.
        RuntimeError: production runs on a database that cannot keep workspaces apart.
    """
    if settings is None:
        settings = Settings.from_environ()
        hand_on(setting_names())
    settings.instance_path.mkdir(parents=True, exist_ok=True)
    app = Application("enferno", instance_path=str(settings.instance_path))
    app.extensions["settings"] = settings
    app.config.from_mapping(flask_config(settings))

    logs.init_app(app)
    uploads.init_app(app)
    answers.init_app(app)
    extensions.init_app(app)
    tenancy.init_app(app, extensions.db)
    i18n.init_app(app)
    mail.init_app(app)
    tasks.init_app(app)

    access.init_app(app)
    user.init_app(app)
    billing.init_app(app)
    pages.init_app(
        app,
        production=settings.is_production,
        features=settings.features_path,
        translations=(settings.translations_path,),
    )
    public.init_app(app)
    portal.init_app(app)
    superadmin.init_app(app)
    api.init_app(app)
    webhooks.init_app(app)
    features.init_app(app)
    commands.init_app(app)

    tenancy.insist_on_models(settings.features_path)
    features.insist_on_navigation(app)
    access.refuse_unguarded(app)
    uploads.insist_on_addresses(app)
    billing.refuse_what_nothing_keeps(app)
    api.describe(app)
    if settings.trusted_proxies and settings.base_url.startswith("https:"):
        headers = pages.always_sent(production=settings.is_production)
        app.wsgi_app = OverTLS(app.wsgi_app, settings, headers)  # type: ignore[method-assign]
    app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
        OneSpelling(app.wsgi_app),
        x_for=settings.trusted_proxies,
        x_proto=settings.trusted_proxies,
        x_host=settings.trusted_proxies,
    )
    return app
