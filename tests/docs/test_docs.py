"""The documentation cannot lie: its commands are run, its Python is executed, its links and names are looked up."""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from click import Group
from flask import Flask

from enferno.commands.checks import OTHERS
from enferno.settings import ROOT, Settings
from enferno.tenancy import in_workspace
from tests.docs.reading import PAGES, Block, anchors, blocks, code_words, kinds, links, name, prose
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
# What a command makes, and git does not keep.
MADE = ("enferno/translations/messages.pot", "enferno/translations/de/")
NOT_RUN = {"", "py", "text", "ini", "toml", "html", "js", "jinja", "sql", "yaml", "json", "css", "nginx", "gettext"}

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


def to_run(page: Path) -> list[tuple[Block, str]]:
    found = [(block, command) for block in blocks(page, "sh") for command in block.commands]
    return [(block, command) for block, command in found if command not in ELSEWHERE]


@pytest.mark.parametrize("page", [page for page in PAGES if to_run(page)], ids=name)
def test_every_command_runs(page: Path, shell: Shell) -> None:
    shell.sh("rm -f instance/readykit.sqlite*")
    shell.run("flask create-db")
    for block, command in to_run(page):
        done = shell.run(command)
        where = f"{name(page)}, line {block.line}: {command}"
        assert done.code == 0, f"{where}\n{done.output}\nFence what cannot be run as text."


@pytest.mark.parametrize("command", ELSEWHERE)
def test_a_command_that_is_run_elsewhere_has_its_test(command: str) -> None:
    assert (ROOT / ELSEWHERE[command]).exists()
    assert any(command in block.commands for page in PAGES for block in blocks(page, "sh")), "take it out of the list"


@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page, "python") and name(page) not in PYTHON_ELSEWHERE], ids=name
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_piece_of_python_runs(page: Path, app: Flask, world: World) -> None:
    namespace: dict[str, object] = {"app": app}
    with app.app_context(), in_workspace(world.acme.id):
        for block in blocks(page, "python"):
            exec(compiled(block), namespace)


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


@pages
def test_files_that_are_named_exist(page: Path) -> None:
    for word in code_words(page):
        if word.startswith(MADE):
            continue
        if re.fullmatch(r"(enferno|features|tests|scripts|docs|migrations|nginx|bench)/[\w./-]*\w", word):
            assert (ROOT / word).exists() or (ROOT / "enferno" / word).exists(), (
                f"{name(page)} names {word}: no such file"
            )


@pages
def test_commands_that_are_named_exist(page: Path, names_of_commands: set[str]) -> None:
    text = "\n".join(code_words(page))
    for words in re.findall(r"\bflask ([a-z][a-z0-9-]+(?: [a-z][a-z-]+)?)", text):
        first = words.split()[0]
        known = words in names_of_commands or (first in names_of_commands and first not in {"i18n", "db"})
        assert known, f"{name(page)} names `flask {words}`: there is no such command"


@pytest.fixture(scope="module")
def names_of_commands(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    from enferno.app import create_app
    from tests.support.databases import KEY, SALT

    folder = tmp_path_factory.mktemp("commands")
    app = create_app(Settings(env="testing", secret_key=KEY, security_password_salt=SALT, instance_path=folder))
    found = {"run", "shell"}
    for name_, command in app.cli.commands.items():
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
    others = (*OTHERS, "TEST_DATABASES", "CHROMIUM", "BYPASSRLS", "SECURITY_", "UWSGI_")
    for word in code_words(page):
        for capitals in re.findall(r"^([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)(?:=.*)?$", word):
            assert capitals in known or capitals.startswith(others), f"{name(page)} names {capitals}: no such setting"


@pages
def test_blocks_say_what_they_are(page: Path) -> None:
    """`sh` and `python` are run; anything else is one of a few kinds that are not."""
    assert kinds(page) <= {"sh", "python"} | NOT_RUN, f"{name(page)}: fence what cannot be run as text"


def test_every_page_is_in_the_index() -> None:
    listed = set(links(ROOT / "docs" / "index.md"))
    missing = [page.name for page in PAGES if page.parent.name == "docs" and page.name not in listed | {"index.md"}]
    assert not missing, f"name them in docs/index.md: {missing}"


def test_a_page_needs_no_other_page_to_be_found() -> None:
    """The readme is short: what it does not say, it links to."""
    assert len(prose(ROOT / "README.md").splitlines()) < 50
    assert "docs/index.md" in set(links(ROOT / "README.md"))
