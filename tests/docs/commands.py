"""Whether a command that a page names exists, with the options it is given, without running it.

`flask …` is asked of the application's own commands, which parse the words; programs of this repository have their
options in their source; what is installed here says them with `--help`; of Docker's the services are looked up in
docker-compose.yml, and what runs inside of them is looked at in turn.
"""

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import yaml
from flask import Flask

from enferno.settings import ROOT

__all__ = ["PROGRAMS", "faults_of", "services"]

OURS = re.compile(r"(?:features|tests|docs|bench|deploy|scripts|enferno)/[\w./*-]+")
PLACEHOLDER = re.compile(r"<[^>]+>")
ANY_ID = "0199d0c0-0000-7000-8000-000000000000"
# Every machine's own, and what a server brings: there is nothing of ours to look up in them.
OUTSIDE = {
    *(
        "cp",
        "mkdir",
        "rm",
        "mv",
        "ln",
        "cd",
        "install",
        "sudo",
        "chown",
        "git",
        "psql",
        "systemctl",
        "systemd-run",
        "source",
    ),
    *("nginx", "certbot", "npx", "apt-get", "useradd", "sh", "sed", "pip", "source"),
}
# What Docker's Compose takes here; Docker itself cannot be asked where there is none.
COMPOSE = {
    "build": {"--no-cache", "--pull"},
    "up": {"--build", "--detach"},
    "exec": {"-T"},
    "logs": {"--follow"},
    "run": {"--rm"},
    "pull": set(),
    "ps": set(),
}
ASKED = ("uv", "pytest", "celery", "uwsgi", "ruff", "mypy", "pg_dump", "pg_restore")
PROGRAMS = ("flask", "python", "python3", "docker", "./setup.sh", "bench/run", *ASKED)


def faults_of(command: str, app: Flask, *, whole: bool = True) -> Iterator[str]:
    """What is wrong with a line of a shell. A piece of a command, as text names it, is not `whole`."""
    for part in re.split(r"\s(?:&&|\|\||;|\|)\s", command):
        try:
            words = shlex.split(re.sub(r"\s[<>]\s.*$", "", part), comments=True)
        except ValueError as fault:
            yield f"{part}: {fault}"
            continue
        yield from faults_of_words(words, app, whole)


def faults_of_words(words: list[str], app: Flask, whole: bool) -> Iterator[str]:
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        name = words.pop(0).partition("=")[0]
        if name not in names_in_the_sources():
            yield f"nothing reads {name}"
    if words[:1] == ["sudo"]:
        words = words[1:]
    if not words:
        return
    program, rest = words[0].removeprefix(".venv/bin/"), words[1:]
    if program in OUTSIDE:
        return
    if program == "flask":
        yield from faults_of_flask(rest, app, whole)
    elif program in ("python", "python3"):
        yield from faults_of_python(rest)
    elif program == "docker":
        yield from faults_of_docker(rest, app)
    elif program in ASKED:
        # Celery takes options before its command as well.
        general = help_of(program) if program == "celery" else ""
        yield from faults_of_options(program, rest, general + help_of(program, *subcommand(program, rest)))
    elif (ROOT / program).is_file():
        yield from faults_of_options(program, rest, source_beside(ROOT / program))
    else:
        yield f"{program}: no such program (tests/docs/commands.py lists those from outside)"


def faults_of_flask(words: list[str], app: Flask, whole: bool) -> Iterator[str]:
    from flask.cli import FlaskGroup

    if words[:1] == ["--app"]:
        words = words[2:]
    group: click.Command = FlaskGroup()
    path = "flask"
    commands = {**FlaskGroup().commands, **app.cli.commands}
    while words and not words[0].startswith("-"):
        found = commands.get(words[0])
        if found is None:
            yield f"{path} has no command {words[0]}"
            return
        group, path, words = found, f"{path} {words[0]}", words[1:]
        if not isinstance(found, click.Group):
            break
        commands = dict(found.commands)
    if whole and not isinstance(group, click.Group):
        try:
            group.make_context(path, [PLACEHOLDER.sub(ANY_ID, word) for word in words])
        except click.UsageError as fault:
            yield f"{path}: {fault.format_message()}"
        except click.exceptions.Exit:
            pass  # --help
        return
    known = {option for parameter in group.params for option in (*parameter.opts, *parameter.secondary_opts)}
    for word in words:
        if word.startswith("-") and word.partition("=")[0] not in known | {"--help"}:
            yield f"{path} has no option {word}"


