"""Names of people and of what they make: what may stand in one, how one is cut, and how a stranger's is told in a mail.

A name is shown beside other people's, in their mails and in their history, so it is what it looks like: in the one
normal form (NFC), without characters that are not seen, turn the direction of what follows, or mean nothing yet.
"""

import re
import unicodedata
from typing import Any

from flask_babel import gettext as _

__all__ = ["cleaned", "fault_of", "shortened", "without_links"]

NON_JOINER, JOINER = "\u200c", "\u200d"
JOINERS = NON_JOINER + JOINER
# Other, in all its kinds: control, format, surrogate, private use, not assigned; and the ends of lines and paragraphs.
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# Letters and signs by their category, and yet nothing is seen: the fillers of Hangul, the empty pattern of Braille.
BLANK = set("\u115f\u1160\u3164\uffa0\u2800")
# The scripts whose words are written with joiners (Unicode 16, 9.2 and 12.1; RFC 5892, A.1 and A.2).
JOINING_SCRIPTS = {
    "ARABIC", "SYRIAC", "MONGOLIAN", "NKO", "MANDAIC", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA",
    "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "KHMER", "MYANMAR", "TIBETAN",
}  # fmt: skip
SKIN_TONES = range(0x1F3FB, 0x1F400)
FLAGS = range(0x1F1E6, 0x1F200)

# So long is a stranger's name at most in a mail: enough to be known by, and too little to tell a story.
TOLD = 40
# A number of this many digits is no part of a name, and a mail program would offer to call it.
CALLABLE = 6


def cleaned(given: Any) -> Any:
    """The name in its one spelling; what is no text is left for others to refuse.

    Raises:
        ValueError: with a sentence for whoever typed it.
    """
    if not isinstance(given, str):
        return given
    name = unicodedata.normalize("NFC", given).strip()
    fault = fault_of(name)
    if fault:
        raise ValueError(fault)
    return name


def fault_of(name: str) -> str:
    """What keeps the text from being a name, in words for people; empty when nothing does. An empty one is fine."""
    if any(is_unseen(name, at) for at in range(len(name))):
        return _("This has characters that are not taken here")
    if name.strip() and not any(unicodedata.category(character)[0] in "LNPS" for character in name):
        return _("This has nothing that can be seen")
    return ""


def is_unseen(name: str, at: int) -> bool:
    character = name[at]
    if character in JOINERS:
        return not joins(name, at)
    return character in BLANK or unicodedata.category(character) in UNSEEN


def joins(name: str, at: int) -> bool:
    """Whether the joiner stands where writing needs one: within a word of a script that has them, or in an emoji."""
    if not 0 < at < len(name) - 1:
        return False
    before, after = base_before(name, at), name[at + 1]
    if script(before) in JOINING_SCRIPTS and script(after) in JOINING_SCRIPTS:
        return True
    return name[at] == JOINER and is_pictogram(before) and is_pictogram(after)


def base_before(name: str, at: int) -> str:
    """The character that what stands before `at` belongs to, past its marks and the tone of a skin."""
    at -= 1
    while at > 0 and (unicodedata.combining(name[at]) or name[at] == "\ufe0f" or ord(name[at]) in SKIN_TONES):
        at -= 1
    return name[at]


def script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0]


def is_pictogram(character: str) -> bool:
    return unicodedata.category(character) == "So"


def shortened(name: str, most: int) -> str:
    """At most so many characters of the name: whole words where one ends in the second half, else whole letters."""
    if len(name) <= most:
        return name
    space = name.rfind(" ", most // 2, most + 1)
    at = space if space > 0 else most
    while at > 0 and is_inside_letter(name, at):
        at -= 1
    cut = name[: at or most]
    return cut.rstrip(" ,;:&-–—") or cut


def is_inside_letter(name: str, at: int) -> bool:
    """Whether what is read as one letter, with its marks, or one picture would be cut in two here (UAX 29)."""
    before, after = name[at - 1], name[at]
    if unicodedata.category(after)[0] == "M" or after in JOINERS or ord(after) in SKIN_TONES:
        return True
    if before in JOINERS or unicodedata.combining(before) == 9:
        return True
    if ord(before) in FLAGS and ord(after) in FLAGS:
        flags = re.search(r"[\U0001f1e6-\U0001f1ff]+$", name[:at])
        return flags is not None and len(flags[0]) % 2 == 1
    return False


def without_links(name: str) -> str:
    """The name as a mail tells it to somebody who may never have heard of it: short, and nothing in it can be clicked.

    Whoever signs up with somebody else's address chooses the name in the first mail to it. So of the signs only those
    stay that names have: mail programs make a link of anything with a dot, a colon, a slash or an @ within a word, in
    whichever of Unicode's spellings, and of a number that could be called.
    """
    words = "".join(character if is_of_names(character) else " " for character in name)
    words = re.sub(r"\.(?=\S)", " ", words)
    if sum(character.isdigit() for character in words) >= CALLABLE:
        words = "".join(" " if character.isnumeric() else character for character in words)
    return shortened(re.sub(r"\s+", " ", words).strip(" ."), TOLD)


def is_of_names(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN" or character in "'’.,&()- " or character in JOINERS
