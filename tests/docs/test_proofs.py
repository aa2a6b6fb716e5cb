"""A proof that could not fail would prove nothing: each is shown a block that lies."""

import re

import pytest
from flask import Flask

from enferno.settings import ROOT
from tests.docs.commands import faults_of
from tests.docs.names import calls_that_lead_nowhere, files_that_are_missing, routes_that_are_missing
from tests.docs.proofs import faults_in
from tests.docs.reading import Block

PAGE = ROOT / "docs" / "index.md"
FREE = '[[plan]]\nkey = "free"\nname = "Free"\n'
LIES = [
    ("", "", "anything", "a block of no kind, which nothing proves"),
    ("nginx", "", "server {}", "a block of nginx, which nothing proves"),
    ("python", "named", "print(1)", "only commands are `named`"),
    ("sh", "named", "flask no-such-command", "flask has no command no-such-command"),
    ("sh", "named", "flask reset --loudly", "No such option '--loudly'"),
    ("sh", "named", "flask billing replay", "Missing argument"),
    ("sh", "named", ".venv/bin/python -m no.such.module", "there is no module|No module named"),
    ("sh", "named", ".venv/bin/python -m tests.isolation.matrix --draw", "has no option --draw"),
    ("sh", "named", "docker compose exec webserver flask doctor", "has no service webserver"),
    ("sh", "named", "docker compose exec website flask doktor", "has no command doktor"),
    ("sh", "named", "mkdir x && frobnicate x", "frobnicate: no such program"),
    ("sh", "named", "NO_SUCH_NAME=1 flask doctor", "nothing reads NO_SUCH_NAME"),
    ("html", "", "<kit-tabel></kit-tabel>", "there is no component <kit-tabel>"),
    ("html", "", "<p v-if>x</p>", "missing|expression"),
    ("html", "", "<v-btn v-if=\"can('projects.manage')\"></v-btn>", "there is no such permission"),
    ("html", "", '<kit-table :ulr="url"></kit-table>', "<kit-table> takes no ulr"),
    ("html", "", '<v-btn prepend-icon="mdi-flamingo"></v-btn>', "there is no icon mdi-flamingo"),
    ("toml", "", "[tool.uv]\nmanaged = false", "TOML that is not plans"),
    ("text", "", "warn  setings    Mend it. Compare with .env-sample; what", "does not look at 'setings'"),
    ("text", "", "warn  settings    Odd. Nobody says this anywhere.", "nothing says"),
    ("toml", "", FREE + "limits.boats = { amount = 3 }", "which nothing counts"),
    ("toml", "", FREE + 'features = ["boat_log"]', "which no page gates"),
    ("toml", "", FREE + "price = 3", "price"),
    ("dotenv", "", "SMTP_ULR=smtp://x", "SMTP_ULR is no setting"),
    ("dotenv", "", "SESSION_IDLE_DAYS=many", "SESSION_IDLE_DAYS"),
    (
        "ini",
        "",
        "[Service]\nExecStart=/srv/readykit/.venv/bin/uwsgi --ini deploy/none.ini",
        "there is no deploy/none.ini",
    ),
    ("ini", "", "pool_mode = statement", "not one of PgBouncer's"),
    ("cron", "", "* * * *  flask tick now", "five fields"),
    ("cron", "", "* * * * *  flask tock", "no command tock"),
    ("pycon", "", ">>> from enferno.tenancy import in_a_boat", "enferno.tenancy has no in_a_boat"),
    ("pycon", "", ">>> boats = list(harbours)", "harbours is not there"),
    ("text", "", "features/boats/\n  api.py   the JSON", "no such file"),
    ("text", "", "Error: a.py:1: sail away under your route", "nothing says 'sail away under your route'"),
    ("text", "", "people ── website", "is not drawn"),
    ("yaml", "", "services: {webserver: {}}", "no service webserver"),
]


@pytest.mark.parametrize(("kind", "note", "text", "says"), LIES, ids=range(len(LIES)))
def test_a_block_that_lies_is_told_with_its_place(clone_app: Flask, kind: str, note: str, text: str, says: str) -> None:
    told = "\n".join(faults_in(Block(PAGE, kind, text, 7, note), clone_app))
    assert re.search(says, told), told
    assert told.startswith("docs/index.md:7: ")


@pytest.mark.parametrize(
    "word",
    ["enferno/no_such_room/", "tests/no_such.py", "no_such_file.toml", "deploy/none.sql"],
)
def test_a_file_that_is_not_there_is_told(word: str) -> None:
    assert list(files_that_are_missing(word))


@pytest.mark.parametrize(
    "word", ["/superadmin/bills", "POST /api/v1/me", "/api/v1/workspaces/<slug>/boats", "/w/<slug>/x"]
)
def test_an_address_that_is_not_there_is_told(clone_app: Flask, word: str) -> None:
    assert list(routes_that_are_missing(word, clone_app))


@pytest.mark.parametrize("word", ["take_all('projects')", "Workspace.multiply", "@requires_boat", "no_such_name"])
def test_a_name_that_no_source_knows_is_told(word: str) -> None:
    assert list(calls_that_lead_nowhere(word))


def test_an_option_in_the_text_is_looked_up(clone_app: Flask) -> None:
    assert list(faults_of("flask demo --if-full", clone_app, whole=False))
    assert not list(faults_of("flask reset", clone_app, whole=False))
