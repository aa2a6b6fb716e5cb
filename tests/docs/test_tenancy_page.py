"""docs/tenancy.md tells the truth: its code is a feature that is installed here and run, on both databases."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/tenancy.md"

INIT = """
from enferno.features import Feature
from features.notes import tasks
from features.notes.api import notes
from features.notes.exports import exports

feature = Feature(name="notes", blueprints=[notes, exports])
"""
# What `flask db migrate` writes, made from the models instead; the page's own line comes after it.
MIGRATION = """
from alembic import op
from enferno.database import Base
from enferno.tenancy.policies import protect
import features.notes.models

revision, down_revision, branch_labels, depends_on = "notes_1", None, ("notes",), ("2026_11_20_kit",)

def upgrade():
    names = ("notebooks", "labels", "notes", "note_labels")
    Base.metadata.create_all(op.get_bind(), tables=[Base.metadata.tables[name] for name in names])
    {line}
"""
RUN = """
import json, sys
from pathlib import Path
folder, kind, app_url, migration_url, owner_url = sys.argv[1:6]
folder = Path(folder)
sys.path.insert(0, str(folder))
from flask_migrate import upgrade
from sqlalchemy import create_engine, select, text, update
from enferno.app import create_app
from enferno.extensions import db
from enferno.tenancy import TenancyError, bind_workspace, in_workspace
from tests.support import databases
from enferno.tenancy.catalogue import key_faults
from enferno.tenancy.postgres import wall_faults
from enferno.tenancy.proof import KEY
from tests.support.client import Browser
from tests.support.world import build_world

found = databases.Database(kind, app_url, migration_url, owner_url)
app = create_app(databases.settings_for(found, folder, features_path=folder / "features"))
with app.app_context():
    upgrade(revision="heads")
world = build_world(app)
acme, noise = world.acme.id, world.noise.id
from features.notes.models import Label, Note, Notebook
from features.notes.report import notes_by_workspace
from features.notes.tasks import shout

with app.app_context():
    exec((folder / "block.py").read_text())
    with in_workspace(acme):
        note_id = db.session.scalars(select(Note.id)).one()
    for line in (folder / "raises.txt").read_text().splitlines():
        code, _, said = line.partition("#")
        wanted = said.split(":")[0].strip()
        try:
            if code.startswith(" "):
                with in_workspace(acme):
                    exec(code.strip())
            else:
                exec(code.strip())
        except TenancyError as refusal:
            assert type(refusal).__name__ == wanted, (line, refusal)
        else:
            raise AssertionError("not refused: " + line)
        db.session.rollback()
    shout.queue(acme, note_id)
    db.session.commit()
    assert notes_by_workspace() == {acme: 1}
    db.session.rollback()

mine, other = Browser(app).sign_in(world.acme.member.email), Browser(app).sign_in(world.noise.owner.email)
assert mine.get(f"{world.acme.api}/notes").json["items"] == [{"id": str(note_id), "text": "A FIRST NOTE"}]
assert other.get(f"{world.noise.api}/notes").json["total"] == 0
assert mine.get("/w/acme/notes.txt").text == "A FIRST NOTE\\n"
assert other.get("/w/noise/notes.txt").text == ""
assert mine.get(f"{world.acme.api}/notes/{note_id}").status_code == 200
assert other.get(f"{world.noise.api}/notes/{note_id}").status_code == 404
assert other.get(f"{world.acme.api}/notes/{note_id}").status_code == 404

role = create_engine(app_url)
with role.connect() as connection:
    assert key_faults(connection) == []
    if kind == "postgresql":
        assert wall_faults(connection.connection.driver_connection) == []
role.dispose()
with app.app_context(), db.engine.raw_connection() as raw:
    seen = raw.cursor().execute("SELECT count(*) FROM notes").fetchone()[0]
assert seen == (0 if kind == "postgresql" else 1)
databases.dispose(app)
print("as the page says")
"""


def blocks():
    """The page's code, by the comment in its first line."""
    found = re.findall(r"^```python\n# ([^\n]+)\n(.*?)^```", PAGE.read_text(), re.M | re.S)
    return dict(found)


def install(folder):
    shutil.copytree(ROOT / "features", folder / "features", ignore=shutil.ignore_patterns("__pycache__", "tests"))
    home = folder / "features" / "notes"
    (home / "migrations").mkdir(parents=True)
    (home / "__init__.py").write_text(INIT)
    page = blocks()
    for name in ("models", "api", "exports", "tasks", "report"):
        (home / f"{name}.py").write_text(page[f"features/notes/{name}.py"])
    line = page["features/notes/migrations/notes.py (its last line)"].strip()
    (home / "migrations" / "notes.py").write_text(MIGRATION.format(line=line))
    (folder / "block.py").write_text(page["anywhere with an application context"])
    raising = page["each of these raises"].replace("with in_workspace(acme):\n", "")
    (folder / "raises.txt").write_text(raising)
    (folder / "run.py").write_text(RUN)


def test_every_block_of_the_page_is_run_here():
    assert len(re.findall(r"^```", PAGE.read_text(), re.M)) == 2 * len(blocks())
    assert len(blocks()) == 8


def test_the_page_is_one_page_and_names_three_limits():
    text = PAGE.read_text()
    assert len(text.splitlines()) <= 220
    limits = text.partition("## The three things it cannot do")[2]
    assert re.findall(r"^(\d)\. \*\*", limits, re.M) == ["1", "2", "3"]


def test_the_feature_of_the_page_works_as_it_says(database, tmp_path):
    install(tmp_path)
    ran = subprocess.run(
        [sys.executable, tmp_path / "run.py", tmp_path, database.kind, *urls(database)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout.strip().endswith("as the page says"), ran.stdout + ran.stderr


def urls(database):
    return database.app_url, database.migration_url, database.owner_url


def test_every_link_of_the_page_leads_somewhere():
    for target in re.findall(r"\]\(([\w./-]+)\)", PAGE.read_text()):
        assert (PAGE.parent / target).is_file(), target
