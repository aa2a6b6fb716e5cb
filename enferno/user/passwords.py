"""Which passwords are taken: long ones that are not the first to be tried (ASVS 6.2).

There is no rule about capitals, digits or signs (6.2.5). A password is refused when little is left of it once the
parts that anyone would try are taken out: words that head every list of passwords, runs over a keyboard, repetition,
years, and the person's and the product's own words (6.2.4, 6.2.11); and so are the passwords that are used most. The
former catches what no list has, such as the product's name with this year behind it. Nobody outside is asked.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_security import PasswordUtil

from enferno.settings import current_settings
from enferno.user.common import is_common
from enferno.user.models import User
from enferno.user.weak import WORDS, runs

__all__ = ["LONGEST", "SHORTEST", "Passwords", "is_guessable"]

SHORTEST, LONGEST = 12, 128
# What has to be left, in characters; each part that was taken out still counts as one.
ENOUGH = 7
LOOKALIKES = str.maketrans("013457@$!|", "oieastasil")


class Passwords(PasswordUtil):
    """Flask-Security's way to our rules."""

    def validate(self, password: str, is_register: bool, **known: Any) -> tuple[list[str] | None, str]:
        normal = self.normalize(password)
        fault = fault_of(normal, list(own_words(**known)))
        return ([fault] if fault else None), normal


def fault_of(password: str, own: Iterable[str]) -> str:
    """Why the password is not taken, in words for the person; empty when it is."""
    if len(password) < SHORTEST:
        return _("Use at least %(count)s characters", count=SHORTEST)
    if len(password) > LONGEST:
        return _("Use at most %(count)s characters", count=LONGEST)
    if is_guessable(password):
        return _("This would be among the first to be tried. Three or four unrelated words make a good one.")
    if is_guessable(password, own):
        return _("This is made of your own name, your address or the name of the product")
    return ""


def is_guessable(password: str, own: Iterable[str] = ()) -> bool:
    """Whether too little is left of the password once well-known parts, and the words in `own`, are taken out."""
    if any(is_common(form) for form in forms(password)):
        return True
    words = sorted({folded(word) for word in own} | WORDS, key=len, reverse=True)
    return any(weight(form, words) < ENOUGH for form in forms(password))


def forms(password: str) -> set[str]:
    """The password as it is, with digits read as the letters they stand for, and without doubled characters."""
    plain = folded(password)
    spoken = folded(password.translate(LOOKALIKES))
    return {plain, spoken, *(re.sub(r"(.)\1+", r"\1", text) for text in (plain, spoken))}


def weight(text: str, words: Iterable[str]) -> int:
    """How many characters there are to guess, each well-known part being one."""
    text = unit(text)
    for word in words:
        text = text.replace(word, "\0")
    text = runs().sub("\0", text)
    text = re.sub(r"(?:19|20)\d\d", "\0", text)
    text = re.sub(r"(.)\1{2,}", "\0", text)
    return len(re.sub(r"\s", "", text))


def unit(text: str) -> str:
    """What the text repeats, if it is nothing but a repetition."""
    match = re.fullmatch(r"(.{1,}?)\1+.{0,3}", text)
    return match[1] if match else text


def folded(text: str) -> str:
    """Small letters without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def own_words(user: User | None = None, email: str | None = "", name: str | None = "", **_other: Any) -> Iterable[str]:
    """The words that belong to the person, their workspaces and the product, three letters and longer."""
    before, _at, after = (email or "").partition("@")
    texts = [current_settings().app_name, before, after.partition(".")[0], name or ""]
    if user is not None:
        from enferno.workspace.reach import reachable

        yield from own_words(email=user.email, name=user.name)
        texts += [workspace.name for workspace in reachable(user)]
    for text in texts:
        yield from (word for word in {text.replace(" ", ""), *re.split(r"[\W_\d]+", text)} if len(word) > 2)
