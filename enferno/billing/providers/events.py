"""Events, read with care: a signature says who wrote one, and not that it makes sense.

What cannot be read is kept nevertheless, and shown to the operator. Refused, it would be sent again for days, and after
that a provider sends nothing more at all.
"""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

from enferno.billing.models import ID_LENGTH, KIND_LENGTH
from enferno.billing.providers import Notice

__all__ = ["Unreadable", "noticed", "shown", "text"]

# What an odd shape makes the reading of it raise. Reading asks nobody, so each of these is the event's own fault.
STUMBLES = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
# A browser reads no larger number than this for what it is.
LARGEST_NUMBER = 2**53
LONGEST_SHOWN, BEGINNING_BYTES = 500, 200


class Unreadable(ValueError):
    """An event that says too little, or two things at once; the message says why."""


def noticed(body: bytes, kind: str, read: Callable[[dict[str, Any]], Notice]) -> Notice:
    """What an event says, as `read` finds it; `kind` is the field that names its kind."""
    event: Any = None
    try:
        event = json.loads(body, object_pairs_hook=said_once)
        return sound(read(event))
    except STUMBLES as fault:
        return unreadable(body, event if isinstance(event, dict) else {}, kind, fault)


def said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unreadable("a name is given twice")
    return found


def sound(notice: Notice) -> Notice:
    """The notice, if each of its parts is a text that every database keeps and that names one thing."""
    if not is_name(notice.event_id, ID_LENGTH) or not is_name(notice.kind, KIND_LENGTH):
        raise Unreadable("its id or its kind is no name")
    if notice.customer_id and not is_name(notice.customer_id, ID_LENGTH):
        raise Unreadable("its customer's id is no name")
    if not notice.named_workspace.isprintable():
        raise Unreadable("the workspace's id is no name")
    return notice


def is_name(value: Any, longest: int) -> TypeGuard[str]:
    """Printable, so without NUL, half characters, line ends and turns of direction."""
    return isinstance(value, str) and 0 < len(value) <= longest and value.isprintable()


def text(value: Any) -> str:
    """Raises `Unreadable` for what is no text."""
    if not isinstance(value, str):
        raise Unreadable("something stands where a text belongs")
    return value


def unreadable(body: bytes, event: Mapping[str, Any], kind: str, fault: Exception) -> Notice:
    """What is kept of it: the name by which it is known again, why it was not read, and how it begins."""
    event_id, kind_of = event.get("id"), event.get(kind)
    return Notice(
        event_id=event_id if is_name(event_id, ID_LENGTH) else f"sha256:{hashlib.sha256(body).hexdigest()}",
        kind=kind_of if is_name(kind_of, KIND_LENGTH) else "unreadable",
        is_readable=False,
        concerns_us=False,
        payload={
            "why": str(fault) if isinstance(fault, Unreadable) else type(fault).__name__,
            "bytes": len(body),
            "begins": shown(body[:BEGINNING_BYTES].decode(errors="backslashreplace")),
        },
    )


def shown(value: Any) -> Any:
    """A value as it may be kept and shown, wherever it came from: bounded, and nothing that JSON or a database refuses.

    Of an object only its id is kept, which is what a provider writes in its place elsewhere.
    """
    if isinstance(value, str):
        return (value if value.isprintable() else value.encode("unicode_escape").decode())[:LONGEST_SHOWN]
    if isinstance(value, Mapping):
        return shown(str(value.get("id", "")))
    if value is None or (isinstance(value, int) and abs(value) < LARGEST_NUMBER):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    return type(value).__name__
