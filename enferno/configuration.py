"""The configuration of Flask and its extensions, made from the settings."""

from datetime import timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from flask import Flask

from enferno.settings import Settings, current_settings
from enferno.uploads import BODY_LIMIT

__all__ = ["flask_config", "own_address"]


def own_address(app: Flask) -> tuple[str, str]:
    """The scheme and the host (with port) under which people reach the product."""
    return parts_of(current_settings(app).base_url)


@lru_cache(100)
def parts_of(base_url: str) -> tuple[str, str]:
    address = urlsplit(base_url)
    return address.scheme, address.netloc


def flask_config(settings: Settings) -> dict[str, Any]:
    secure = settings.base_url.startswith("https://")
    return {
        "TESTING": settings.env == "testing",
        "APP_NAME": settings.app_name,
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_key_fallbacks),
        "MAX_CONTENT_LENGTH": BODY_LIMIT,
        # What people fill in is a few lines.
        "MAX_FORM_MEMORY_SIZE": 100_000,
        "TRUSTED_HOSTS": sorted(settings.hosts),
        "PREFERRED_URL_SCHEME": urlsplit(settings.base_url).scheme,
        # A name with the prefix is refused by browsers without Secure and Path=/ (ASVS 3.3.1).
        "SESSION_COOKIE_NAME": "__Host-session" if secure else "session",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(days=settings.session_absolute_days),
        "SESSION_REFRESH_EACH_REQUEST": False,
        **database_config(settings),
        **security_config(settings, secure),
        # The guard checks the token itself, after it has decided whether the caller may do this at all.
        "WTF_CSRF_CHECK_DEFAULT": False,
        "WTF_CSRF_TIME_LIMIT": None,
        "CACHE_TYPE": "enferno.cache.JSONRedisCache" if settings.redis_url else "SimpleCache",
        "CACHE_REDIS_URL": settings.redis_url,
        "CACHE_KEY_PREFIX": "readykit:",
        "CACHE_OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1} if settings.redis_url else {},
        "RATELIMIT_STORAGE_URI": settings.redis_url or "memory://",
        "RATELIMIT_STORAGE_OPTIONS": ({"socket_timeout": 1, "socket_connect_timeout": 1} if settings.redis_url else {}),
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_HEADERS_ENABLED": True,
        # Its Retry-After would stand on every answer, and say "in an hour" where a 503 says "in five seconds".
        "RATELIMIT_HEADER_RETRY_AFTER": "X-RateLimit-Retry-After",
        "BABEL_DEFAULT_TIMEZONE": "UTC",
    }


def database_config(settings: Settings) -> dict[str, Any]:
    # What was written does not belong in a log, not even when writing it failed.
    options: dict[str, Any] = {"pool_pre_ping": True, "hide_parameters": settings.env != "development"}
    if settings.database.startswith("postgresql"):
        options |= {
            "pool_size": settings.database_pool_size,
            "max_overflow": settings.database_pool_size,
            # Waiting for the pool and then for a connection stays below the five seconds that a visitor waits.
            "pool_timeout": 2,
            "connect_args": {
                "connect_timeout": 2,
                "tcp_user_timeout": 2000,
                "options": f"-c statement_timeout={settings.database_statement_timeout} -c timezone=UTC",
            },
        }
    return {"SQLALCHEMY_DATABASE_URI": settings.database, "SQLALCHEMY_ENGINE_OPTIONS": options}


def security_config(settings: Settings, secure: bool) -> dict[str, Any]:
    """Flask-Security, where its defaults are not what a product for the open net needs."""
    return {
        "SECURITY_PASSWORD_SALT": settings.security_password_salt,
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_HASH": "argon2",
        # OWASP's smallest recommendation: 19 MiB, two passes; a fifth of the library's default cost.
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
            "argon2__memory_cost": 19_456,
            "argon2__time_cost": 2,
            "argon2__parallelism": 1,
        },
        "SECURITY_PASSWORD_CONFIRM_REQUIRED": False,
        "SECURITY_EMAIL_SENDER": settings.mail_from,
        "SECURITY_REGISTERABLE": settings.signup_open,
        "SECURITY_CONFIRMABLE": True,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_RESET_PASSWORD_WITHIN": timedelta(minutes=60),
        "SECURITY_CONFIRM_EMAIL_WITHIN": timedelta(days=2),
        "SECURITY_LOGOUT_CSRF": True,
        "SECURITY_FRESHNESS": timedelta(minutes=10),
        "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(0),
        "SECURITY_FRESHNESS_ALLOW_AUTH_TOKEN": False,
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_DEFAULT_REMEMBER_ME": False,
        "SECURITY_STATIC_FOLDER": None,
        # People are made by `flask create` and its neighbours, under the rules of sign-up.
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
        "SECURITY_POST_LOGIN_VIEW": "/app",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_POST_REGISTER_VIEW": "/check-your-mail",
        "SECURITY_POST_CONFIRM_VIEW": "/login",
        "SECURITY_POST_RESET_VIEW": "/login",
        "SECURITY_POST_CHANGE_VIEW": "/account/security",
        "SECURITY_POST_VERIFY_VIEW": "/account/security",
        "SECURITY_CHANGE_URL": "/account/password",
        "SECURITY_CSRF_COOKIE_NAME": None,
        "REMEMBER_COOKIE_SECURE": secure,
    }
