"""The virtual environment: made once, filled from the hash-pinned files, remembered by a checksum."""

import hashlib
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.setup import ROOT, SetupError, checks, say

__all__ = ["PYTHON", "install"]

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
BASE = getattr(sys, "_base_executable", sys.executable)
STAMP = VENV / "installed"
LOG = ROOT / "instance" / "setup.log"

made: list[Path] = []
PINS = "requirements.txt"
INSTALLER_PINS = "requirements-setup.txt"
# uWSGI is for servers. Where no wheel fits and no compiler is at hand, nobody should be stopped by it.
ONLY_FOR_SERVERS = "pyuwsgi"


def install(*extra: str, quiet: bool = False) -> None:
    """See to it that .venv holds requirements.txt and the `extra` files; at once when nothing changed."""
    files = [PINS, *extra]
    known = read_stamp()
    missing = [name for name in files if known.get(name) != checksum(name)]
    if not missing and PYTHON.exists():
        return
    checks.room_to_install()
    LOG.parent.mkdir(mode=0o700, exist_ok=True)
    LOG.write_text("")
    make_environment()
    known = read_stamp()
    missing = [name for name in files if known.get(name) != checksum(name)]
    for installer in installers():
        if not quiet:
            say(f"Installing packages into .venv with {name_of(installer)} (once, up to a minute) ...")
        if fill(installer, missing):
            write_stamp(known | {name: checksum(name) for name in missing})
            return
    raise SetupError(failure())


def checksum(name: str) -> str:
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def read_stamp() -> dict[str, str]:
    if not STAMP.exists():
        return {}
    return dict(line.split(" ", 1) for line in STAMP.read_text().splitlines())


def write_stamp(known: dict[str, str]) -> None:
    STAMP.write_text("".join(f"{name} {digest}\n" for name, digest in sorted(known.items())))


def installers() -> Iterator[list[str]]:
    """Ways to install, the quickest first, each as the command that a file's name is put behind."""
    if uv := working_uv():
        yield uv_command(uv)
    if importlib.util.find_spec("ensurepip"):
        if run([str(PYTHON), "-m", "ensurepip", "--upgrade"]) != 0:
            raise SetupError(failure())
        if run([str(PYTHON), *PIP, INSTALLER_PINS]) == 0:
            yield uv_command(str(VENV / "bin" / "uv"))
        yield [str(PYTHON), *PIP]
    elif run([BASE, "-m", "pip", "--version"]) == 0:
        # Debian's Python without python3-venv: its pip can fill an environment that has none.
        yield [BASE, "-m", "pip", "--python", str(PYTHON), *PIP[2:]]
    elif not uv:
        raise SetupError(
            "This Python brings no pip: install its venv package (for example apt install python3-venv) "
            "and start again."
        )


PIP = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"]


def uv_command(uv: str) -> list[str]:
    return [uv, "pip", "install", "--python", str(PYTHON), "--require-hashes", "-r"]


def name_of(installer: list[str]) -> str:
    return "uv" if Path(installer[0]).name == "uv" else "pip"


def working_uv() -> str | None:
    """The uv on PATH, if it runs: a version manager's shim may be there without a uv behind it."""
    uv = shutil.which("uv")
    return uv if uv and subprocess.run([uv, "--version"], capture_output=True).returncode == 0 else None


def make_environment() -> None:
    """An empty .venv, unless this very process runs in it or has made it: another's, or a broken one, is replaced."""
    if made or Path(sys.prefix).resolve() == VENV.resolve():
        return
    if run([BASE, "-m", "venv", "--clear", "--without-pip", str(VENV)]) != 0:
        if importlib.util.find_spec("venv") is None:
            raise SetupError("This Python lacks venv: apt install python3-venv, then start again.")
        raise SetupError(failure())
    made.append(VENV)


def fill(installer: list[str], files: list[str]) -> bool:
    return all(
        run([*installer, name]) == 0 or (name == PINS and run([*installer, without_server()]) == 0) for name in files
    )


def without_server() -> str:
    """A copy of the pins without uWSGI, for machines that can neither download nor build it."""
    kept, dropping = [], False
    for line in (ROOT / PINS).read_text().splitlines():
        if line and not line[0].isspace():
            dropping = line.startswith(ONLY_FOR_SERVERS)
        if not dropping:
            kept.append(line)
    copy = ROOT / "instance" / "requirements-without-server.txt"
    copy.write_text("\n".join(kept) + "\n")
    return str(copy)


def run(command: list[str]) -> int:
    with LOG.open("a") as log:
        print("$", *command, file=log, flush=True)
        return subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, stdin=subprocess.DEVNULL).returncode


def failure() -> str:
    """The last thing that the installer complained about, in one line."""
    text = LOG.read_text()
    if "No space left on device" in text:
        return f"The disk of {ROOT} is full: make room and start again."
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = next((line for line in reversed(lines) if line.lower().startswith(("error", "×", "caused by"))), "")
    return f"The packages could not be installed ({told or 'see the log'}); the whole of it is in {log_name()}."


def log_name() -> Path:
    return LOG.relative_to(ROOT)
