"""Every setting of the application: name, type, default, and where it is required.

`Settings.from_environ` reads the environment once, inside the factory, and reports all faults together, so
that an operator mends one list and not one line at a time. `.env-sample` shows the same names (a test compares).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urlsplit

import click
from flask import Flask, current_app

from enferno.addresses import mail_server_address, sender_address, service_address
from enferno.environment import environment
from enferno.reading import (
    ROOT,
    boolean,
    database_address,
    natural,
    one_of,
    place,
    positive,
    size,
    text,
    web_address,
    words,
)

__all__ = ["ROOT", "Settings", "SettingsError", "current_settings", "setting_names"]

Environment = Literal["development", "testing", "production"]

# Without these a provider could be neither asked nor believed.
NEEDED_BY_PROVIDER = {
    "stripe": ("stripe_api_key", "stripe_webhook_secrets"),
    "chargebee": ("chargebee_site", "chargebee_api_key", "chargebee_webhook_logins"),
}
# By what a provider's webhooks are known, also those of a former one whose customers are still served.
BELIEVED_BY = {"stripe_api_key": "stripe_webhook_secrets", "chargebee_api_key": "chargebee_webhook_logins"}
REDIS_ADDRESS = service_address("redis://localhost:6379/0", "redis", "rediss", "unix")
BROKER_ADDRESS = service_address("redis://localhost:6379/1", "redis", "rediss", "redis+socket", "amqp", "amqps")


# What Flask takes for "no" in FLASK_DEBUG, which its option --debug sets as well.
NO_DEBUG = {"", "0", "false", "no"}


class SettingsError(click.ClickException):
    """The environment does not make a working application; `faults` says why, a sentence each.

    For `flask` it is a refusal like any other: shown without a traceback, exit code 1.
    """

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("The settings have faults:\n" + "\n".join(f"  - {fault}" for fault in faults))


def setting(
    parse: Callable[[str], Any], default: Any, *, about: str, production: bool = False, secret: bool = False
) -> Any:
    """One setting: how its text is read, its default, and whether production refuses to start without it."""
    metadata = {"parse": parse, "about": about, "production": production, "secret": secret}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings, each read from the environment variable of the same name in capitals."""

    env: Environment = setting(
        one_of("development", "testing", "production"),
        "development",
        about="What this installation is for: development, testing or production",
    )
    app_name: str = setting(text, "ReadyKit", about="The product's name, as people see it")
    base_url: str = setting(
        web_address,
        "http://localhost:5000",
        about="Where people reach the product; links in mails are made from it, never from a request",
        production=True,
    )
    allowed_hosts: tuple[str, ...] = setting(
        words, (), about="Host names answered besides the one of BASE_URL, separated by commas"
    )
    trusted_proxies: int = setting(natural, 0, about="How many proxies in front set X-Forwarded-* headers")
    max_upload: int = setting(size, 16 * 10**6, about="The largest upload taken, where a feature takes any")

    secret_key: str = setting(
        text, "", about="Signs cookies; at least 32 random characters", production=True, secret=True
    )
    secret_key_fallbacks: tuple[str, ...] = setting(
        words, (), about="Former secret keys, still accepted while they are rotated out", secret=True
    )
    security_password_salt: str = setting(
        text, "", about="Keys the password hashes; never change it", production=True, secret=True
    )

    database_url: str = setting(
        database_address,
        "",
        about="The database, as the unprivileged role; empty: SQLite in instance/",
        production=True,
        secret=True,
    )
    migration_database_url: str = setting(
        database_address,
        "",
        about="The same database as the role that owns the tables; used by migrations alone",
        secret=True,
    )
    database_app_role: str = setting(
        text, "readykit_app", about="The PostgreSQL role to which migrations grant the tables"
    )
    database_pool_size: int = setting(positive, 5, about="Connections a process keeps open")
    database_statement_timeout: int = setting(
        positive, 5000, about="Milliseconds after which PostgreSQL ends a statement"
    )

    redis_url: str = setting(
        REDIS_ADDRESS, "", about="Cache and rate limits; empty: in memory", production=True, secret=True
    )
    celery_broker_url: str = setting(
        BROKER_ADDRESS, "", about="Queue of the tasks; empty: they run in the process, after the commit", secret=True
    )

    smtp_url: str = setting(
        mail_server_address,
        "",
        about="smtp://user:password@host:587, with TLS (smtps:// from the start, ?tls=none for none); "
        "empty: instance/outbox/",
        production=True,
        secret=True,
    )
    mail_from: str = setting(
        sender_address, "ReadyKit <hello@localhost>", about="The sender of every mail", production=True
    )

    billing_provider: str = setting(
        one_of("auto", "none", "local", "stripe", "chargebee"),
        "auto",
        about="Who sells the plans: none, local (a provider in a box), stripe, chargebee; auto: local in development",
    )
    billing_grace_days: int = setting(positive, 7, about="Days for which a plan is kept after a payment failed")
    plans_path: Path = setting(place, ROOT / "plans.toml", about="The file that says what is sold")
    stripe_api_key: str = setting(text, "", about="Stripe's secret key, sk_test_... or sk_live_...", secret=True)
    stripe_webhook_secrets: tuple[str, ...] = setting(
        words, (), about="Stripe's signing secrets, whsec_...; two while one is rolled", secret=True
    )
    chargebee_site: str = setting(text, "", about="Chargebee's site, the first part of its address")
    chargebee_api_key: str = setting(text, "", about="Chargebee's API key", secret=True)
    chargebee_webhook_logins: tuple[str, ...] = setting(
        words, (), about="user:password of Chargebee's webhooks; two while one is rolled", secret=True
    )
    chargebee_api_base: str = setting(text, "", about="Another address of Chargebee's API, for tests")
    stripe_api_base: str = setting(text, "", about="Another address of Stripe's API, for tests")

    signup_open: bool = setting(boolean, True, about="Whether anyone may sign up")
    session_idle_days: int = setting(positive, 14, about="Days without a visit after which a session ends")
    session_absolute_days: int = setting(positive, 90, about="Days after which a session ends in any case")

    log_level: str = setting(
        one_of("DEBUG", "INFO", "WARNING", "ERROR"),
        "INFO",
        about="What is logged, from here up: DEBUG, INFO, WARNING or ERROR",
    )
    log_format: str = setting(
        one_of("auto", "json", "console"),
        "auto",
        about="How log lines are written: json, console, or auto, which is json in production",
    )

    instance_path: Path = setting(place, ROOT / "instance", about="Where SQLite, mails and caches are kept")
    features_path: Path = setting(place, ROOT / "features", about="The folder of the product's features")
    translations_path: Path = setting(
        place, ROOT / "enferno" / "translations", about="The folder of the languages besides English"
    )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read every setting; without `environ`, from where they come in a process of its own (environment.py).

        Raises:
            SettingsError: with every fault found, not only the first.
        """
        environ = environment() if environ is None else environ
        values: dict[str, Any] = {}
        faults: list[str] = []
        for declared in fields(cls):
            raw = environ.get(declared.name.upper(), "").strip()
            if not raw:
                continue
            try:
                values[declared.name] = declared.metadata["parse"](raw)
            except ValueError as fault:
                faults.append(f"{declared.name.upper()}: {fault}")
        settings = cls(**values)
        # What could not be read is not missing as well.
        unread = tuple(f"{fault.partition(':')[0]} " for fault in faults)
        faults += [fault for fault in settings.faults() if not fault.startswith(unread)]
        if settings.is_production and environ.get("FLASK_DEBUG", "").lower() not in NO_DEBUG:
            faults.append("FLASK_DEBUG (or --debug) is on, which shows visitors the inside: leave it out in production")
        if faults:
            raise SettingsError(faults)
        return settings

    def faults(self) -> list[str]:
        """What keeps these settings from making a working application, a sentence each."""
        found = [
            f"{name.upper()} is empty or too short: {length} random characters, for example from "
            'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
            for name, length in (("secret_key", 32), ("security_password_salt", 16))
            if len(getattr(self, name)) < length
        ]
        needed = NEEDED_BY_PROVIDER.get(self.billing_provider, ())
        found += [
            f"{name.upper()} is required where BILLING_PROVIDER is {self.billing_provider}"
            for name in needed
            if not getattr(self, name)
        ]
        found += [
            f"{name.upper()} is required where {key.upper()} is set"
            for key, name in BELIEVED_BY.items()
            if getattr(self, key) and name not in needed and not getattr(self, name)
        ]
        return found + (self._production_faults() if self.is_production else [])

    def _production_faults(self) -> list[str]:
        found = [
            f"{item.name.upper()} is required in production: {item.metadata['about']}"
            for item in fields(self)
            if item.metadata["production"]
            and getattr(self, item.name) in ("", item.default)
            and item.name not in {"secret_key", "security_password_salt"}
        ]
        if self.database_url.startswith("sqlite:"):
            found.append("DATABASE_URL names SQLite, which has no row-level security: use PostgreSQL in production")
        if self.base_url.startswith("http://") and not any(fault.startswith("BASE_URL ") for fault in found):
            found.append("BASE_URL must begin with https:// in production: sign-in cookies are sent over TLS only")
        if self.billing_provider == "local":
            found.append("BILLING_PROVIDER is local, a provider in a box that takes no money: use stripe, or none")
        return found

    @property
    def is_production(self) -> bool:
        return self.env == "production"

    @property
    def sells_through(self) -> str:
        """The key of the billing provider; "none" where nothing is sold."""
        if self.billing_provider != "auto":
            return self.billing_provider
        return "local" if self.env == "development" else "none"

    @property
    def database(self) -> str:
        """SQLAlchemy's URL of the database."""
        return sqlalchemy_url(self.database_url) or f"sqlite:///{self.instance_path / 'readykit.sqlite'}"

    @property
    def migration_database(self) -> str:
        """SQLAlchemy's URL for migrations."""
        return sqlalchemy_url(self.migration_database_url) or self.database

    @property
    def hosts(self) -> frozenset[str]:
        """The host names this application answers to, without ports."""
        own = urlsplit(self.base_url).hostname or "localhost"
        local = () if self.is_production else ("localhost", "127.0.0.1", "::1")
        return frozenset({own, *local, *self.allowed_hosts})


def setting_names() -> set[str]:
    """The names of the kit's own settings, as the environment has them."""
    return {declared.name.upper() for declared in fields(Settings)}


def sqlalchemy_url(url: str) -> str:
    return re.sub(r"^postgresql:", "postgresql+psycopg:", url)


def current_settings(app: Flask | None = None) -> Settings:
    """The settings of the running application."""
    return cast(Settings, (app or current_app).extensions["settings"])
