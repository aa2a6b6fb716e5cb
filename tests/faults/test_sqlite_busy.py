"""SQLite takes one writer at a time; whoever waits too long is told to come back."""

from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from enferno.app import create_app
from tests.support import databases
from tests.support.world import build_world


def test_a_locked_sqlite_goes_on_reading_and_answers_writes_with_503(tmp_path: Path, owner: Any) -> None:
    with databases.fresh("sqlite", tmp_path) as database:
        app = create_app(databases.settings_for(database, tmp_path))
        build_world(app)
        browser = owner(app)
        engine = create_engine(database.owner_url)
        with engine.connect() as connection:
            connection.execute(text("UPDATE workspaces SET name = name"))
            assert browser.get("/api/v1/workspaces/acme").status_code == 200
            response = browser.patch("/api/v1/workspaces/acme", json={"name": "Later"})
        assert response.status_code == 503
        assert browser.patch("/api/v1/workspaces/acme", json={"name": "Now"}).status_code == 200
        databases.dispose(app)
        engine.dispose()
