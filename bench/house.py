"""A database of the size that is asked for, and people who are signed in to it."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from sqlalchemy import insert

from enferno.app import create_app
from enferno.database import new_id, now
from enferno.extensions import db
from enferno.tenancy import in_workspace
from tests.support import databases
from tests.support.client import Browser
from tests.support.crowd import crowd
from tests.support.servers import free_port, own_postgres, valkey
from tests.support.statements import count_statements
from tests.support.world import World, build_world

HOST = "app.example.com"
COOKIE = "__Host-session"


@dataclass(frozen=True)
class Address:
    """What is asked for, and as whom: a member of the workspace, the superadmin, or nobody."""

    name: str
    path: str
    who: str = ""


@dataclass
class House:
    folder: Path
    environ: dict[str, str]
    app: Flask
    world: World
    browsers: dict[str, Browser] = field(default_factory=dict)

    def headers(self, address: Address) -> dict[str, str]:
        given = {"Host": HOST, "Accept": "text/html" if not address.path.startswith("/api/") else "application/json"}
        if address.who:
            cookie = self.browsers[address.who].client.get_cookie("session")
            assert cookie is not None
            given["Cookie"] = f"{COOKIE}={cookie.value}"
        return given

    def statements(self, address: Address) -> int:
        """How many a warm request sends, the ones that tell PostgreSQL the workspace included."""
        browser = self.browsers[address.who]
        browser.get(address.path)
        with self.app.app_context(), count_statements(db.engine) as sent:
            answer = browser.get(address.path)
        if answer.status_code != 200:
            raise RuntimeError(f"{address.path} answered {answer.status_code}")
        return len(sent)


@contextmanager
def house(folder: Path, users: int, projects: int) -> Iterator[House]:
    """Everything but the server: migrated, filled, three people at their browsers."""
    with ExitStack() as parts:
        postgres = parts.enter_context(own_postgres())
        redis = parts.enter_context(valkey())
        database = postgres.database()
        environ = production(database.app_url, redis.url, folder)
        # The same key, so that its cookies are good for the served one, but on plain http, where a test client lives.
        app = create_app(databases.settings_for(database, folder))
        parts.callback(databases.dispose, app)
        world = build_world(app)
        crowd(app, users=users, workspaces=max(1, users // 5))
        fill_projects(app, world, projects)
        postgres.execute("CHECKPOINT")
        built = House(folder, environ, app, world)
        for who, email in {"": None, "member": world.acme.member.email, "root": world.root.email}.items():
            built.browsers[who] = Browser(app).sign_in(email) if email else Browser(app)
        yield built


def production(database: str, redis: str, folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "ENV": "production",
        "BASE_URL": f"https://{HOST}",
        "SECRET_KEY": databases.KEY,
        "SECURITY_PASSWORD_SALT": databases.SALT,
        "DATABASE_URL": database.replace("+psycopg", ""),
        "MIGRATION_DATABASE_URL": "",
        "REDIS_URL": redis,
        "SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
        "MAIL_FROM": "Bench <bench@example.com>",
        "INSTANCE_PATH": str(folder / "instance"),
    }


def fill_projects(app: Flask, world: World, count: int) -> None:
    """As many in the workspace beside, so that a forgotten filter would be paid for."""
    from features.projects.models import Project

    for team in (world.acme, world.noise):
        rows = [{"id": new_id(), "name": f"Project {number:05}", "created_at": now()} for number in range(count)]
        with app.app_context(), in_workspace(team.id):
            db.session.execute(insert(Project), rows)
    with app.app_context():
        db.session.commit()
