"""No room left (cases/faults, 13): a clean error, no half file, and reads go on."""

import io
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import event, select, text

from enferno.app import create_app
from enferno.extensions import db, limiter
from enferno.mail import send
from enferno.mail.delivery import drain_mail
from enferno.mail.models import QUEUED, OutboundMail
from tests.support import databases
from tests.support.client import Browser
from tests.support.world import build_world

ACME = "/api/v1/workspaces/acme"


@contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """No file of this process grows beyond so many bytes: what a full disk does to whoever is writing just then."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Any]:
    with databases.fresh("sqlite", tmp_path) as database:
        app = create_app(databases.settings_for(database, tmp_path))
        build_world(app)
        yield app
        databases.dispose(app)


def test_a_log_that_cannot_be_written_stops_no_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("wb", buffering=0) as device, databases.fresh("sqlite", tmp_path) as database:
        full = io.TextIOWrapper(io.BufferedWriter(device), line_buffering=True)
        monkeypatch.setattr("sys.stderr", full)
        app = create_app(databases.settings_for(database, tmp_path, log_level="INFO"))
        with pytest.raises(OSError, match="No space left"):
            full.write("a line\n")
        build_world(app)
        browser = Browser(app).sign_in("owner@acme.example.com")
        assert browser.get(ACME).status_code == 200
        assert browser.patch(ACME, json={"name": "Written"}).status_code == 200
        assert browser.get(ACME).get_json()["name"] == "Written"
        databases.dispose(app)
    structlog.reset_defaults()


def test_on_a_full_sqlite_reads_go_on_and_writes_are_503(on_sqlite: Any, owner: Any) -> None:
    browser = owner(on_sqlite)
    with on_sqlite.app_context():
        engine = db.engine
        with engine.connect() as connection:
            pages = connection.connection.cursor().execute("PRAGMA page_count").fetchone()[0]
        engine.dispose()

    @event.listens_for(engine, "connect")
    def no_page_more(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    answers = [browser.post("/api/v1/me/workspaces", json={"name": f"Room {n}" * 10}) for n in range(15)]
    assert browser.get(ACME).status_code == 200
    event.remove(engine, "connect", no_page_more)
    engine.dispose()
    with on_sqlite.app_context():
        limiter.reset()
    refused = [answer for answer in answers if answer.status_code != 201]
    assert {answer.status_code for answer in refused} == {503}, "nothing was full"
    assert {answer.headers["Retry-After"] for answer in refused} == {"5"}
    kept = {workspace["name"] for workspace in browser.get("/api/v1/me/workspaces").get_json()["items"]}
    assert len(kept) == 1 + len(answers) - len(refused), "half a workspace was kept"
    assert browser.post("/api/v1/me/workspaces", json={"name": "Room again"}).status_code == 201


def test_what_postgresql_cannot_extend_is_503(serving: Any, owner: Any, from_outside: Any) -> None:
    """The server's own words for a full disk (53100), said by a trigger, since no test fills the machine's disk."""
    browser = owner(serving())
    with from_outside() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                " RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
            )
        )
        connection.execute(
            text("CREATE TRIGGER full_disk BEFORE INSERT ON activities FOR EACH ROW EXECUTE FUNCTION full_disk()")
        )
        connection.commit()
    response = browser.patch(ACME, json={"name": "No room"})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert browser.get(ACME).get_json()["name"] == "Acme"


def test_a_mail_for_which_there_is_no_room_leaves_no_half_file_and_goes_out_later(on_sqlite: Any) -> None:
    outbox = on_sqlite.extensions["settings"].instance_path / "outbox"
    with on_sqlite.app_context():
        send("ada@example.com", "A long letter", "many words " * 4000)
        write = Path.write_bytes
        # Only the folder is full: SQLite's own files must go on growing.
        Path.write_bytes = lambda self, data: limited(write, self, data)  # type: ignore[method-assign]
        try:
            db.session.commit()
        finally:
            Path.write_bytes = write  # type: ignore[method-assign]
        assert not outbox.exists() or list(outbox.iterdir()) == []
        mail = db.session.scalars(select(OutboundMail)).one()
        assert (mail.status, mail.tries) == (QUEUED, 1)
        mail.next_try_at = mail.created_at
        db.session.commit()
        drain_mail()
        db.session.commit()
    (file,) = outbox.iterdir()
    assert file.suffix == ".eml"
    assert file.read_text().count("many words") > 3000


def limited(write: Any, path: Path, content: Any) -> int:
    with files_end_at(1000):
        return int(write(path, content))
