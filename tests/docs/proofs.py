"""How each kind of block is proved; a proof gives what is wrong, a sentence each."""

import ast
import builtins
import configparser
import importlib
import io
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import yaml
from dotenv import dotenv_values
from flask import Flask

from enferno.access.permissions import permission_map
from enferno.billing.account import billing
from enferno.billing.plans import Catalogue, PlansError
from enferno.billing.sold import gates_of
from enferno.commands.checks import CHECKS
from enferno.pages.compiler import TemplateError, compile_source
from enferno.pages.sources import BUILT_IN, COMMON, REST, STATIC
from enferno.settings import ROOT, Settings
from tests.docs.commands import faults_of, services
from tests.docs.reading import PAGES, Block, blocks

__all__ = ["PROOFS", "PROVED_BY", "faults_in"]

Faults = Iterator[str]
# Kinds that are run as a whole by a test of their own: where it is.
PROVED_BY = {
    "sh": "tests/docs/test_docs.py::test_every_command_runs",
    "python": "tests/docs/test_docs.py::test_every_piece_of_python_runs",
    "py": "tests/docs/test_docs.py::test_an_excerpt_stands_in_the_code_as_it_is_shown",
    "js": "tests/browser/test_pages_of_the_docs.py::test_every_script_is_one_that_a_browser_reads",
    "sql": "tests/docs/test_docs.py::test_every_piece_of_sql_runs",
}
# What PgBouncer's configuration is asked for here; it is not one of our parts.
PGBOUNCER = {"pool_mode": {"transaction"}, "max_prepared_statements": None, "ignore_startup_parameters": None}


def faults_in(block: Block, app: Flask) -> Faults:
    """What is wrong with a block, each with its place."""
    if block.note == "named":
        if block.kind != "sh":
            yield f"{block.where}: only commands are `named` without being run"
        for place, command in block.placed_commands:
            yield from (f"{place}: {fault}" for fault in faults_of(command, app))
    elif block.kind in PROOFS:
        yield from (f"{block.where}: {fault}" for fault in PROOFS[block.kind](block.text, app))
    elif block.kind not in PROVED_BY:
        kinds = ", ".join(sorted(PROOFS | PROVED_BY))
        yield (
            f"{block.where}: a block of {block.kind or 'no kind'}, which nothing proves. Say what it is ({kinds}; "
            "`sh named` for commands that cannot be run), or write a proof in tests/docs/proofs.py"
        )


def html(text: str, app: Flask) -> Faults:
    try:
        compiled = compile_source(text, "the block")
    except TemplateError as fault:
        yield str(fault)
        return
    known = COMMON | REST | BUILT_IN | {file.stem for file in (STATIC / "js" / "components").glob("*.js")}
    yield from (f"there is no component <{name}>" for name in compiled.components if name not in known)
    yield from permissions(text, app)
    yield from props(text)
    icons = (ROOT / "scripts" / "icons.txt").read_text(encoding="utf-8").split()
    yield from (f"there is no icon mdi-{name}" for name in re.findall(r"\bmdi-([a-z-]+)", text) if name not in icons)


def props(text: str) -> Faults:
    """What a tag of the kit's is given, its component takes."""
    for name, given in re.findall(r"<(kit-[a-z-]+)((?:[^>\"]|\"[^\"]*\")*)>", text):
        script = STATIC / "js" / "components" / f"{name}.js"
        known = script.read_text(encoding="utf-8") if script.exists() else ""
        for attribute in re.findall(r"(?<![\w@#:-]):?([a-z][a-z-]*)(?=[=\s/]|$)", re.sub(r"\"[^\"]*\"", "", given)):
            prop = re.sub(r"-(\w)", lambda found: found[1].upper(), attribute.replace("v-model", "model-value"))
            ours = attribute != "ref" and (attribute == "v-model" or not attribute.startswith("v-"))
            if ours and not re.search(rf"\b{prop}\b", known):
                yield f"<{name}> takes no {attribute}"


def permissions(text: str, app: Flask) -> Faults:
    for name in re.findall(r"""\b(?:can|allowed)\(["']([^"']+)["']\)""", text):
        if name not in permission_map(app).holders:
            yield f"can('{name}'): there is no such permission"


def toml(text: str, app: Flask) -> Faults:
    if "plan" not in tomllib.loads(text):
        yield "TOML that is not plans: write a proof of what reads it in tests/docs/proofs.py"
        return
    file = Path(app.instance_path) / "plans.toml"
    file.write_text(text, encoding="utf-8")
    try:
        plans = Catalogue.load(file)
    except PlansError as fault:
        yield str(fault)
        return
    gated = {name for kind, name in gates_of(app) if kind == "feature"} | gated_by_the_docs()
    for plan in plans:
        yield from (
            f"{plan.key} limits {name}, which nothing counts" for name in plan.limits if name not in counts(app)
        )
        yield from (f"{plan.key} has {name}, which no page gates" for name in plan.features if name not in gated)


def counts(app: Flask) -> set[str]:
    return set(billing(app).counts)


def gated_by_the_docs() -> set[str]:
    python = "".join(block.text for page in PAGES for block in blocks(page, "python"))
    return set(re.findall(r'@requires_feature\("(\w+)"\)', python))


