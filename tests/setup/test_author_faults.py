"""What the product's author did wrong is a sentence with its file and line, whatever starts the application."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs.shell import Shell
from tests.setup.clone import clone

HEAD = """\
from flask import Blueprint
from enferno.access.guards import signed_in
from enferno.access.permissions import Permission
from enferno.extensions import db
from enferno.features import Feature, NavEntry
from enferno.tenancy import WorkspaceScoped
from sqlalchemy import Column, ForeignKey, Integer, Table
from sqlalchemy.orm import Mapped, mapped_column
from uuid import UUID
"""
FEATURE = 'feature = Feature(name="notes", blueprints=[notes] if "notes" in globals() else [])\n'


@dataclass(frozen=True)
class Slip:
    """What is written, and what is then said of it. `file` is the feature's own, or one that is there and changed."""

    said: str
    written: str
    file: str = "features/notes/__init__.py"
    instead_of: str = ""


SLIPS = {
    "plans that are no TOML": Slip(
        'plans.toml:9: invalid value: write key = "value", with text in quotes',
        "name = Free",
        "plans.toml",
        'name = "Free"',
    ),
    "plans with a misspelt key": Slip(
        "plans.toml:35: there is no key 'trail_days' of plan.3: did you mean trial_days?",
        "trail_days = 14",
        "plans.toml",
        "trial_days = 14",
    ),
    "a plan without a name": Slip(
        "plans.toml:14: the key 'name' of plan.2 is missing: write name = ...", "\n", "plans.toml", 'name = "Starter"\n'
    ),
    "a view without a guard": Slip(
        "features/notes/__init__.py:11: notes.index: declare who may call it, such as @signed_in, under its route",
        'notes = Blueprint("notes", __name__)\n@notes.get("/notes")\ndef index():\n    return ""\n',
    ),
    "a permission that nobody holds": Slip(
        "features/notes/__init__.py:13: notes.index: no role holds 'fly'",
        "from enum import StrEnum\nfrom enferno.access.guards import requires\n"
        'notes = Blueprint("notes", __name__)\n@notes.get("/notes")\n@requires(StrEnum("P", {"FLY": "fly"}).FLY)\n'
        'def index():\n    return ""\n',
    ),
    "a model that could cross": Slip(
        "features/notes/__init__.py:12: Note.project_id could name a projects of another workspace: "
        "project = belongs_to(Project) instead of the column",
        'class Note(WorkspaceScoped, db.Model):\n    __tablename__ = "notes"\n'
        '    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))\n',
    ),
    "a model that belongs to none and refers to rows that do": Slip(
        "features/notes/__init__.py:13: Note refers to projects, whose rows belong to workspaces",
        'class Note(db.Model):\n    __tablename__ = "notes"\n    id: Mapped[int] = mapped_column(primary_key=True)\n'
        '    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))\n',
    ),
    "a table without a class that could cross": Slip(
        "features/notes/__init__.py:11: notes refers to projects, whose rows belong to workspaces",
        'key = Column("p", ForeignKey("projects.id"))\n'
        'Table("notes", db.metadata, Column("id", Integer, primary_key=True), key)\n',
    ),
    "a model that cannot be mapped": Slip(
        "features/notes/__init__.py:13: When initializing mapper Mapper[Note(notes)], expression 'Nowhere' failed",
        "from sqlalchemy.orm import relationship\nclass Before:\n    pass\n"
        'class Note(WorkspaceScoped, db.Model):\n    __tablename__ = "notes"\n    other = relationship("Nowhere")\n',
    ),
    "a table without a migration": Slip(
        "features/notes/__init__.py:10: the table notes has no migration. Write one: mkdir -p features/notes/migrations"
        "; flask db migrate -m notes --head base --branch-label notes --version-path features/notes/migrations",
        'class Note(WorkspaceScoped, db.Model):\n    __tablename__ = "notes"\n',
    ),
    "a column without a migration": Slip(
        "features/projects/models.py:29: the column projects.budget has no migration. Write one: "
        "flask db migrate -m projects --head projects@head, then flask create-db",
        "    budget: Mapped[int]\n    owner = belongs_to(",
        "features/projects/models.py",
        "    owner = belongs_to(",
    ),
    "a line that Python cannot read": Slip(
        "features/notes/__init__.py:10: '(' was never closed: mend this line", "x = max(1, 2\n"
    ),
    "an import of nothing": Slip(
        "features/notes/__init__.py:10: No module named 'stripey': mend the name, or add the package",
        "import stripey\n",
    ),
    "an import of no such name": Slip(
        "features/notes/__init__.py:10: cannot import name 'Nothing' from 'enferno.features': mend the name",
        "from enferno.features import Nothing\n",
    ),
    "a line that raises": Slip("features/notes/__init__.py:10: ZeroDivisionError: division by zero", "1 / 0\n"),
    "navigation to nowhere": Slip(
        "features/notes/__init__.py:10: the navigation leads to 'projects_page.index', which is no endpoint: "
        "did you mean 'projects_pages.index'?",
        'nav = [NavEntry("Notes", "projects_page.index", "projects", Permission.WORKSPACE_VIEW)]\n'
        'feature = Feature(name="notes", nav=nav)\n',
    ),
    "a feature by another name": Slip(
        'features/notes/__init__.py:10: must define feature = Feature(name="notes", …)', 'feature = Feature(name="x")\n'
    ),
    "a blueprint by a name that is taken": Slip(
        "features/notes/__init__.py:11: ValueError: The name 'account' is already registered",
        'notes = Blueprint("account", __name__)\n',
    ),
}
slips = pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)


