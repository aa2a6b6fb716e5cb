"""Features are found, checked and registered; without one the application works."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from enferno.author import AuthorFault
from enferno.features import folders, load, migration_folders
from enferno.settings import Settings
from tests.conftest import DATABASES
from tests.support import databases, postgres

ROOT = Path(__file__).parent.parent.parent

# In a process of its own: an import cannot be taken back.
SCRIPT = """
import sys
from flask_migrate import upgrade
from enferno.app import create_app
from tests.support.world import build_world
from tests.support.client import Browser

app = create_app()
with app.app_context():
    upgrade(revision="heads")
world = build_world(app)
browser = Browser(app).sign_in(world.acme.owner.email)
home = browser.get("/w/acme/")
overview = browser.get(f"{world.acme.api}/overview")
assert home.status_code == 200, home.status_code
assert "/w/acme/projects" not in home.text
assert overview.status_code == 200 and overview.json["cards"] == [], overview.text
assert browser.get("/w/acme/projects").status_code == 404
assert browser.get(f"{world.acme.api}/projects").status_code == 404
assert not [name for name in sys.modules if name.startswith("features.")], "a feature was imported"
check = app.test_cli_runner().invoke(args=["db", "check"])
assert check.exit_code == 0, check.output
print("works without a feature")
"""


@pytest.fixture(params=DATABASES)
def empty(request, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
        yield databases.Database("sqlite", url, url, url)
        return
    found = postgres.cluster().new_database()
    yield databases.Database("postgresql", found.app, found.owner, found.superuser)
    found.drop()


def test_the_application_works_without_the_projects_folder(empty, tmp_path):
    copy = tmp_path / "features"
    shutil.copytree(ROOT / "features", copy, ignore=shutil.ignore_patterns("projects", "__pycache__"))
    environ = {
        "ENV": "testing",
        "SECRET_KEY": databases.KEY,
        "SECURITY_PASSWORD_SALT": databases.SALT,
        "DATABASE_URL": empty.app_url,
        "MIGRATION_DATABASE_URL": empty.migration_url,
        "INSTANCE_PATH": str(tmp_path / "instance"),
        "FEATURES_PATH": str(copy),
        "LOG_LEVEL": "ERROR",
        "PYTHONPATH": str(ROOT),
    }
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "works without a feature" in result.stdout


def write(root, name, text):
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(text)
    return folder


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder of features with a name of its own, so that each test imports afresh."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path / f"shelf_{os.urandom(4).hex()}"


def test_a_folder_without_a_feature_says_what_to_write(shelf):
    for name, text in (("empty", ""), ("other", "from enferno.features import Feature\nfeature = Feature(name='x')")):
        with pytest.raises(AuthorFault, match=rf'__init__.py:\d: must define feature = Feature\(name="{name}"'):
            load(write(shelf, name, text))


def test_folders_with_a_leading_dot_or_underscore_are_left_out(shelf):
    for name in ("_draft", ".hidden", "beta", "alpha"):
        write(shelf, name, "")
    (shelf / "notes").mkdir()
    assert [folder.name for folder in folders(shelf)] == ["alpha", "beta"]


def test_only_folders_with_migrations_are_branches(shelf):
    (write(shelf, "alpha", "") / "migrations").mkdir()
    write(shelf, "beta", "")
    assert migration_folders(shelf) == [shelf / "alpha" / "migrations"]


def test_no_folder_of_features_is_no_feature(tmp_path):
    assert folders(tmp_path / "nowhere") == []


def test_the_setting_leads_to_the_features_of_this_repository():
    assert Settings().features_path == ROOT / "features"
