"""What a plain hash may stand for."""

import re

from tests.conventions.source import ROOT, modules

# A plain hash of what can be guessed, such as an address, is looked up in a list. These are of something else.
PLAIN = {
    "enferno/billing/providers/events.py": "the body of an event that has no id, in the place of one",
    "enferno/pages/assets.py": "the content of a file, for its name",
    "enferno/pages/compiler.py": "the source of a template, for its place in the cache",
    "enferno/user/sessions.py": "a token of 256 random bits",
    "enferno/user/confirming.py": "what is random already",
}
HASH = re.compile(r"\b(?:hashlib\.\w+|sha\d\w*|md5|blake2\w)\(")


def test_a_plain_hash_stands_for_nothing_that_can_be_guessed():
    """A23: for an address take `mark` of enferno/user/addresses.py, which is keyed."""
    found = {str(path.relative_to(ROOT)) for path in modules() if HASH.search(path.read_text())}
    assert found - set(PLAIN) == set(), "Use hmac with a key of ours, or write into PLAIN why nobody can guess it"
    assert len(found) >= 3