def dotenv(text: str, app: Flask) -> Faults:
    """Each name is a setting that takes the value, or stands in docker-compose.yml."""
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    parsers = {setting.name.upper(): setting.metadata["parse"] for setting in fields(Settings)}
    for name, value in dotenv_values(stream=io.StringIO(text)).items():
        if name in parsers:
            try:
                parsers[name](value or "")
            except ValueError as fault:
                if value:
                    yield f"{name}: {fault}"
        elif f"${{{name}" not in compose and name not in of_a_product():
            yield f"{name} is no setting, and docker-compose.yml does not read it"


def of_a_product() -> set[str]:
    """Settings that a feature in the pages declares as its own."""
    python = "".join(block.text for page in PAGES for block in blocks(page, "python"))
    declared = re.findall(r"settings=\[([^\]]*)\]", python)
    return {name for names in declared for name in re.findall(r'"(\w+)"', names)}


def ini(text: str, app: Flask) -> Faults:
    """Units of systemd, and PgBouncer's settings."""
    parsed = configparser.ConfigParser(strict=False, interpolation=None, inline_comment_prefixes=(";",))
    parsed.optionxform = str  # type: ignore[assignment, method-assign]
    parsed.read_string(text if text.lstrip().startswith("[") else f"[pgbouncer]\n{text}")
    if parsed.has_section("pgbouncer"):
        for name, value in parsed["pgbouncer"].items():
            if name not in PGBOUNCER or (PGBOUNCER[name] and value not in (PGBOUNCER[name] or ())):
                yield f"{name} = {value}: not one of PgBouncer's settings that are known here"
        return
    for section in parsed.sections():
        for name, value in parsed[section].items():
            if name.startswith("Exec"):
                yield from unit_command(value.lstrip("+-!@:"), app)


def unit_command(value: str, app: Flask) -> Faults:
    """A command of a unit, which names the clone in /srv/readykit."""
    if not value.startswith("/bin/") and not value.startswith("/usr/"):
        yield from faults_of(value.replace("/srv/readykit/", ""), app)
        for word in re.findall(r"(?<= )(?:/srv/readykit/)?((?:deploy|nginx)/[\w./-]+)", value):
            if not (ROOT / word).exists():
                yield f"there is no {word}"


def cron(text: str, app: Flask) -> Faults:
    for line in filter(None, text.splitlines()):
        times, command = line.split(maxsplit=5)[:5], line.split(maxsplit=5)[5]
        if not all(re.fullmatch(r"[\d*/,-]+", part) for part in times):
            yield f"{line}: five fields of time come first"
        yield from faults_of(command, app)


def pycon(text: str, app: Flask) -> Faults:
    """What is typed into the shell: its imports are made, and everything else uses what they bring."""
    known = {*vars(builtins), "app", "db"}
    for line in filter(None, text.splitlines()):
        if not line.startswith((">>> ", "... ")):
            continue  # what the shell answers
        typed = ast.parse(line[4:].rstrip())
        names = [node for node in ast.walk(typed) if isinstance(node, ast.Name)]
        for node in (node for node in ast.walk(typed) if isinstance(node, ast.ImportFrom)):
            module = importlib.import_module(node.module or "")
            yield from (f"{node.module} has no {one.name}" for one in node.names if not hasattr(module, one.name))
            known |= {one.asname or one.name for one in node.names}
        known |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
        yield from (f"{line}: {node.id} is not there" for node in names if node.id not in known)


def text_(text: str, app: Flask) -> Faults:
    """A drawing of the parts, a refusal as a program says it, a line of the doctor's, or a list of files."""
    doctor = re.match(r"(?:ok|warn|fail|skip)  +(\w+) +", text)
    if doctor and doctor[1] not in dict(CHECKS):
        yield f"the doctor does not look at {doctor[1]!r}"
    if doctor or text.startswith("Error: "):
        said = text.strip().partition(". ")[2] if doctor else text.strip().rpartition(": ")[2]
        if not any(said in path.read_text(encoding="utf-8") for path in (ROOT / "enferno").rglob("*.py")):
            yield f"nothing says {said!r}"
        return
    if "──" in text:
        shown = set(re.findall(r"[a-z]+", text))
        yield from (f"the service {name} is not drawn" for name in services() - shown - {"migrate"})
        return
    folder = ""
    for line in filter(str.strip, text.splitlines()):
        name = line.split()[0]
        path = name if not line.startswith(" ") else folder + name
        folder = name if not line.startswith(" ") and name.endswith("/") else folder
        if "/" not in path or not (ROOT / path).exists():
            yield f"{path}: no such file. Text is a list of files, a drawing or a refusal; say what else it is"


def as_json(text: str, app: Flask) -> Faults:
    json.loads(text)
    yield from ()


def as_yaml(text: str, app: Flask) -> Faults:
    """A piece of docker-compose.yml: its services are those that are there."""
    parsed = yaml.safe_load(text)
    yield from (f"there is no service {name}" for name in parsed.get("services", {}) if name not in services())


PROOFS: dict[str, Callable[[str, Flask], Faults]] = {
    "html": html,
    "toml": toml,
    "dotenv": dotenv,
    "ini": ini,
    "cron": cron,
    "pycon": pycon,
    "text": text_,
    "json": as_json,
    "yaml": as_yaml,
}
