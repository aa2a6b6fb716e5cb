"""What `./setup.sh` does, on the standard library alone: it runs before anything is installed."""

from pathlib import Path

__all__ = ["ROOT", "TOLD", "SetupError", "say"]

# The exit code of a child that has said in a sentence what is wrong: there is nothing to add.
TOLD = 3
ROOT = Path(__file__).resolve().parent.parent.parent


class SetupError(Exception):
    """Something a person has to mend; the message is one line that says what to do."""


def say(line: str) -> None:
    print(line, flush=True)
