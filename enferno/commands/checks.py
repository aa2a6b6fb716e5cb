"""What `flask doctor` looks at. Each check yields a level, what was found, and what to do if it is not well."""

import os
import shutil
import smtplib
import ssl
import tempfile
import time
from collections.abc import Iterator
from email.utils import parseaddr
from urllib.parse import urlsplit

from alembic.script import ScriptDirectory
from alembic.util import CommandError
from dotenv import dotenv_values
from flask import current_app, g
from sqlalchemy import Engine, create_engine, func, pool, select, text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from enferno.addresses import WITHOUT_TLS
from enferno.billing.account import billing
from enferno.billing.sold import unasked_features
from enferno.commands.checks_in_production import assets, beat, proxies, sold
from enferno.commands.create_db import heads_in_the_database, names
from enferno.commands.findings import FAIL, OK, SKIP, WARN, Check, Finding, Found
from enferno.database import now
from enferno.extensions import db, migrate
from enferno.features import features
from enferno.mail.transport import NotEncrypted, mail_server
from enferno.settings import ROOT, current_settings, setting_names
from enferno.tenancy.postgres import faults_at

__all__ = ["CHECKS", "FAIL", "OK", "SKIP", "WARN", "Check", "Finding"]

LOW_DISK_MB, NO_DISK_MB = 1000, 100
ODD_CLOCK_SECONDS, BAD_CLOCK_SECONDS = 5, 60
AS_OWNER = "Run as the owner, whom MIGRATION_DATABASE_URL names: flask create-db"
# Read by Flask and by the tools around the application, so not a misspelt setting when found in .env.
OTHERS = ("FLASK_", "PYTHON", "COMPOSE_", "POSTGRES_")

UNREACHED = (SKIP, "not looked at, since the database cannot be reached", "")


def settings() -> Iterator[Found]:
    """That they hold together is known by now: the application would not have started."""
    mine = current_settings()
    known = setting_names().union(*(feature.settings for feature in features().values()))
    unknown = [name for name in dotenv_values(ROOT / ".env") if name not in known and not name.startswith(OTHERS)]
    if unknown:
        remedy = "Compare with .env-sample; what a feature reads, it declares: Feature(settings=[...])."
        yield WARN, f".env names {', '.join(sorted(unknown))}, which nothing reads", remedy
    yield OK, f"{mine.env}, served at {mine.base_url}", ""


def database() -> Iterator[Found]:
    began = time.perf_counter()
    if kind := database_fault():
        yield FAIL, f"cannot be reached ({kind})", "Is it running, and is DATABASE_URL right?"
        return
    took_ms = (time.perf_counter() - began) * 1000
    url = db.engine.url
    what = f"SQLite, {url.database}" if url.get_backend_name() == "sqlite" else f"PostgreSQL, database {url.database}"
    yield OK, f"{what}, answers in {took_ms:.0f} ms", ""


def own_engine() -> Engine:
    """The application's role without the application's own check of it, which would refuse before anything is seen."""
    waiting = {"connect_timeout": 4} if db.engine.dialect.name == "postgresql" else {}
    return create_engine(db.engine.url, poolclass=pool.NullPool, connect_args=waiting)


def database_fault() -> str:
    """What kept us from reaching the database; empty if nothing did. Asked once: the other parts would wait as well."""
    if "database_fault" not in g:
        g.database_fault = ""
        try:
            with own_engine().connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as fault:
            g.database_fault = type(getattr(fault, "orig", None) or fault).__name__
    return str(g.database_fault)


def migrations() -> Iterator[Found]:
    if database_fault():
        yield UNREACHED
        return
    scripts = ScriptDirectory.from_config(migrate.get_config())
    newest = {script.revision for script in scripts.get_revisions("heads")}
    try:
        in_database = heads_in_the_database()
        # A feature's branch builds upon the kit's, so having applied it means having applied both.
        applied = {script.revision for script in scripts.get_all_current(tuple(in_database))}
    except ProgrammingError:
        yield FAIL, f"{db.engine.url.username} may not read which were applied", AS_OWNER
    except SQLAlchemyError as fault:
        kind = type(getattr(fault, "orig", None) or fault).__name__
        yield FAIL, f"the database cannot be asked ({kind})", "Is MIGRATION_DATABASE_URL right?"
    except CommandError:
        yield FAIL, f"the database is ahead of this code, at {names(in_database)}", "Deploy the code that migrated it."
    else:
        if missing := newest - applied:
            yield (
                FAIL,
                f"not applied: {names(missing)}",
                AS_OWNER
                if current_settings().migration_database_url == "" and db.engine.dialect.name != "sqlite"
                else "Run: flask create-db",
            )
        else:
            yield OK, f"at the newest, {names(newest)}", ""


def clock() -> Iterator[Found]:
    """Compared with the database's. Links in mails, webhooks and second factors fail where clocks disagree."""
    if db.engine.dialect.name == "sqlite":
        yield OK, "this machine's own, and the database has no other", ""
        return
    if database_fault():
        yield UNREACHED
        return
    with own_engine().connect() as connection:
        theirs = connection.scalar(select(func.clock_timestamp()))
    seconds_off = (now() - theirs).total_seconds() if theirs else 0.0
    level = FAIL if abs(seconds_off) > BAD_CLOCK_SECONDS else WARN if abs(seconds_off) > ODD_CLOCK_SECONDS else OK
    remedy = "Set both by NTP: timedatectl set-ntp true" if level != OK else ""
    yield level, f"{seconds_off:+.0f} seconds off the database's", remedy