def faults_of_python(words: list[str]) -> Iterator[str]:
    if words[:1] == ["-c"]:
        compile(words[1], "-c", "exec")
    elif words[:1] == ["-m"]:
        module, rest = words[1], words[2:]
        if module == "pytest":
            yield from faults_of_options("pytest", rest, help_of("pytest"))
            return
        try:
            spec = importlib.util.find_spec(module)
        except ModuleNotFoundError:
            spec = None
        if spec is None or spec.origin is None:
            yield f"there is no module {module}"
            return
        yield from faults_of_options(module, rest, source_beside(Path(spec.origin)))
    elif words:
        if not (ROOT / words[0]).is_file():
            yield f"there is no file {words[0]}"
            return
        yield from faults_of_options(words[0], words[1:], source_beside(ROOT / words[0]))


def faults_of_docker(words: list[str], app: Flask) -> Iterator[str]:
    if words[:1] != ["compose"] or len(words) < 2:
        return
    verb, rest = words[1], words[2:]
    if verb not in COMPOSE:
        yield f"docker compose {verb}: not in the list in tests/docs/commands.py"
        return
    while rest and rest[0].startswith("-"):
        if rest[0] not in COMPOSE[verb]:
            yield f"docker compose {verb} {rest[0]}: not in the list in tests/docs/commands.py"
        rest = rest[1:]
    if rest and rest[0] not in services():
        yield f"docker-compose.yml has no service {rest[0]}"
    if verb in ("exec", "run") and rest[1:]:
        yield from faults_of_words(rest[1:], app, whole=True)


def faults_of_options(program: str, words: list[str], says: str) -> Iterator[str]:
    """Options that its text does not have, and files that are not there."""
    for word in words:
        option = word.partition("=")[0]
        unknown = says and not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", says)
        if unknown and re.fullmatch(r"-{1,2}[A-Za-z][\w-]*", option):
            yield f"{program} has no option {option}"
        elif OURS.fullmatch(word) and not list(ROOT.glob(word)):
            yield f"there is no {word}"


def subcommand(program: str, words: list[str]) -> list[str]:
    """The words before the first option that are commands of the program: "pip compile" of uv, "check" of ruff."""
    if program == "celery":
        return [word for word in words if word in {"worker", "beat"}]
    if program not in {"uv", "ruff"}:
        return []
    return [word for word in words[:2] if re.fullmatch(r"[a-z]+", word)]


@cache
def help_of(program: str, *words: str) -> str:
    """What the program says of itself; nothing where it is not installed."""
    here = ROOT / ".venv" / "bin" / program
    place = str(here) if here.exists() else shutil.which(program)
    if place is None:
        return ""
    # The options of pytest and its plugins need none of our own tests to be read.
    apart = ["--noconftest", "-c", os.devnull] if program == "pytest" else []
    asked = [place, *words, "--help", *apart]
    return subprocess.run(
        asked, capture_output=True, text=True, check=False, timeout=240, stdin=subprocess.DEVNULL
    ).stdout


@cache
def source_beside(file: Path) -> str:
    """A program's source with that of its folder, where its options are declared."""
    beside = {"__init__.py": file.parent, "run": file.parent, "setup.sh": ROOT / "scripts" / "setup"}
    files = [file, *(beside[file.name].glob("*.py") if file.name in beside else ())]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@cache
def services() -> set[str]:
    return set(yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"])


@cache
def names_in_the_sources() -> set[str]:
    """Every name in capitals that a Python file, a script or a configuration has, but for the tests of the docs."""
    found: set[str] = set()
    for pattern in (
        "enferno/**/*.py",
        "tests/**/*.py",
        "scripts/**/*.py",
        "bench/**/*",
        "deploy/**/*",
        "*.sh",
        "*.yml",
    ):
        for path in ROOT.glob(pattern):
            if path.is_file() and not {"__pycache__", "docs"} & set(path.relative_to(ROOT).parts):
                found |= set(re.findall(r"\b[A-Z][A-Z0-9_]{3,}\b", path.read_text(encoding="utf-8", errors="ignore")))
    return found
