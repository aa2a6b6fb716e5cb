"""Take down one stone of the two walls at a time, and see which test notices.

    python -m scripts.mutants                 all of them; the exit code is 1 if one survives
    python -m scripts.mutants policy          those whose name has the word in it
    python -m scripts.mutants --list

Each slip is made in a copy of this tree, where the tests named beside it run; the first that fails has killed it.
tests/tenancy/test_mutants.py keeps the list applicable.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scripts.mutants.catalogue import MUTANTS, Mutant

__all__ = ["killer", "mutated"]

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "instance", "__pycache__", ".*_cache", ".hypothesis", "node_modules")


def mutated(mutant: Mutant, text: str) -> str:
    """The file with the slip in it.

    Raises:
        LookupError: what the mutant changes does not stand exactly once in the file any more.
    """
    if text.count(mutant.before) != 1:
        raise LookupError(f"{mutant.name}: {mutant.before!r} stands {text.count(mutant.before)} times in {mutant.file}")
    return text.replace(mutant.before, mutant.after)


def killer(mutant: Mutant, copy: Path) -> str | None:
    """The test that notices; None when none does."""
    file = copy / mutant.file
    original = file.read_text()
    file.write_text(mutated(mutant, original))
    try:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "--tb=no",
            "-p",
            "no:cacheprovider",
            *mutant.tests.split(),
        ]
        ran = subprocess.run(  # noqa: S603
            command,
            cwd=copy,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "TEST_DATABASES": mutant.database, "PYTHONDONTWRITEBYTECODE": "1"},
        )
    finally:
        file.write_text(original)
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", ran.stdout, re.M)
    if ran.returncode == 1 and found:
        return found[1]
    if ran.returncode == 0:
        return None
    raise RuntimeError(f"{mutant.name}: the tests could not run\n{ran.stdout}{ran.stderr}")


def main(words: list[str]) -> int:
    chosen = [one for one in MUTANTS if all(word in one.name for word in words if not word.startswith("-"))]
    if "--list" in words:
        say("\n".join(f"{one.name:36} {one.file}" for one in chosen))
        return 0
    survivors = []
    with tempfile.TemporaryDirectory(prefix="readykit-mutants-") as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        for mutant in chosen:
            began = time.monotonic()
            killed_by = killer(mutant, copy)
            survivors += [] if killed_by else [mutant.name]
            fate = f"killed by {killed_by}" if killed_by else "LIVES"
            say(f"{mutant.name:36} {time.monotonic() - began:4.0f} s  {fate}")
    say(
        f"{len(chosen) - len(survivors)} of {len(chosen)} killed"
        + (f"; alive: {', '.join(survivors)}" if survivors else "")
    )
    return 1 if survivors else 0


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
