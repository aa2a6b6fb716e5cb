"""A newcomer's ten commands, each typed after a plain `./setup.sh` and each doing what docs/commands.md says."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.shell import Shell
from tests.setup.clone import clone, free_port
from tests.support.servers import running

NEITHER = "CELERY_BROKER_URL is empty: tasks are done by the process that queues them, and "
# What is typed, the exit code, and what is read.
TYPED = {
    "flask doctor": (0, "ok    migrations  at the newest, "),
    "flask install": (0, "superadmin@example.com is the superadmin already: nothing was changed."),
    'flask install -e you@example.com -p "seven quiet herons"': (0, "flask create -e you@example.com --super-admin"),
    "flask worker": (1, f"Error: {NEITHER}a worker has nothing to do."),
    "flask beat": (1, f"Error: {NEITHER}beat has nothing to do."),
    "flask routes --sort rule": (0, "public.landing"),
    "flask db check": (0, "No new upgrade operations detected"),
    "flask i18n extract": (0, "Wrote enferno/translations/messages.pot."),
    "flask i18n init de": (0, "Wrote enferno/translations/de/LC_MESSAGES/messages.po: translate it"),
    "flask i18n update": (0, "Updated de."),
    "flask i18n compile": (0, "Compiled de."),
    "ruff check .": (0, "All checks passed!"),
    "ruff format --check .": (0, "already formatted"),
    "mypy --version": (0, "mypy "),
    "python run.py": (1, "Type: ./setup.sh run"),
    "flask shell < instance/typed.txt": (0, "Fernhill Studio has 12 projects"),
}
# Read by the shell as it would be typed.
SHELL = """\
from enferno.tenancy import in_workspace
from enferno.workspace.models import Workspace
from features.projects.models import Project
from enferno.extensions import db
mine = db.session.query(Workspace).filter_by(slug="fernhill-studio").one()
with in_workspace(mine): print("Fernhill Studio has", db.session.query(Project).count(), "projects")

"""


@pytest.fixture(scope="module")
def shell() -> Iterator[Shell]:
    with tempfile.TemporaryDirectory(prefix="readykit-ten-") as folder:
        shell = Shell(clone(Path(folder)))
        done = shell.sh("./setup.sh")
        assert done.code == 0, done.output
        (shell.folder / "instance" / "typed.txt").write_text(SHELL)
        yield shell
        shell.close()


@pytest.mark.parametrize("typed", TYPED)
def test_it_does_what_the_page_says(typed: str, shell: Shell) -> None:
    code, said = TYPED[typed]
    done = shell.run(typed)
    assert said in done.output, done.output
    assert done.code == code
    assert "Traceback" not in done.output


def test_flask_run_says_where_it_is_and_answers_there(shell: Shell) -> None:
    port = free_port()
    command = [str(shell.folder / ".venv" / "bin" / "flask"), "run", "--port", str(port)]
    with running(command, shell.environ, shell.folder / "instance", cwd=shell.folder) as server:
        server.serves(port)
        assert f" * Running on http://localhost:{port}" in server.log


def test_what_is_typed_here_stands_on_the_page(shell: Shell) -> None:
    page = (shell.folder / "docs" / "commands.md").read_text()
    for name in ("run", "doctor", "install", "worker", "beat", "routes", "shell", "db check", "i18n"):
        assert f"flask {name}" in page
    assert "ruff check ." in page
