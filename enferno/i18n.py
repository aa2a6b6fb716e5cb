"""Which language and time zone a person reads: their choice, then the browser's."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.mofile import read_mo
from flask import Flask, current_app, has_request_context, request
from flask_babel import force_locale, get_locale
from flask_security import current_user

from enferno.extensions import babel
from enferno.settings import ROOT, current_settings

if TYPE_CHECKING:
    from enferno.user.models import User

__all__ = ["TRANSLATIONS", "available", "in_language_of", "init_app", "language"]

TRANSLATIONS = ROOT / "enferno" / "translations"

EXTENSION = "languages"


def init_app(app: Flask) -> None:
    """Bind Babel, with English, which is written in the code, and every language that has a translation in it."""
    folder = current_settings(app).translations_path
    compiled = sorted(file.parent.parent.name for file in folder.glob("*/LC_MESSAGES/messages.mo") if has_words(file))
    app.extensions[EXTENSION] = ["en", *(name for name in compiled if name != "en")]
    babel.init_app(
        app,
        default_translation_directories=str(folder),
        locale_selector=chosen_language,
        timezone_selector=chosen_timezone,
    )


def has_words(catalogue: Path) -> bool:
    """Whether anything is translated: `flask i18n init` and `compile` alone make a heading, and plurals in English.

    A file that is no catalogue has none either; gettext could not read it.
    """
    try:
        with catalogue.open("rb") as file:
            return any(forms(one.string) - forms(one.id) for one in read_mo(file) if one.id)
    except (OSError, ValueError, struct.error):
        return False


def forms(text: object) -> set[object]:
    """A text, or those of a plural; an empty one is none."""
    return set(text if isinstance(text, (list, tuple)) else (text,)) - {""}


def available() -> list[str]:
    """The languages of this application, as Babel writes them (`pt_BR`)."""
    languages: list[str] = current_app.extensions[EXTENSION]
    return languages


def chosen_language() -> str:
    if not has_request_context():
        return "en"
    own = getattr(current_user, "locale", None)
    return str(own) if own in available() else accepted_language()


def accepted_language() -> str:
    """The first of the browser's languages that there is, "de" for "de-AT" (lookup, RFC 4647, 3.4)."""
    names = {name.replace("_", "-").lower(): name for name in available()}
    wanted = [tag.lower().split("-") for tag, quality in request.accept_languages if quality > 0]
    tags = ("-".join(parts[:length]) for parts in wanted for length in range(len(parts), 0, -1))
    return next((names[tag] for tag in tags if tag in names), "en")


def chosen_timezone() -> str | None:
    return getattr(current_user, "timezone", None) if has_request_context() else None


@contextmanager
def in_language_of(person: "User") -> Iterator[None]:
    """What is put into words in here is for this person to read; who has chosen no language reads this request's."""
    own = person.locale if person.locale in available() else str(get_locale() or "en")
    with force_locale(own):
        yield


def language() -> str:
    """The language of this answer, as a tag for HTML and Intl."""
    return str(get_locale() or "en").replace("_", "-")
