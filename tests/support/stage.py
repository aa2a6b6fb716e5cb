"""One application, one world and everyone signed in, for tests that make many requests.

    stage.browser("owner@acme.example.com").get("/api/v1/me")     as somebody, without signing in again
    stage.reset()                                                 the rows, limits and caches of the beginning

Besides the two workspaces of the world there is a third, "shut", which the operator suspended.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from enferno.app import create_app
from enferno.extensions import cache, db, limiter
from enferno.tenancy import in_workspace
from enferno.user.models import User
from tests.support import databases
from tests.support.client import Browser
from tests.support.snapshot import Snapshot
from tests.support.world import Person, Team, World, build_world, make_person, make_team

__all__ = ["Stage", "stage_on"]


@dataclass
class Stage:
    app: Flask
    database: databases.Database
    world: World
    shut: Team
    former: Person
    snapshot: Snapshot
    cookies: dict[str, tuple[str, str]] = field(default_factory=dict)

    def browser(self, email: str | None = None) -> Browser:
        """A browser with the cookie that this person got before the snapshot; without a name, a visitor's."""
        twin = Browser(self.app)
        value, twin.csrf = self.cookies[email or ""]
        twin.client.set_cookie(self.app.config["SESSION_COOKIE_NAME"], value)
        return twin

    def reset(self) -> None:
        self.snapshot.restore()
        with self.app.app_context():
            limiter.reset()
            cache.clear()


@contextmanager
def stage_on(
    kind: str,
    folder: Path,
    *,
    prepare: Callable[[Flask], None] = lambda _app: None,
) -> Iterator[Stage]:
    """A stage on the database `kind`; `prepare` may add routes to the application."""
    with databases.fresh(kind, folder) as database:
        app = create_app(databases.settings_for(database, folder, billing_provider="local"))
        prepare(app)
        world = build_world(app)
        shut, former = make_team(app, "shut", "Shut"), make_person(app, "former@example.com", "Fay Former")
        everyone = [*world.acme.people, *world.noise.people, *shut.people, world.stranger, world.root, former]
        cookies = {person.email: cookie_of(Browser(app).sign_in(person.email)) for person in everyone}
        cookies[""] = cookie_of(Browser(app).visit())
        with app.app_context(), in_workspace(shut.id) as workspace:
            workspace.suspend()
        with app.app_context():
            db.session.get_one(User, former.id).deactivate()
            db.session.commit()
        snapshot = Snapshot(database)
        yield Stage(app, database, world, shut, former, snapshot, cookies)
        snapshot.close()
        databases.dispose(app)


def cookie_of(browser: Browser) -> tuple[str, str]:
    cookie = browser.client.get_cookie(browser.app.config["SESSION_COOKIE_NAME"])
    return (cookie.value if cookie else "", browser.csrf)
