"""`.env`: written once, readable by its owner alone, never touched again."""

import os
import re
import secrets
from pathlib import Path

from scripts.setup import ROOT, say

__all__ = ["from_file", "instance", "write_once"]

ENV_FILE = ROOT / ".env"
SAMPLE = ROOT / ".env-sample"
FRESH = {"SECRET_KEY": 48, "SECURITY_PASSWORD_SALT": 24}


def write_once() -> None:
    """Make .env from .env-sample with fresh secrets, unless there is one."""
    text = SAMPLE.read_text() if SAMPLE.exists() else "ENV=development\n"
    for name, length in FRESH.items():
        text = with_value(text, name, secrets.token_urlsafe(length))
    try:
        # Exclusive and private from the first byte: no moment in which it could be read or overwritten.
        descriptor = os.open(ENV_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    say("Wrote .env with fresh secrets.")


def with_value(text: str, name: str, value: str) -> str:
    """`text` with `name` set, in the place where the sample mentions it or at the end."""
    line = f"{name}={value}"
    text, count = re.subn(rf"^#? ?{name}=.*$", line, text, count=1, flags=re.MULTILINE)
    return text if count else f"{text.rstrip()}\n{line}\n"


def from_file(name: str) -> str | None:
    """What .env says of `name`, unless the environment says otherwise: what setup has to know of it."""
    if name in os.environ:
        return os.environ[name]
    match = re.search(rf"^{name}=[\"']?([^\"'\n]*)", ENV_FILE.read_text(), re.MULTILINE)
    return match[1].strip() if match else None


def instance() -> Path:
    """Where the application keeps its files."""
    return ROOT / (from_file("INSTANCE_PATH") or "instance")
