"""Every process of an installation agrees where it lives and on every setting, the product's own included."""

import json
import os
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from redis import Redis

from tests.docs.shell import Shell
from tests.setup import clone as clones
from tests.setup.clone import clone, environment, free_port
from tests.support.servers import Program, Valkey, running, until, valkey

# A feature that writes down what each process knows when it starts, and what a task knows when it is done.
FEATURE = """\
import json, os, sys
from pathlib import Path
from flask import Blueprint, url_for
from enferno.access.guards import open_to_all
from enferno.features import Feature
from enferno.settings import current_settings
from enferno.tasks import maintenance

probe = Blueprint("probe", __name__)
AT_IMPORT = os.environ.get("WEATHER_KEY")

def note(who, app=None):
    settings = current_settings(app)
    line = [who, settings.base_url, settings.database, AT_IMPORT, os.environ.get("WEATHER_KEY")]
    with (settings.instance_path / "noted").open("a") as file:
        file.write(json.dumps(line) + "\\n")

@probe.record
def start(state):
    note(" ".join(Path(word).name for word in sys.argv), state.app)

@maintenance
def from_a_task():
    note("task")

@probe.get("/probe")
@open_to_all
def index():
    from_a_task.queue()
    return url_for("public.landing", _external=True)

feature = Feature(name="probe", blueprints=[probe], settings=["WEATHER_KEY"])
"""


class Installation:
    def __init__(self, shell: Shell, broker: Valkey) -> None:
        self.shell, self.folder, self.broker = shell, shell.folder, broker
        self.environ = shell.environ

    def noted(self) -> list[tuple[str, tuple[str, ...]]]:
        """Who has written something down since the last time it was forgotten, and what."""
        file = self.folder / "instance" / "noted"
        lines = file.read_text().splitlines() if file.exists() else []
        return [(line[0], tuple(line[1:])) for line in map(json.loads, lines)]

    def forget(self) -> None:
        (self.folder / "instance" / "noted").unlink(missing_ok=True)

    def start(self, *words: str) -> AbstractContextManager[Program]:
        command = [str(self.folder / ".venv" / "bin" / words[0]), *words[1:]]
        return running(command, self.environ, self.folder / "instance", cwd=self.folder)

    def flask_run(self, port: int, *words: str) -> AbstractContextManager[Program]:
        return self.start("flask", "run", "--port", str(port), *words)


@pytest.fixture(scope="module")
def broker() -> Iterator[Valkey]:
    with valkey() as server:
        yield server


@pytest.fixture(scope="module")
def place(broker: Valkey) -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="readykit-agreement-") as folder:
        shell = Shell(clone(Path(folder)))
        assert shell.sh("python -m scripts.setup").code == 0
        (shell.folder / "features" / "probe").mkdir()
        (shell.folder / "features" / "probe" / "__init__.py").write_text(FEATURE)
        with (shell.folder / ".env").open("a") as file:
            file.write(f'\nWEATHER_KEY="two words"\nCELERY_BROKER_URL={broker.url}/1\n')
        yield Installation(shell, broker)
        shell.close()


@pytest.fixture
def installation(place: Installation) -> Installation:
    place.forget()
    Redis.from_url(place.broker.url).flushall()
    return place


def ask(port: int, path: str = "/probe") -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return str(answer.read().decode())


def test_every_process_beside_setup_run_knows_its_port_its_database_and_the_products_settings(
    installation: Installation,
) -> None:
    """The worker and beat as they are named in the documentation, and every command, on the flag's own PostgreSQL."""
    with clones.running(installation.folder, "--postgres", "--no-reload") as server:
        with installation.start("flask", "worker", "--concurrency", "1") as worker, installation.start("flask", "beat"):
            address = server.address
            assert server.get("/probe").html == f"{address}/"
            assert installation.shell.flask(["doctor"]).code == 0
            worker.wait_for(lambda: [who for who, _ in installation.noted() if who == "task"], "a task to be done")
            until(lambda: [who for who, _ in installation.noted() if " beat" in who], "beat to start", 60)
        noted = installation.noted()
        assert server.stop() == 0
    told = {what for _who, what in noted}
    assert len(told) == 1, noted
    base_url, database, at_import, key = told.pop()
    assert base_url == address
    assert database.startswith("postgresql+psycopg://readykit_app@/")
    assert (at_import, key) == ("two words", "two words")
    started = {who for who, _ in noted}
    for process in ("serve.py", " worker", " beat", "flask doctor", "task"):
        assert any(process in who for who in started), f"{process} was not among {started}"


