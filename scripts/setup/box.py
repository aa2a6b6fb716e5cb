"""The small box that says where the product is and who may sign in."""

import json
import sys
from pathlib import Path

__all__ = ["announce", "frame"]

NAMES = {"superadmin": "Superadmin", "member": "Demo member"}


def announce(port: int, credentials: Path) -> str:
    lines = [f"ReadyKit is running at http://localhost:{port}", ""]
    accounts = sign_ins(credentials)
    wide = max((len(account["email"]) for account in accounts.values()), default=0)
    for kind, account in accounts.items():
        name = NAMES.get(kind, kind.capitalize())
        lines.append(f"{name:<12} {account['email']:<{wide}}  {account['password']}")
    if not accounts:
        lines.append("Make the first person: .venv/bin/flask create -e EMAIL -p PASSWORD --super-admin")
    return frame([*lines, "", "Ctrl-C stops it."])


def sign_ins(credentials: Path) -> dict[str, dict[str, str]]:
    """The accounts made on the first run, as long as their file is there."""
    try:
        return json.loads(credentials.read_text())
    except (OSError, ValueError):
        return {}


def frame(lines: list[str]) -> str:
    wide = max(map(len, lines))
    try:
        "┌".encode(sys.stdout.encoding or "ascii")
        top, bottom, side = f"┌{'─' * (wide + 2)}┐", f"└{'─' * (wide + 2)}┘", "│"
    except UnicodeEncodeError:
        top = bottom = f"+{'-' * (wide + 2)}+"
        side = "|"
    return "\n".join([top, *(f"{side} {line:<{wide}} {side}" for line in lines), bottom])
