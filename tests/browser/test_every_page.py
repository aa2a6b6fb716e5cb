"""Every page there is, with hostile names in every row: shown as text, quiet, and without serious findings of axe.

The pages come from the URL map, so tomorrow's page is looked at the day it exists.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from enferno.access.guards import guard_of
from enferno.billing.demo import begin_trial
from enferno.extensions import db
from enferno.settings import Settings
from enferno.tenancy import in_workspace
from enferno.user.models import User
from enferno.workspace.models import Workspace
from tests.browser.conftest import ready, share_compiled
from tests.support import databases
from tests.support.chromium import axe

HOSTILE = "${constructor.constructor('hacked()')()}{{7*7}}<img src=x onerror=hacked()>"
# Pages that need something which a visit alone does not bring, and the test that opens each.
ELSEWHERE = {
    "security.confirm_email": "tests/browser/test_entrance.py",
    "security.reset_password": "tests/browser/test_entrance.py",
    "local_billing.checkout": "tests/browser/test_billing.py",
    "local_billing.portal": "tests/browser/test_billing.py",
    "dev_mail.show": "tests/browser/test_entrance.py",
    "dev_mail.html": "tests/browser/test_entrance.py",
}
# Not pages: files, health, redirects, the interface for programs.
NO_PAGES = ("static", "health.", "api.", "portal.start")
SIGNED_OUT = (
    "public.",
    "security.login",
    "security.register",
    "security.forgot_password",
    "security.send_confirmation",
)


@pytest.fixture
def settings(settings: Settings, database: databases.Database, tmp_path: Path, compiled: Path) -> Settings:
    instance = share_compiled(tmp_path / "instance", compiled)
    return databases.settings_for(
        database, tmp_path, instance_path=instance, base_url=settings.base_url, billing_provider="local"
    )


@pytest.fixture
def hostile(app: Flask, world: Any) -> Any:
    """The world, with names that would run if any page took them for code."""
    with app.app_context():
        for user in db.session.scalars(select(User)):
            user.name = HOSTILE
        for workspace in db.session.scalars(select(Workspace)):
            workspace.name = HOSTILE[:80]
        db.session.commit()
    with app.test_request_context(), in_workspace(world.acme.id) as workspace:
        workspace.rename(HOSTILE[:79])
        begin_trial(db.session.get_one(User, world.acme.owner.id))
    from features.projects.register import add
    from features.projects.schemas import ProjectIn

    with app.test_request_context(), in_workspace(world.acme.id):
        add(ProjectIn(name=HOSTILE, owner_id=world.acme.owner.id))
    return world


def addresses(app: Flask, world: Any) -> Iterator[tuple[str, str | None]]:
    """Every page's address, and who opens it."""
    ids = {"slug": "acme", "user_id": str(world.acme.owner.id), "workspace_id": str(world.acme.id)}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" not in (rule.methods or ()) or not is_page(app, rule.endpoint):
            continue
        missing = rule.arguments - ids.keys()
        assert not missing, f"{rule.endpoint} needs {missing}: give an example here, or name it in ELSEWHERE"
        path = rule.rule
        for name, value in ids.items():
            path = path.replace(f"<{name}>", value).replace(f"<uuid:{name}>", value)
        guard = str(guard_of(rule.endpoint, app))
        who = world.root.email if guard == "superadmin_only" else world.acme.owner.email
        yield path, None if rule.endpoint.startswith(SIGNED_OUT) or guard == "open_to_all" else who


def is_page(app: Flask, endpoint: str) -> bool:
    if endpoint == "api.reference.docs":
        return True
    is_json = hasattr(app.view_functions[endpoint], "__contract__")
    return not (is_json or endpoint.startswith(NO_PAGES) or endpoint in ELSEWHERE)


@pytest.mark.parametrize(("width", "scheme"), [("desktop", "light"), ("phone", "dark"), ("desktop", "dark")])
def test_every_page_shows_hostile_names_as_text_and_is_quiet_and_accessible(
    app: Flask, hostile: Any, page_as: Any, width: str, scheme: str
) -> None:
    found = list(addresses(app, hostile))
    assert len(found) > 20
    showing = 0
    for who in {who for _, who in found}:
        page = page_as(who, width=width, scheme=scheme)
        page.add_init_script("window.hacked = () => { window.wasHacked = true }")
        for path, reader in found:
            if reader != who:
                continue
            page.goto(path)
            if not path.startswith("/dev/"):
                ready(page)
                page.wait_for_load_state("networkidle")
            axe(page)
            text = page.inner_text("body")
            showing += HOSTILE[:60] in text
            assert "49<img" not in text, f"{path} evaluated a name"
            assert page.evaluate("window.wasHacked") is None, f"{path} ran a name"
    assert showing > 8, "the hostile names are not on the pages that should show them"


def test_every_exception_names_a_test_that_exists() -> None:
    root = Path(__file__).parents[2]
    assert [file for file in set(ELSEWHERE.values()) if not (root / file).is_file()] == []
