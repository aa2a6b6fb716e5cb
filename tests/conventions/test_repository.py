"""What is committed: no machine's paths, no host of a registry, every package pinned with its checksums."""

import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

from enferno.settings import ROOT

PINS = sorted(ROOT.glob("requirements*.txt"))
# Files of others, kept as they were published.
OTHERS = ("enferno/static/vendor/", "enferno/pages/vendor/")


@cache
def tracked() -> tuple[str, ...]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return tuple(name for name in listed.split("\0") if name and (ROOT / name).is_file())


def texts() -> list[tuple[str, str]]:
    """Every tracked text of ours, with its name."""
    found = []
    for name in tracked():
        if not name.startswith(OTHERS):
            try:
                found.append((name, (ROOT / name).read_text(encoding="utf-8")))
            except UnicodeDecodeError:
                continue
    return found


def test_nothing_is_tied_to_one_machine() -> None:
    folder = re.compile(r"(?<![\w.])/(?:home|Users)/[a-z][\w-]*/|(?<![\w./-])/(?:work|root)/\w")
    told = [f"{name}: {found[0]}" for name, text in texts() if (found := folder.search(text))]
    assert told == [], "Write paths relative to the repository."


def test_no_file_names_the_host_of_a_package_index() -> None:
    """Such a line would send everybody who installs to that host; the installer's own settings say where from."""
    index = re.compile(r"--(?:extra-)?index-url|--find-links|files\.pythonhosted\.org|resolved\"?:\s*\"?http")
    names = {*(path.name for path in PINS), "pyproject.toml", "Dockerfile", "docker-compose.yml"}
    names |= {name for name in tracked() if name.endswith((".in", ".toml", ".lock", "package.json"))}
    told = [name for name in names if (ROOT / name).exists() and index.search((ROOT / name).read_text())]
    assert told == []


# What keys look like at those who give them out, and a private key in a file.
SECRETS = re.compile(
    r"\b(?:sk|rk)_live_\w{16,}|\bwhsec_[A-Za-z0-9+/]{24,}|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{30,}|\bxox[bp]-[\w-]{20,}"
    r"|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----|\bAIza[\w-]{35}\b"
)
# A setting that is secret, with a value behind it: in a file of settings, of services, or of a server.
FILLED = re.compile(
    r"^\s*(?:- )?[\"']?(?:[A-Z]+_)*(?:SECRET_KEY|PASSWORD|PASSWORD_SALT|API_KEY|WEBHOOK_SECRETS|WEBHOOK_LOGINS)[\"']?"
    r"\s*[:=]\s*[\"']?(?!\$\{)[^\s\"'#]+",
    re.MULTILINE,
)
CONFIGURED = (".env-sample", ".env", ".yml", ".yaml", ".ini", ".conf", ".toml", ".cfg", "Dockerfile", ".service")


def test_no_secret_is_kept_in_the_repository() -> None:
    """ASVS 13.3: keys by their shape in every file, and settings that are secret without a value."""
    told = [f"{name}: {found[0][:12]}…" for name, text in texts() if (found := SECRETS.search(text))]
    told += [
        f"{name}: {found[0]}" for name, text in texts() if name.endswith(CONFIGURED) for found in FILLED.finditer(text)
    ]
    assert told == [], "Take it out, and make a new one: what was committed is known."
    assert not [name for name in tracked() if Path(name).name == ".env" or name.endswith((".pem", ".key", ".p12"))]


@pytest.mark.parametrize("line", ["SECRET_KEY=abc", '  POSTGRES_PASSWORD: "hunter2"', "STRIPE_API_KEY = x"])
def test_a_secret_with_a_value_would_be_seen(line: str) -> None:
    assert FILLED.search(line)
    assert not FILLED.search("  SECRET_KEY: ${SECRET_KEY:?write it}\nSECRET_KEY=\n")


def test_there_is_no_lock_file_of_one_tool() -> None:
    """docs/dependencies.md says why, and how an owner makes one."""
    assert not [name for name in tracked() if Path(name).name in {"uv.lock", "poetry.lock", "Pipfile.lock"}]
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["managed"] is False


def requirements(path: Path) -> list[str]:
    """The requirements of a file, each with its options on one line."""
    lines = path.read_text().replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


@pytest.mark.parametrize("path", PINS, ids=lambda path: path.name)
def test_every_package_is_pinned_with_its_checksums(path: Path) -> None:
    for requirement in requirements(path):
        assert re.match(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==[\w.+!-]+ ", requirement), f"{path.name}: {requirement[:80]}"
        assert "--hash=sha256:" in requirement, f"{path.name}: {requirement[:80]} has no checksum"


def pinned(path: Path) -> dict[str, str]:
    """name -> version"""
    found = {}
    for requirement in requirements(path):
        name, _, version = requirement.partition(" ")[0].partition("==")
        found[name.partition("[")[0].lower()] = version
    return found


def wanted(lines: list[str]) -> set[str]:
    return {re.match(r"[\w.-]+", line)[0].lower() for line in lines if line[0].isalnum()}  # type: ignore[index]


def test_what_the_application_needs_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = wanted([*project["dependencies"], *project["optional-dependencies"]["server"]])
    assert needed <= set(pinned(ROOT / "requirements.txt")), "Compile anew, as docs/dependencies.md says."


@pytest.mark.parametrize("name", ["build", "dev", "lint", "postgres", "setup"])
def test_what_the_tools_need_is_pinned_at_the_same_versions(name: str) -> None:
    pins = pinned(ROOT / f"requirements-{name}.txt")
    assert wanted((ROOT / f"requirements-{name}.in").read_text().splitlines()) <= set(pins)
    application = pinned(ROOT / "requirements.txt")
    differing = {package for package in set(pins) & set(application) if pins[package] != application[package]}
    assert not differing, "Compile anew with -c requirements.txt, as docs/dependencies.md says."


def test_the_linters_of_setup_are_those_of_the_tests() -> None:
    assert set(pinned(ROOT / "requirements-lint.txt").items()) <= set(pinned(ROOT / "requirements-dev.txt").items())


def test_no_secret_and_no_database_is_committed() -> None:
    private = re.compile(r"(^|/)\.env$|\.(sqlite3?|db|pem|key)$|demo-credentials\.json$|^instance/")
    assert not [name for name in tracked() if private.search(name)]


def test_scripts_can_be_run() -> None:
    for name in tracked():
        path = ROOT / name
        if path.read_bytes()[:2] == b"#!" and not name.startswith(OTHERS):
            assert path.stat().st_mode & 0o111, f"{name} begins with #!: run chmod +x {name}"
