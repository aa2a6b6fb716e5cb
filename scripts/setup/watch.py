"""Which file of the application changed. Looking at the times of some hundred files takes milliseconds."""

import os
from pathlib import Path

from scripts.setup import ROOT

__all__ = ["Watch"]

FOLDERS = ("enferno", "features")
FILES = ("run.py", ".env", "plans.toml")
LEFT_OUT = {"__pycache__", "vendor", "node_modules"}
KINDS = (".py", ".html", ".js", ".css", ".json", ".mo", ".toml", ".env")


class Watch:
    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.seen = self.look()

    def change(self) -> Path | None:
        """One file that was made, changed or removed since the last call."""
        before, self.seen = self.seen, self.look()
        if before == self.seen:
            return None
        changed = min(path for path, _ in before.items() ^ self.seen.items())
        return Path(changed).relative_to(self.root)

    def look(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for name in FILES:
            if (path := self.root / name).exists():
                found[str(path)] = path.stat().st_mtime_ns
        for folder in FOLDERS:
            self.into(str(self.root / folder), found)
        return found

    def into(self, folder: str, found: dict[str, int]) -> None:
        try:
            for entry in os.scandir(folder):
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in LEFT_OUT and not entry.name.startswith("."):
                        self.into(entry.path, found)
                elif entry.name.endswith(KINDS) and not entry.name.startswith("."):
                    found[entry.path] = entry.stat().st_mtime_ns
        except FileNotFoundError:
            # An editor or a branch switch removed it while we looked; the next look sees the end of that.
            return
