"""Which language and time zone a person reads: their choice, then the browser's."""

from pathlib import Path

from flask import Flask, has_request_context, request
from flask_babel import get_locale
from flask_security import current_user

from enferno.extensions import babel

__all__ = ["init_app", "language"]

TRANSLATIONS = Path(__file__).parent / "translations"


def init_app(app: Flask) -> None:
    babel.init_app(
        app,
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=chosen_language,
        timezone_selector=chosen_timezone,
    )


def available() -> list[str]:
    """English, which is written in the code, and every catalogue that lies in translations/."""
    return ["en", *sorted(path.parent.parent.name for path in TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"))]


def chosen_language() -> str:
    if not has_request_context():
        return "en"
    own = getattr(current_user, "locale", None)
    return own if own in available() else request.accept_languages.best_match(available()) or "en"


def chosen_timezone() -> str | None:
    return getattr(current_user, "timezone", None) if has_request_context() else None


def language() -> str:
    """The language of this answer, as a tag for HTML and Intl."""
    return str(get_locale() or "en").replace("_", "-")