@pytest.fixture(scope="module")
def shell() -> Iterator[Shell]:
    with tempfile.TemporaryDirectory(prefix="readykit-author-") as folder:
        shell = Shell(clone(Path(folder)))
        done = shell.sh("python -m scripts.setup --no-demo")
        assert done.code == 0, done.output
        yield shell
        shell.close()


@pytest.fixture
def clone_with(slip: Slip, shell: Shell) -> Iterator[Path]:
    """The clone with this slip in it."""
    file = shell.folder / slip.file
    before = file.read_text() if file.exists() else None
    if before is None:
        file.parent.mkdir(exist_ok=True)
        file.write_text(HEAD + slip.written + ("" if "feature = " in slip.written else FEATURE))
    else:
        assert slip.instead_of in before
        file.write_text(before.replace(slip.instead_of, slip.written, 1))
    yield shell.folder
    if before is None:
        shell.sh("rm -r features/notes")
    else:
        file.write_text(before)


def is_one_sentence(output: str, said: str) -> bool:
    return output.startswith(f"Error: {said}") and output.count("\n") == 1


@slips
def test_a_command_says_it_in_a_sentence(slip: Slip, shell: Shell, clone_with: Path) -> None:
    done = shell.flask(["doctor"])
    assert is_one_sentence(done.output, slip.said), done.output
    assert done.code == 1


# One of each kind; the others are told by the same lines of code.
EVERYWHERE = (
    "plans with a misspelt key",
    "a view without a guard",
    "a model that could cross",
    "a table without a migration",
    "a line that Python cannot read",
)
some = pytest.mark.parametrize("slip", [SLIPS[name] for name in EVERYWHERE], ids=EVERYWHERE)


@some
def test_so_does_every_other_command(slip: Slip, shell: Shell, clone_with: Path) -> None:
    for words in (["routes"], ["run", "--port", "5999"], ["--help"]):
        done = shell.flask(words)
        assert is_one_sentence(done.output, slip.said), f"flask {words}\n{done.output}"
        assert done.code == 1


@some
def test_so_does_setup_run(slip: Slip, shell: Shell, clone_with: Path) -> None:
    done = shell.sh("./setup.sh run")
    assert is_one_sentence(done.output, slip.said), done.output
    assert done.code == 1


@some
def test_with_debug_the_traceback_is_there_as_well(slip: Slip, shell: Shell, clone_with: Path) -> None:
    done = shell.flask(["--debug", "doctor"])
    assert done.output.startswith("Traceback ")
    assert done.output.splitlines()[-1].startswith(f"Error: {slip.said}")


@pytest.mark.parametrize("slip", [SLIPS["a view without a guard"]], ids=["view"])
@pytest.mark.parametrize(
    "command",
    [
        "CELERY_BROKER_URL=redis://localhost:1/0 celery -A enferno.tasks worker",
        "CELERY_BROKER_URL=redis://localhost:1/0 celery -A enferno.tasks beat",
        "./setup.sh",
    ],
)
def test_so_does_whatever_else_starts_the_application(command: str, slip: Slip, shell: Shell, clone_with: Path) -> None:
    done = shell.sh(command)
    assert is_one_sentence(done.output, slip.said), done.output
    assert done.code == 1


@pytest.mark.parametrize("slip", [SLIPS["a view without a guard"]], ids=["view"])
def test_the_reloader_waits_and_serves_the_sentence_meanwhile(slip: Slip, shell: Shell, clone_with: Path) -> None:
    ask = "import run; answer = run.app.test_client().get('/x'); print(answer.status_code, answer.text)"
    done = shell.sh(f'WERKZEUG_RUN_MAIN=true python -c "{ask}"')
    told, served = done.output.splitlines()
    assert told.startswith(f"Error: {slip.said}")
    assert served.startswith(f"500 {slip.said}")


@pytest.mark.parametrize("slip", [SLIPS["a view without a guard"]], ids=["view"])
def test_a_server_is_given_the_exception_and_ends(slip: Slip, shell: Shell, clone_with: Path) -> None:
    """uWSGI starts a process again that has left by itself, and stops for one without an application."""
    done = shell.sh("UWSGI_SOCKET=127.0.0.1:0 UWSGI_PROCESSES=1 uwsgi --ini deploy/uwsgi.ini")
    assert f"AuthorFault: {slip.said}" in done.output
    assert done.code == 22


@pytest.mark.parametrize("slip", [SLIPS["a view without a guard"]], ids=["view"])
def test_setup_run_shows_the_traceback_with_debug(slip: Slip, shell: Shell, clone_with: Path) -> None:
    done = shell.sh("./setup.sh run --debug")
    assert "Traceback " in done.output
    assert done.output.splitlines()[-1].startswith(f"Error: {slip.said}")


@pytest.mark.parametrize("slip", [SLIPS["a table without a migration"]], ids=["table"])
def test_what_makes_a_migration_and_applies_it_runs_where_one_is_missing(
    slip: Slip, shell: Shell, clone_with: Path
) -> None:
    told = shell.flask(["create-db"])
    assert is_one_sentence(told.output, slip.said), told.output
    mkdir, _, migrate = told.output.partition("Write one: ")[2].partition(", then ")[0].partition("; ")
    assert shell.sh(mkdir).code == 0
    assert shell.run(migrate).code == 0
    assert shell.flask(["create-db"]).code == 0
    assert shell.flask(["doctor"]).code == 0
    assert shell.flask(["db", "downgrade", "notes@base"]).code == 0
