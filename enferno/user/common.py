"""The passwords that are used most, offline (ASVS 6.2.4): the frequency list of zxcvbn, an MIT-licensed package.

Few of them have twelve characters. What people make of the others when twelve are asked for is found as well: two in a
row, one again and again, digits or signs around them.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

__all__ = ["COMMONEST", "is_common", "most_used"]

# Of so many, two in a row are nine million passwords: minutes of work.
COMMONEST = 3000
AROUND = re.compile(r"(\d{0,4})(.*?)(\d{0,4})")


def is_common(text: str) -> bool:
    """Whether `text`, in small letters, is one of the passwords used most, or two of the commonest."""
    everything, commonest = most_used()
    return any(core in everything or is_two_of(commonest, core) for core in cores(text))


def is_two_of(commonest: frozenset[str], text: str) -> bool:
    return any(text[:at] in commonest and text[at:] in commonest for at in range(3, len(text) - 2))


def cores(text: str) -> Iterator[str]:
    """The text without signs, and without up to four digits at either end; each also as what it repeats."""
    plain = without_signs(text)
    if 2 * len(plain) < len(text):
        return  # The signs are the password, and the rest stands among them.
    bare = AROUND.fullmatch(plain)
    for core in {plain, bare[2] if bare else plain}:
        yield core
        yield from (core[:size] for size in range(3, len(core) // 2 + 1) if core == core[:size] * (len(core) // size))


@cache
def most_used() -> tuple[frozenset[str], frozenset[str]]:
    """All passwords of the list, and the commonest of them; read when the first password is chosen.

    The file alone: importing the package would also load dictionaries of names and of films, and rank them.
    """
    package = find_spec("zxcvbn")
    folder = next(iter((package and package.submodule_search_locations) or ()))
    spec = spec_from_file_location("frequency_lists", Path(folder) / "frequency_lists.py")
    if spec is None or spec.loader is None:
        raise RuntimeError("The package zxcvbn has no frequency_lists.py: install requirements.txt")
    lists = module_from_spec(spec)
    spec.loader.exec_module(lists)
    ranked = [without_signs(password) for password in lists.FREQUENCY_LISTS["passwords"]]
    return frozenset(ranked), frozenset(ranked[:COMMONEST])


def without_signs(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)