def test_what_was_told_ends_with_the_server(installation: Installation) -> None:
    port = free_port()
    with installation.flask_run(port) as server:
        server.serves(port)
        assert f"served at http://localhost:{port}" in installation.shell.flask(["doctor"]).output
        server.kill()
    output = installation.shell.flask(["doctor"]).output
    assert "served at http://localhost:5000" in output
    assert "SQLite" in output


def test_links_of_flask_run_lead_to_the_port_that_answers_under_the_reloader_too(installation: Installation) -> None:
    port, file = free_port(), installation.folder / "features" / "probe" / "__init__.py"
    with installation.flask_run(port, "--debug") as server:
        server.serves(port)
        assert ask(port) == f"http://localhost:{port}/"
        assert json.loads(ask(port, "/api/v1/openapi.json"))["servers"] == [{"url": f"http://localhost:{port}"}]
        server.wait_for(lambda: touched(file) and server.log.count("Debugger is active!") > 1, "the reload")
        assert ask(port) == f"http://localhost:{port}/"
        assert server.log.count(f"Running on http://localhost:{port}") == 1
        assert f"served at http://localhost:{port}" in installation.shell.flask(["doctor"]).output


def touched(file: Path) -> bool:
    """Again and again: what is changed before the reloader has looked for the first time is no change to it."""
    moment = time.time() // 10 * 10
    os.utime(file, (moment, moment))
    return True


def test_a_worker_that_was_there_first_follows_the_server(installation: Installation) -> None:
    with installation.start("flask", "worker", "--concurrency", "1") as worker:
        worker.wait_for(lambda: installation.noted(), "the worker to start")
        for _start in range(2):
            installation.forget()
            port = free_port()
            with installation.flask_run(port) as server:
                server.serves(port)
                ask(port)
                tasks = worker.wait_for(
                    lambda: [what for who, what in installation.noted() if who == "task"], "the task to be done"
                )
                assert tasks[0][0] == f"http://localhost:{port}"


def test_of_two_servers_each_links_to_itself_and_the_newer_one_is_taken_over(installation: Installation) -> None:
    ports = free_port(), free_port()
    with installation.flask_run(ports[0]) as older:
        older.serves(ports[0])
        with installation.flask_run(ports[1]) as newer:
            newer.serves(ports[1])
            assert [ask(port) for port in ports] == [f"http://localhost:{port}/" for port in ports]
            assert f"localhost:{ports[1]}" in installation.shell.flask(["doctor"]).output
            newer.end()
        assert f"localhost:{ports[0]}" in installation.shell.flask(["doctor"]).output


def test_the_doctor_knows_what_a_feature_declares_and_not_what_is_misspelt(installation: Installation) -> None:
    output = installation.shell.flask(["doctor"]).output
    assert "which nothing reads" not in output
    env = installation.folder / ".env"
    before = env.read_text()
    env.write_text(f"{before}SECRET_KYE=x\nUNDECLARED_KEY=y\n")
    output = installation.shell.flask(["doctor"]).output
    env.write_text(before)
    assert "warn  settings    .env names SECRET_KYE, UNDECLARED_KEY, which nothing reads" in output
    assert "Feature(settings=[...])" in output


def test_a_variable_of_the_process_wins_over_the_file(installation: Installation) -> None:
    installation.shell.sh("WEATHER_KEY=mine flask routes")
    assert [what[-1] for _who, what in installation.noted()] == ["mine"]
    assert "mine" not in environment()
