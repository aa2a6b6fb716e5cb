"""Parts of passwords that are tried before anything else."""

import re
from functools import cache

__all__ = ["WORDS", "runs"]

# Small letters, as they stand once accents are gone and digits are read as letters.
WORDS = frozenset(
    """
    abc access account adidas admin administrator adobe alexander amanda america andrea andrew angel angela anthony
    apple asdf ashley austin azerty babygirl barcelona baseball basketball batman beautiful beauty biteme blessed
    blink brandon brooklyn buster butterfly cameron captain changeme charlie chelsea cheese chicken chocolate chris
    cookie computer cowboys dallas daniel database david default demo dennis diamond dolphin donald dragon eagle
    elephant eminem england facebook family ferrari flower football forever freedom friend friends fuck
    george ginger god google guest guitar hannah harley hello hockey hottie hunter iloveu iloveyou internet
    jasmine jennifer jessica jesus jordan joseph joshua junior justin killer kitten letmein linkedin liverpool
    login london love lovely lover loveme maggie manchester master matrix matthew melissa merlin michael michelle
    mickey minecraft monday money monkey monster mother music mustang mylove myspace naruto nicole nothing
    office onelove orange pass passphrase passport passwd passwort password patrick peanut pepper phoenix player
    please pokemon police princess private public purple qazwsx qwerty qwertz ranger raiders rainbow random richard
    robert rockyou root samantha samsung school secret secure security server service shadow simple slipknot snoopy
    soccer spiderman spring starwars steelers stella student summer autumn winter sunshine super superman superstar
    support sweet sweetheart sysadmin system taylor teacher temp temporary tennis test tester testing thomas thunder
    tigger tiger tinkerbell trustno trustnoone twitter unbelievable unknown user vanilla victoria welcome whatever
    william wonder world yankees yellow zaq
    january february march april may june july august september october november december
    tuesday wednesday thursday friday saturday sunday
    """.split()  # noqa: SIM905 - a list of that length is not read line by line
)

_WALKS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "qsdfghjklm",
    "zxcvbnm",
    "yxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    "zaq1xsw2cde3vfr4bgt5nhy6mju7",
    "zaq12wsxcde34rfvbgt56yhn",
    "qazwsxedcrfvtgbyhnujmikolp",
    "qweasdzxc",
    "147258369",
    "789456123",
    "135792468",
    "102030405060708090",
    "aabbccddeeff",
    "a1b2c3d4e5f6g7h8",
    "1a2b3c4d5e6f7g8h",
    "!@#$%^&*()_+",
)
_SHORTEST_RUN = 3


@cache
def runs() -> re.Pattern[str]:
    """Every stretch of a walk, in either direction, the longest first; made when somebody first chooses a password."""
    stretches = {
        walk[start:end]
        for way in _WALKS
        for walk in (way, way[::-1])
        for start in range(len(walk))
        for end in range(start + _SHORTEST_RUN, len(walk) + 1)
    }
    return re.compile("|".join(map(re.escape, sorted(stretches, key=len, reverse=True))))
