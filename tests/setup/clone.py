"""A fresh clone to run `./setup.sh` in, with the packages that are installed already."""

import hashlib
import http.cookiejar
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from enferno.settings import ROOT

# What a developer's shell may hold would be a setting here; a clone starts from nothing.
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE")
PATIENCE_SECONDS = 120


def clone(folder: Path) -> Path:
    """The files that git knows or would take, and a `.venv` that borrows this one's packages."""
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.split("\0")
    for name in filter(None, names):
        source = ROOT / name
        if source.is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    borrow_packages(folder)
    return folder


def borrow_packages(folder: Path) -> None:
    """Links into this environment, and a stamp of the clone's own: nothing is installed and nothing changed."""
    venv = folder / ".venv"
    venv.mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (venv / name).symlink_to(ROOT / ".venv" / name)
    files = ("requirements.txt", "requirements-dev.txt", "requirements-lint.txt", "requirements-postgres.txt")
    stamp = [f"{name} {hashlib.sha256((folder / name).read_bytes()).hexdigest()}\n" for name in files]
    (venv / "installed").write_text("".join(stamp))


def environment(**more: str) -> dict[str, str]:
    return {name: os.environ[name] for name in KEPT if name in os.environ} | more


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(folder: Path, *flags: str) -> Iterator["Running"]:
    """`./setup.sh run` until the box is there; ended by Ctrl-C at the end of the block."""
    port = free_port()
    process = subprocess.Popen(
        ["./setup.sh", "run", "--port", str(port), *flags],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield Running(process, port)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_SECONDS)


class Running:
    """A server in a clone, and a person with a browser in front of it."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process = process
        self.address = f"http://localhost:{port}"
        self.said = ""
        self.wait_for_the_box()
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.browser = urllib.request.build_opener(cookies)

    def wait_for_the_box(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.said += line
            if "Ctrl-C stops it." in line:
                return
        raise AssertionError(f"./setup.sh run ended with {self.process.wait()}:\n{self.said}")

    def accounts(self) -> dict[str, tuple[str, str]]:
        """The sign-ins in the box: who -> (address, password)."""
        found = re.findall(r"(Superadmin|Demo member) +(\S+@\S+) +(\S+)", self.said)
        return {who: (email, password) for who, email, password in found}

    def get(self, path: str, **form: str) -> "Page":
        body = urllib.parse.urlencode(form).encode() if form else None
        with self.browser.open(self.address + path, data=body, timeout=30) as answer:
            return Page(answer.status, answer.url.removeprefix(self.address), answer.read().decode())

    def sign_in(self, who: str) -> "Page":
        email, password = self.accounts()[who]
        return self.get("/login", csrf_token=self.get("/login").block["csrf"], email=email, password=password)

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode


class Page:
    def __init__(self, status: int, path: str, html: str) -> None:
        self.status, self.path, self.html = status, path, html

    @property
    def block(self) -> dict[str, Any]:
        """The data that the page starts from."""
        found = re.search(r'<script type="application/json" id="page-data"[^>]*>(.*?)</script>', self.html, re.DOTALL)
        assert found, self.html[:500]
        block: dict[str, Any] = json.loads(found[1])
        return block


def processes_of(folder: Path) -> dict[int, str]:
    """What still runs in the clone: process id -> command line."""
    found = {}
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and process.joinpath("cwd").resolve().is_relative_to(folder):
                found[int(process.name)] = process.joinpath("cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
    return found


def ends(pid: int) -> bool:
    """Whether a process that is nobody's child here is gone, or goes within some seconds."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with os.fdopen(handle):
        return bool(select.select([handle], [], [], PATIENCE_SECONDS)[0])
