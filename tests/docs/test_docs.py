"""The documentation cannot lie: its commands are run, its Python is executed, its links and names are looked up."""

import builtins
import dis
import inspect
import re
import tempfile
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import psycopg
import pytest
from click import Group
from flask import Flask

from enferno.commands.checks import OTHERS
from enferno.extensions import db
from enferno.settings import ROOT, Settings
from enferno.tasks.task import MaintenanceTask, WorkspaceTask
from enferno.tenancy import in_workspace
from tests.docs.commands import PROGRAMS, faults_of
from tests.docs.names import calls_that_lead_nowhere, files_that_are_missing, routes_that_are_missing
from tests.docs.proofs import PROVED_BY, faults_in, permissions
from tests.docs.reading import PAGES, Block, all_blocks, anchors, blocks, code_words, links, name, placed_words, prose
from tests.docs.shell import Shell
from tests.setup.clone import clone
from tests.support.world import World

# Commands that serve until they are stopped, or run what would run this test: the test that runs each of them.
ELSEWHERE = {
    "./setup.sh run": "tests/setup/test_newcomer.py",
    "./setup.sh test": ".ci/run",
}
# Pages whose Python is executed by the tests of what they describe.
PYTHON_ELSEWHERE = {"docs/tenancy.md"}
# "py" is an excerpt of a file of this repository, and compared with it.
pages = pytest.mark.parametrize("page", PAGES, ids=name)


@pytest.fixture(scope="module")
def shell() -> Iterator[Shell]:
    """A shell in a clone that was prepared."""
    with tempfile.TemporaryDirectory(prefix="readykit-docs-") as folder:
        shell = Shell(clone(Path(folder)))
        done = shell.sh("python -m scripts.setup --no-demo")
        assert done.code == 0, done.output
        yield shell
        shell.close()


def none_of(faults: list[str]) -> None:
    """All of them at once, so that a change of many pages is mended in one go."""
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


def to_run(page: Path) -> list[tuple[str, str]]:
    found = [each for block in blocks(page, "sh") if not block.note for each in block.placed_commands]
    return [(place, command) for place, command in found if command not in ELSEWHERE]


@pytest.mark.parametrize("page", [page for page in PAGES if to_run(page)], ids=name)
def test_every_command_runs(page: Path, shell: Shell) -> None:
    shell.sh("rm -f instance/readykit.sqlite*")
    shell.run("flask create-db")
    ran = [(place, command, shell.run(command)) for place, command in to_run(page)]
    faults = [f"{place}: {command}\n{done.output}" for place, command, done in ran if done.code != 0]
    none_of([*faults, "What cannot be run is fenced as `sh named`."] if faults else [])


@pytest.mark.parametrize("command", ELSEWHERE)
def test_a_command_that_is_run_elsewhere_has_its_test(command: str) -> None:
    assert (ROOT / ELSEWHERE[command]).exists()
    assert any(command in block.commands for page in PAGES for block in blocks(page, "sh")), "take it out of the list"


@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page, "python") and name(page) not in PYTHON_ELSEWHERE], ids=name
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_piece_of_python_runs(page: Path, app: Flask, world: World) -> None:
    namespace: dict[str, Any] = {"app": app}
    faults = []
    with app.app_context(), in_workspace(world.acme.id):
        for block in blocks(page, "python"):
            try:
                exec(compiled(block), namespace)
            except Exception as fault:
                faults.append(f"{block.where}: {type(fault).__name__}: {fault}")
    faults += [f"{name(page)}: {one}" for one in unknown_names(namespace, str(page))]
    none_of(faults)


def unknown_names(namespace: dict[str, Any], file: str) -> Iterator[str]:
    """Names that a function of the page would look for in vain: defining it does not call it."""
    # By its type: a stand-in for the current workspace answers every other question as the workspace does.
    made = [value for value in namespace.values() if type(value) in (FunctionType, WorkspaceTask, MaintenanceTask)]
    plain = [inspect.unwrap(getattr(one, "function", one)) for one in made]
    codes = [one.__code__ for one in plain if one.__code__.co_filename == file]
    while codes:
        code = codes.pop()
        codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        for instruction in dis.get_instructions(code):
            if instruction.opname == "LOAD_GLOBAL" and not {instruction.argval} & {*namespace, *vars(builtins)}:
                yield f"{code.co_name} knows no {instruction.argval}"