def role() -> Iterator[Found]:
    """A role that policies do not bind, or a table without them, would leave one wall instead of two."""
    if db.engine.dialect.name != "postgresql":
        level = FAIL if current_settings().is_production else OK
        yield level, "SQLite has no row-level security: one wall, good for development", ""
        return
    if database_fault():
        yield UNREACHED
        return
    faults = faults_at(db.engine)
    for fault in faults:
        yield FAIL, fault, "See docs/postgres.md."
    if not faults:
        yield OK, f"{db.engine.url.username} is bound by the policies of every table", ""


def mail() -> Iterator[Found]:
    if not current_settings().smtp_url:
        yield OK, "no SMTP_URL: mails land in instance/outbox/ and are shown at /dev/mail", ""
        return
    address = urlsplit(current_settings().smtp_url)
    sender = parseaddr(current_settings().mail_from)[1]
    try:
        with mail_server(current_settings()) as server:
            server.ehlo_or_helo_if_needed()
            code, _ = server.mail(sender)
            server.rset()
    except (OSError, smtplib.SMTPException) as fault:
        remedy = next((remedy for kind, remedy in MAIL_REMEDIES.items() if isinstance(fault, kind)), MAIL_REMEDY)
        yield FAIL, f"{address.hostname} cannot be used ({type(fault).__name__})", remedy
        return
    if code >= 400:
        yield FAIL, f"{address.hostname} takes no mail from {sender} (it answers {code})", "Check MAIL_FROM."
    else:
        how = ", without TLS as SMTP_URL asks" if address.query == WITHOUT_TLS else ""
        yield OK, f"{address.hostname} takes mail{how}", ""


MAIL_REMEDY = "Check SMTP_URL and the way there."
MAIL_REMEDIES: dict[type[Exception], str] = {
    NotEncrypted: "It offers no STARTTLS, so mails would be readable on the way: use a server with TLS, or for a relay "
    f"of your own without a password write ?{WITHOUT_TLS} behind SMTP_URL.",
    smtplib.SMTPAuthenticationError: "It refuses the login: check user and password in SMTP_URL.",
    ssl.SSLError: "TLS fails, most often by a certificate that is not for this name: check the host in SMTP_URL.",
}


def cache() -> Iterator[Found]:
    url = current_settings().redis_url
    if not url:
        yield OK, "no REDIS_URL: cache and rate limits are in memory, for each process its own", ""
        return
    from redis import Redis
    from redis.exceptions import RedisError

    try:
        Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2).ping()
    except (RedisError, OSError, ValueError) as fault:
        yield FAIL, f"Redis cannot be used ({type(fault).__name__})", "Is it running, and is REDIS_URL right?"
    else:
        yield OK, f"Redis at {urlsplit(url).hostname} answers", ""


def broker() -> Iterator[Found]:
    if not current_settings().celery_broker_url:
        level = WARN if current_settings().is_production else OK
        remedy = "Set CELERY_BROKER_URL and start a worker." if level == WARN else ""
        yield level, "no CELERY_BROKER_URL: tasks run in the process, and end with it", remedy
        return
    from kombu.exceptions import OperationalError

    from enferno.tasks.broker import broker_connection

    celery = broker_connection(current_settings())
    try:
        with celery.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
            # A worker with all hands full may be slow to say that it is there.
            workers: list[object] = next(filter(None, (celery.control.ping(timeout=2) for _try in range(3))), [])
    except (OSError, OperationalError, *celery.connection().connection_errors) as fault:
        kind = type(fault.__cause__ or fault).__name__
        yield FAIL, f"cannot be reached ({kind})", "Is it running, and is CELERY_BROKER_URL right?"
        return
    if workers:
        yield OK, f"answers, {len(workers)} worker{'' if len(workers) == 1 else 's'}", ""
    else:
        level = FAIL if current_settings().is_production else WARN
        yield level, "answers, but no worker does", "Start one: flask worker"


def disk() -> Iterator[Found]:
    folder = current_settings().instance_path
    free_mb = shutil.disk_usage(folder).free // 10**6
    level = FAIL if free_mb < NO_DISK_MB else WARN if free_mb < LOW_DISK_MB else OK
    yield level, f"{free_mb:,} MB free", "Make room." if level != OK else ""


def instance() -> Iterator[Found]:
    folder = current_settings().instance_path
    try:
        with tempfile.TemporaryFile(dir=folder):
            yield OK, f"{folder} can be written", ""
    except OSError as fault:
        yield FAIL, f"{folder} cannot be written ({fault.strerror})", f"Give it to user {os.geteuid()}."


def product() -> Iterator[Found]:
    loaded = ", ".join(features(current_app)) or "none"
    yield OK, f"{loaded}, from {current_settings().features_path}", ""


def plans() -> Iterator[Found]:
    """Limits that nothing counts are known by now: the application would not have started."""
    if not billing().sells:
        yield OK, "nothing is sold, and everything is allowed", ""
        return
    unasked = list(unasked_features(current_app))
    for name, where in unasked:
        remedy = f'Put @requires_feature("{name}") on the views that it opens, or take it out.'
        yield WARN, f"{where}: sells {name}, which no view asks for: everybody has it", remedy
    if not unasked:
        yield OK, f"{len(billing().catalogue.plans)} plans, and all that they name is counted or asked for", ""


CHECKS: tuple[tuple[str, Check], ...] = (
    ("settings", settings),
    ("database", database),
    ("migrations", migrations),
    ("clock", clock),
    ("role", role),
    ("mail", mail),
    ("cache", cache),
    ("broker", broker),
    ("beat", beat),
    ("proxies", proxies),
    ("billing", sold),
    ("assets", assets),
    ("disk", disk),
    ("instance", instance),
    ("features", product),
    ("plans", plans),
)
