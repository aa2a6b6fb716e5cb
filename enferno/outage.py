"""Remember that a part did not answer, so that not every request waits for it anew."""

import time

__all__ = ["Outage"]


class Outage:
    """True for a few seconds after `begin()`. Short enough that a part that is back is soon used again."""

    def __init__(self, seconds: float = 5) -> None:
        self.seconds = seconds
        self.over_at = 0.0

    def begin(self) -> None:
        self.over_at = time.monotonic() + self.seconds

    def __bool__(self) -> bool:
        return time.monotonic() < self.over_at