def compiled(block: Block) -> object:
    """The block as code whose traceback names the page and its line."""
    return compile("\n" * (block.line - 1) + block.text, str(block.page), "exec")


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "py")], ids=name)
def test_an_excerpt_stands_in_the_code_as_it_is_shown(page: Path) -> None:
    folders = (ROOT / folder for folder in ("features", "enferno", "tests", "migrations"))
    sources = [file.read_text(encoding="utf-8") for folder in folders for file in folder.rglob("*.py")]
    for block in blocks(page, "py"):
        assert any(block.text in source for source in sources), f"{name(page)}, line {block.line}: copy the code again"


@pages
def test_links_lead_somewhere(page: Path) -> None:
    for target in links(page):
        if re.match(r"https?://|mailto:", target):
            continue
        file, _, fragment = target.partition("#")
        found = (page.parent / file).resolve() if file else page
        assert found.exists(), f"{name(page)} links to {target}, which is not there"
        if fragment:
            assert fragment in anchors(found), f"{name(page)} links to {target}; it has {sorted(anchors(found))}"


def test_every_block_is_proved(clone_app: Flask) -> None:
    faults = [fault for block in all_blocks() for fault in faults_in(block, clone_app)]
    none_of(faults)


def test_every_kind_that_is_run_has_its_test() -> None:
    for test in PROVED_BY.values():
        file, _, function = test.partition("::")
        assert f"def {function}(" in (ROOT / file).read_text(encoding="utf-8"), test


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_every_piece_of_sql_runs(app: Flask, world: World) -> None:
    """As the application's role. What makes the roles themselves is run by test_postgres_page.py."""
    faults = []
    for block in (block for page in PAGES for block in blocks(page, "sql") if "CREATE ROLE" not in block.text):
        wanted = re.sub(r"<[^>]*>", str(world.acme.id), block.text)
        with app.app_context(), db.engine.raw_connection() as connection:
            try:
                for statement in filter(str.strip, wanted.split(";\n")):
                    connection.cursor().execute(statement)
            except psycopg.Error as fault:
                faults.append(f"{block.where}: {fault}")
    none_of(faults)


def test_what_is_named_in_the_text_exists(clone_app: Flask) -> None:
    """Files, commands with their options, routes, permissions and functions: whatever is written as code."""
    faults = []
    for page in PAGES:
        for place, word in placed_words(page):
            program = word.removeprefix(".venv/bin/").partition(" ")[0]
            found = [*faults_of(word, clone_app, whole=False)] if program in PROGRAMS and " " in word else []
            found += [*files_that_are_missing(word), *routes_that_are_missing(word, clone_app)]
            found += [*permissions(word, clone_app), *calls_that_lead_nowhere(word)]
            faults += [f"{place}: {fault}" for fault in found]
    none_of(faults)


@pytest.fixture(scope="module")
def names_of_commands(clone_app: Flask) -> set[str]:
    found = {"run", "shell"}
    for name_, command in clone_app.cli.commands.items():
        found.add(name_)
        if isinstance(command, Group):
            found |= {f"{name_} {child}" for child in command.commands}
    return found


def test_every_command_has_its_place_on_the_page_of_commands(names_of_commands: set[str]) -> None:
    of_others = {"run", "shell", "limiter"}
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    ours = {name_ for name_ in names_of_commands if " " not in name_} - of_others
    missing = {name_ for name_ in ours if f"flask {name_}" not in text}
    assert not missing, f"describe them in docs/commands.md: {sorted(missing)}"


@pages
def test_settings_that_are_named_exist(page: Path) -> None:
    """Every word in capitals with an underscore that is written as code is a setting, or belongs to somebody named."""
    known = {setting.name.upper() for setting in fields(Settings)}
    slip = "SECRET_KYE"  # shown as a name that the doctor does not know
    others = (*OTHERS, slip, "TEST_DATABASES", "CHROMIUM", "BYPASSRLS", "SECURITY_", "UWSGI_")
    for word in code_words(page):
        for capitals in re.findall(r"^([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)(?:=.*)?$", word):
            assert capitals in known or capitals.startswith(others), f"{name(page)} names {capitals}: no such setting"


def test_every_page_is_in_the_index() -> None:
    listed = set(links(ROOT / "docs" / "index.md"))
    missing = [page.name for page in PAGES if page.parent.name == "docs" and page.name not in listed | {"index.md"}]
    assert not missing, f"name them in docs/index.md: {missing}"


def test_a_page_needs_no_other_page_to_be_found() -> None:
    """The readme is short: what it does not say, it links to."""
    assert len(prose(ROOT / "README.md").splitlines()) < 50
    assert "docs/index.md" in set(links(ROOT / "README.md"))
