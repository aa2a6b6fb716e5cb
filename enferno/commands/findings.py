"""What a check of `flask doctor` yields."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

__all__ = ["FAIL", "OK", "SKIP", "WARN", "Check", "Finding", "Found"]

# Skipped is what cannot be looked at because of a fault that another line tells.
OK, SKIP, WARN, FAIL = "ok", "skip", "warn", "fail"

Found = tuple[str, str, str]
Check = Callable[[], Iterator[Found]]


@dataclass(frozen=True)
class Finding:
    part: str
    level: str
    text: str
    remedy: str = ""
