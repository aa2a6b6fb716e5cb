"""The sign-ins of a fresh development installation, for the box that `./setup.sh run` prints."""

import json
import os
from pathlib import Path

from enferno.settings import current_settings
from enferno.tasks.commit import after_commit
from enferno.user.administration import generate_password

__all__ = ["account", "keep", "place"]


def place() -> Path:
    return current_settings().instance_path / "demo-credentials.json"


def keep(**accounts: dict[str, str]) -> None:
    """Add them to those known once their accounts are committed, for nobody but this machine's user to read."""
    file = place()
    text = json.dumps(written(file) | accounts, indent=2)
    after_commit(lambda: write(file, f"{text}\n"))


def account(kind: str, email: str) -> dict[str, str]:
    """The sign-in to make for `kind`: the one that is written down, else one with a new password.

    So the installation on SQLite and the one on PostgreSQL, beside each other in one clone, take the same sign-ins.
    """
    known = written(place()).get(kind, {})
    return known if known.get("email") == email else {"email": email, "password": generate_password()}


def written(file: Path) -> dict[str, dict[str, str]]:
    try:
        found: dict[str, dict[str, str]] = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return found


def write(file: Path, text: str) -> None:
    """Private from the first byte, and whole at once."""
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(text)
    draft.replace(file)
