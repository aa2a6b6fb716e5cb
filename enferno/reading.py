"""How the text of a setting becomes a value. Each reader raises ValueError with what to write instead."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

__all__ = [
    "ROOT",
    "boolean",
    "database_address",
    "natural",
    "one_of",
    "place",
    "positive",
    "size",
    "text",
    "web_address",
    "words",
]

ROOT = Path(__file__).resolve().parent.parent

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}
UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}


def boolean(text: str) -> bool:
    if text.strip().lower() in TRUE:
        return True
    if text.strip().lower() in FALSE:
        return False
    raise ValueError("write true or false")


def positive(text: str) -> int:
    if not text.strip().isdigit() or int(text) == 0:
        raise ValueError("write a whole number above 0")
    return int(text)


def natural(text: str) -> int:
    if not text.strip().isdigit():
        raise ValueError("write 0 or a whole number above it")
    return int(text)


def size(text: str) -> int:
    """Bytes from "16 MB"; a bare number is bytes."""
    match = re.fullmatch(r"\s*(\d+)\s*(B|KB|MB|GB)?\s*", text, re.IGNORECASE)
    if not match:
        raise ValueError("write a size such as 16 MB")
    return int(match[1]) * UNITS[(match[2] or "B").upper()]


def words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def place(text: str) -> Path:
    """A file or folder; one without a leading slash lies in the repository, wherever the process was started."""
    return ROOT / text


def web_address(text: str) -> str:
    address = urlsplit(text)
    if address.scheme not in {"http", "https"} or not address.hostname or address.path.strip("/"):
        raise ValueError("write an address such as https://app.example.com, without a path")
    return text.rstrip("/")


def database_address(text: str) -> str:
    if not text.startswith(("sqlite:", "postgresql:", "postgresql+psycopg:")):
        raise ValueError("write postgresql://user:password@host/name or sqlite:///file")
    return text


def one_of(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"write one of {', '.join(allowed)}")
        return text

    return parse


def text(value: str) -> str:
    return value
